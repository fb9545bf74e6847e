"""Request bodies: read after the token was checked, up to a limit."""

from collections.abc import AsyncIterator
from typing import Any

from genasset.api.answers import AnyRequest, ClientGone
from genasset.errors import Invalid, TooLarge, UnsupportedMedia
from genasset.jsontext import clean_metadata
from genasset.settings import Settings


async def body_pieces(request: AnyRequest, limit: int) -> AsyncIterator[bytes]:
    """The body as it comes. Raises TooLarge as soon as it is known to pass `limit`, ClientGone when it breaks off."""
    declared = request.headers.get("content-length", "")
    left = limit - (int(declared) if declared.isdigit() and int(declared) > limit else 0)
    more = True
    while more:
        if left < 0:
            raise TooLarge(f"The body is larger than the limit of {limit} bytes.")
        message = await request.receive()
        if message["type"] != "http.request":
            raise ClientGone
        piece = message.get("body", b"")
        left -= len(piece)
        more = message.get("more_body", False)
        if piece and left >= 0:
            yield piece
    if left < 0:
        raise TooLarge(f"The body is larger than the limit of {limit} bytes.")


async def read_body(request: AnyRequest, limit: int) -> bytes:
    """The whole body."""
    return b"".join([piece async for piece in body_pieces(request, limit)])


async def read_object(request: AnyRequest, settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """The JSON object in the body, and warnings. An empty body is an empty object."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind not in ("application/json", ""):
        raise UnsupportedMedia(f"Send the body as application/json, not as {kind}.", code="wrong_content_type")
    data = await read_body(request, settings.json_limit)
    text = as_text(data, "body")
    if not text.strip():
        return {}, []
    return clean_metadata(text, field="body", max_depth=settings.json_depth)


def as_text(data: bytes, field: str) -> str:
    """Bytes as the UTF-8 text they must be. Raises Invalid naming the field."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Invalid(f"{field} is not UTF-8 text (byte {error.start}); send it as UTF-8.", field=field) from None


def text_in(body: dict[str, Any], field: str) -> str | None:
    """A text of a JSON body, or None when it is not there or null. Raises Invalid for another type."""
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Invalid(f"{field} must be a text.", field=field)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Invalid(f"{field} holds half of a surrogate pair; send whole characters.", field=field) from None
    return value


def texts_in(body: dict[str, Any], field: str) -> tuple[str, ...] | None:
    """A list of texts of a JSON body, or None when it is not there or null. Raises Invalid for another type."""
    values = body.get(field)
    if values is None:
        return None
    if not isinstance(values, list):
        raise Invalid(f"{field} must be a list of texts.", field=field)
    return tuple(text_in({field: value}, field) or "" for value in values)

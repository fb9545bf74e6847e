"""Request bodies: read after the token was checked, up to a limit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Any

from litestar.concurrency import sync_to_thread

from genasset.api.answers import AnyRequest, ClientGone
from genasset.errors import Invalid, Stalled, TooLarge, UnsupportedMedia
from genasset.jsontext import clean_metadata
from genasset.library import Library

SMALL = 64 * 1024
"""Bytes of a body that is parsed at once, without waiting for memory."""
PARSING = 32
"""Memory that parsed JSON takes at most, for each byte of its text."""


async def body_pieces(request: AnyRequest, limit: int, patience: float) -> AsyncIterator[bytes]:
    """The body as it comes.

    Raises TooLarge as soon as it is known to pass `limit` bytes, Stalled when nothing came for
    `patience` seconds, ClientGone when it breaks off.
    """
    declared = request.headers.get("content-length", "")
    left = limit - (int(declared) if declared.isascii() and declared.isdigit() else 0)
    more = left >= 0
    left = limit if more else left
    while more:
        message = await _next_message(request, patience)
        piece = message.get("body", b"")
        left -= len(piece)
        more = message.get("more_body", False) and left >= 0
        if piece and left >= 0:
            yield piece
    if left < 0:
        raise TooLarge(f"The body is larger than the limit of {limit} bytes.")


async def _next_message(request: AnyRequest, patience: float) -> Any:
    try:
        async with asyncio.timeout(patience):
            message = await request.receive()
    except TimeoutError:
        raise Stalled(f"Nothing of the body came for {patience:.0f} seconds; send it again.") from None
    if message["type"] != "http.request":
        raise ClientGone
    return message


async def read_object(request: AnyRequest, library: Library) -> tuple[dict[str, Any], list[str]]:
    """The JSON object in the body of an edit, and warnings. An empty body is an empty object."""
    settings = library.settings
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind not in ("application/json", ""):
        raise UnsupportedMedia(f"Send the body as application/json, not as {kind}.", code="wrong_content_type")
    pieces = body_pieces(request, min(settings.edit_limit, settings.json_limit), settings.idle_seconds)
    data = b"".join([piece async for piece in pieces])
    if len(data) < SMALL:
        return _parsed(library, data)
    return await sync_to_thread(_parsed, library, data)


def _parsed(library: Library, data: bytes) -> tuple[dict[str, Any], list[str]]:
    text = as_text(data, "body")
    if not text.strip():
        return {}, []
    # Short objects in a list, the worst case, take about thirty times their text.
    with library.decoding.take(PARSING * len(data)) if len(data) >= SMALL else nullcontext():
        return clean_metadata(text, field="body", max_depth=library.settings.json_depth)


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

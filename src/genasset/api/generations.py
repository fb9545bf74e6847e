"""POST /generations: a picture with its recipe becomes a version."""

import base64
import binascii
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec
from litestar import post
from litestar.concurrency import sync_to_thread
from msgspec import Raw, Struct

from genasset import wire
from genasset.api import PREFIX
from genasset.api.answers import AnyRequest, JsonResponse, answer, etag
from genasset.api.auth import caller_of, library_of, links_of
from genasset.api.bodies import PARSING, SMALL, as_text, body_pieces
from genasset.api.upload import Form, receive_form
from genasset.assets.draft import TEXT_FIELDS, check_input_count, make_draft
from genasset.assets.save import save
from genasset.blobs.incoming import Incoming
from genasset.errors import Forbidden, Invalid, UnsupportedMedia
from genasset.jsontext import clean_object
from genasset.library import Library
from genasset.model import Caller, Draft, Saved, Upload
from genasset.shapes import SavedAnswer

LONGEST_KEY = 255
NULL = Raw(b"null")
"""A document that was not sent; `Raw | None` would take nothing but null."""


class JsonSave(Struct):
    """A save as JSON, for clients that have no file at hand."""

    image_base64: str | None = None
    image_url: str | None = None
    input_images_base64: list[str] = []
    filename: str | None = None
    asset_id: str | None = None
    asset_name: str | None = None
    prompt: str | None = None
    negative_prompt: str | None = None
    model: str | None = None
    seed: int | str | None = None
    intent: str | None = None
    source: str | None = None
    workflow_json: Raw = NULL
    metadata: Raw = NULL
    tags: list[str] | str | None = None
    notes_md: str | None = None
    version_label: str | None = None


@post(f"{PREFIX}/generations")
async def save_generation(request: AnyRequest) -> JsonResponse:
    """Save a picture with its recipe as the next version of an asset."""
    library = library_of(request)
    caller = await sync_to_thread(caller_of, request, "write")
    key = _idempotency_key(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    incoming = Incoming(library.incoming)
    try:
        if kind == "multipart/form-data":
            form = await receive_form(request, library.settings, incoming)
            saved = await sync_to_thread(_save_form, library, caller, form, incoming, key)
        elif kind == "application/json":
            body = await _receive_json(request, library, incoming)
            saved = await sync_to_thread(_save_json, library, caller, body, incoming, key)
        else:
            raise UnsupportedMedia(
                "Send the save as multipart/form-data (or application/json with image_base64).",
                code="wrong_content_type",
            )
    finally:
        incoming.discard()
    return _saved_answer(request, saved)


def _idempotency_key(request: AnyRequest) -> str | None:
    key = request.headers.get("idempotency-key", "").strip()
    if len(key) > LONGEST_KEY:
        raise Invalid(f"Idempotency-Key is longer than {LONGEST_KEY} characters.", code="bad_idempotency_key")
    return key or None


async def _receive_json(request: AnyRequest, library: Library, incoming: Incoming) -> Upload:
    """The body in a file: it waits there, not in memory, until there is room to read it."""
    settings = library.settings
    file = incoming.open()
    async for piece in body_pieces(request, settings.json_limit, settings.idle_seconds):
        await sync_to_thread(file.write, piece)
    return file.finish("")


def _save_form(library: Library, caller: Caller, form: Form, incoming: Incoming, key: str | None) -> Saved:
    image = form.images[0] if form.images else None
    texts = sum(len(text) for text in form.fields.values()) + PARSING * len(form.fields.get("metadata", ""))
    with library.decoding.take(texts) if texts > SMALL else nullcontext():
        draft = make_draft(form.fields, image, form.inputs, settings=library.settings, now=library.now())
    return _save(library, caller, draft, incoming, key)


def _save_json(library: Library, caller: Caller, body: Upload, incoming: Incoming, key: str | None) -> Saved:
    # A JSON body lies in memory several times over while it is read.
    with library.decoding.take(4 * body.bytes):
        draft = _json_draft(library, Path(body.path).read_bytes(), incoming)
    return _save(library, caller, draft, incoming, key)


def _save(library: Library, caller: Caller, draft: Draft, incoming: Incoming, key: str | None) -> Saved:
    try:
        return save(library, caller, draft, idempotency_key=key)
    finally:
        incoming.discard()


def _json_draft(library: Library, data: bytes, incoming: Incoming) -> Draft:
    settings = library.settings
    text, warnings = clean_object(as_text(data, "body"), field="body", max_depth=settings.json_depth + 1)
    try:
        sent = msgspec.json.decode(text, type=JsonSave)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"The body does not fit: {_reason(error)}.", field=_field_of(str(error))) from None
    if sent.image_url:
        raise Forbidden(
            "This server fetches no pictures from addresses; send the picture itself as image_base64.",
            code="fetch_not_allowed",
        )
    check_input_count(len(sent.input_images_base64), settings)
    image = _decoded(sent.image_base64, "image_base64", sent.filename, incoming) if sent.image_base64 else None
    inputs = [_decoded(one, "input_images_base64", None, incoming) for one in sent.input_images_base64]
    tags = sent.tags.split(",") if isinstance(sent.tags, str) else sent.tags
    draft = make_draft(_texts(sent), image, inputs, settings=settings, now=library.now(), tags=tags)
    return msgspec.structs.replace(draft, warnings=(*warnings, *draft.warnings))


def _texts(sent: JsonSave) -> dict[str, str]:
    """The text fields as a form would have sent them."""
    values: dict[str, Any] = {field: getattr(sent, field) for field in TEXT_FIELDS if field != "tags"}
    for field in ("workflow_json", "metadata"):
        document = bytes(values[field])
        values[field] = "" if document == b"null" else document.decode()
    return {field: str(value) for field, value in values.items() if value is not None}


def _decoded(text: str, field: str, filename: str | None, incoming: Incoming) -> Upload:
    _head, comma, tail = text[:200].partition(",")
    start = len(text[:200]) - len(tail) if comma and text.startswith("data:") else 0
    try:
        data = base64.b64decode(text[start:], validate=True)
    except (binascii.Error, ValueError):
        raise Invalid(f"{field} is not base64; encode the picture's bytes as standard base64.", field=field) from None
    file = incoming.open()
    file.write(data)
    return file.finish(filename or "")


def _reason(error: Exception) -> str:
    """Why msgspec does not take a text that is JSON; of half a surrogate pair it says only that it is cut off."""
    words = str(error)
    return "it holds half of a character (a lone surrogate)" if "truncated" in words else words


def _field_of(message: str) -> str | None:
    """The field in a message such as: Expected `str`, got `int` - at `$.prompt`."""
    _before, _, path = message.partition("`$.")
    return path.split("`")[0].split("[")[0] or None


def _saved_answer(request: AnyRequest, saved: Saved) -> JsonResponse:
    links = links_of(request)
    shape = SavedAnswer(wire.asset(saved.asset, links), wire.version(saved.version, links), saved.warnings)
    return answer(shape, 201, etag(saved.version.id, saved.version.revision))

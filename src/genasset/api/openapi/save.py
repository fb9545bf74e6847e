"""POST /generations, described."""

from genasset import shapes
from genasset.api import generations
from genasset.api.openapi.examples import JSON_SAVE, PIXEL, asset_shape, shown, version_shape
from genasset.api.openapi.operation import (
    ANYWHERE,
    WITH_BODY,
    WITH_CHANGE,
    WITH_TOKEN,
    header,
    json_answer,
    json_content,
    operation,
)
from genasset.api.openapi.requests import PICTURE_TYPES
from genasset.api.openapi.schemas import Json, reference
from genasset.settings import Settings

REFUSED = (
    "empty_image",
    "broken_multipart",
    "bad_idempotency_key",
    "fetch_not_allowed",
    "asset_not_found",
    "name_busy",
    "idempotency_key_reused",
    "version_deleted",
    "unsupported_media_type",
    "unreadable_image",
)

TEXT = """The picture and its recipe become the next version of an asset: the one of `asset_id`, or the one of \
`asset_name`, which is made when there is none. When the answer is sent, bytes and rows are on disk.

The picture is really decoded before it is taken, and its bytes are kept as they are. Secrets in `workflow_json` and \
`metadata` are replaced by `[redacted]` before anything is stored. The form is for files; the same call takes JSON \
with the picture as base64."""


def operations(settings: Settings) -> list[Json]:
    """The save."""
    example = shown(shapes.SavedAnswer(asset_shape(), version_shape(), []))
    return [
        operation(
            generations.save_generation,
            "Saving",
            TEXT,
            scope="write",
            parameters=[_idempotency_key(settings)],
            body={"required": True, "content": {"multipart/form-data": _form(), **_json()}},
            answers=json_answer(
                "The version was made; the ETag is the version's.", "SavedAnswer", example, status=201, etag=True
            ),
            codes=(*ANYWHERE, *WITH_TOKEN, *WITH_BODY, *WITH_CHANGE, *REFUSED),
        )
    ]


def _idempotency_key(settings: Settings) -> Json:
    text = (
        f"Any text; it belongs to the token and is remembered for {settings.idempotency_hours} hours. The same "
        "request with the same key gives the version made before, with fresh URLs; another request gives 409."
    )
    limits = {"maxLength": generations.LONGEST_KEY}
    return header("Idempotency-Key", text, limits, "5b1f7c2e-8a40-4d0e-9a53-1f3f0c6f2a77")


def _form() -> Json:
    files = {"contentType": PICTURE_TYPES}
    return {"schema": reference("MultipartSave"), "encoding": {"image": files, "input_images": files}}


def _json() -> Json:
    return json_content("JsonSave", {"everything": JSON_SAVE, "the least": {"image_base64": PIXEL}})

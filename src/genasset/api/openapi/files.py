"""Files by signed URL, described."""

from genasset.api import files
from genasset.api.openapi.operation import ANYWHERE, REQUEST_ID, header, operation, query
from genasset.api.openapi.schemas import Json
from genasset.images import PREVIEW_SIZES
from genasset.images.facts import LABELS

SIGNED = (
    query("expires", "As the URL has it: Unix seconds.", {"type": "integer", "minimum": 0}, required=True),
    query("signature", "As the URL has it.", {"type": "string", "pattern": "^[0-9a-f]{64}$"}, required=True),
)
TAG = f'"{"5d0c9d5e4f7b1a3c" * 4}"'
IF_NONE_MATCH = header("If-None-Match", "The ETag of a copy at hand; 304 when it is still good.", {}, TAG)
RANGES = (
    header("Range", "One range of bytes; more than one gives the whole file.", {}, "bytes=0-1023"),
    header("If-Range", "The ETag for which the range is meant; the whole file for another.", {}, TAG),
)
CODES = (*ANYWHERE, "unavailable", "bad_signature", "link_expired", "blob_damaged")

BINARY: Json = {"schema": {"type": "string", "format": "binary"}}
CACHED = REQUEST_ID | {
    name: {"$ref": f"#/components/headers/{name}"} for name in ("ETag", "Cache-Control", "Content-Disposition")
}
RANGED = CACHED | {"Accept-Ranges": {"$ref": "#/components/headers/Accept-Ranges"}}
KNOWN: Json = {"304": {"description": "The copy at hand is still good.", "headers": CACHED}}

TEXT = "The URL comes whole in answers ({where}). Altered or expired, it answers 403."


def operations() -> list[Json]:
    """The signed URLs."""
    return [_original(), _artifact(), _thumbnail()]


def _original() -> Json:
    return operation(
        files.original,
        "Files",
        TEXT.format(where="`signed_preview_url` of a version"),
        scope=None,
        parameters=[*SIGNED, *RANGES, IF_NONE_MATCH],
        answers=_file_answers(),
        codes=(*CODES, "version_not_found", "range_not_satisfiable"),
    )


def _artifact() -> Json:
    return operation(
        files.artifact,
        "Files",
        TEXT.format(where="`signed_url` of an input artifact"),
        scope=None,
        parameters=[*SIGNED, *RANGES, IF_NONE_MATCH],
        answers=_file_answers(),
        codes=(*CODES, "artifact_not_found", "range_not_satisfiable"),
    )


def _thumbnail() -> Json:
    sizes = {"type": "integer", "enum": list(PREVIEW_SIZES), "default": files.THUMBNAIL_SIZE}
    size = query("size", "Longer side in pixels at most; `&size=` may be added to the URL.", sizes, 256)
    text = "The first frame, turned as its EXIF orientation says, never larger than the picture. "
    return operation(
        files.thumbnail,
        "Files",
        text + TEXT.format(where="`thumbnail_url` of a version"),
        scope=None,
        parameters=[*SIGNED, size, IF_NONE_MATCH],
        answers={
            "200": {"description": "The preview.", "headers": CACHED, "content": {"image/webp": BINARY}},
            **KNOWN,
        },
        codes=(*CODES, "invalid_field", "version_not_found", "too_large", "unreadable_image"),
    )


def _file_answers() -> Json:
    content = {f"image/{kind}": BINARY for kind in LABELS}
    part = RANGED | {"Content-Range": {"$ref": "#/components/headers/Content-Range"}}
    return {
        "200": {"description": "The bytes as they were sent.", "headers": RANGED, "content": content},
        "206": {"description": "The range that was asked for.", "headers": part, "content": content},
        **KNOWN,
    }

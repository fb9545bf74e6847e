"""Files over HTTP by signed URL: originals, thumbnails and input pictures.

They are pictures and nothing else: their type is the one that was decoded, and a browser is
told not to guess another nor to run anything.
"""

import re
from collections.abc import Iterator

from litestar import Response, get
from litestar.response import Stream

from genasset.api import PREFIX, parameters
from genasset.api.answers import AnyRequest, is_known
from genasset.api.auth import library_of
from genasset.api.transport import HEAD
from genasset.assets.previews import preview
from genasset.assets.read import find_artifact, find_picture
from genasset.blobs import original_key
from genasset.errors import BlobDamaged, Invalid, RangeNotSatisfiable
from genasset.images import PREVIEW_SIZES
from genasset.library import Library
from genasset.model import Picture
from genasset.signing import verify

FileResponse = Response[bytes] | Stream
RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
THUMBNAIL_SIZE = 512
SAFE = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-site",
}


@get(f"{PREFIX}/files/original/{{version_id:str}}/{{filename:str}}", sync_to_thread=True)
def original(request: AnyRequest, version_id: str, filename: str) -> FileResponse:
    """The bytes of a version as they were saved."""
    library = _verified(request, "original", version_id)
    return _file(request, library, find_picture(library, version_id), filename)


@get(f"{PREFIX}/files/artifact/{{artifact_id:str}}/{{filename:str}}", sync_to_thread=True)
def artifact(request: AnyRequest, artifact_id: str, filename: str) -> FileResponse:
    """The bytes of an input picture as they were sent."""
    library = _verified(request, "artifact", artifact_id)
    return _file(request, library, find_artifact(library, artifact_id).picture, filename)


@get(f"{PREFIX}/files/thumbnail/{{version_id:str}}/{{filename:str}}", sync_to_thread=True)
def thumbnail(request: AnyRequest, version_id: str, filename: str) -> FileResponse:
    """A preview of a version as WebP."""
    library = _verified(request, "thumbnail", version_id)
    size = parameters.whole(request, "size", THUMBNAIL_SIZE, least=min(PREVIEW_SIZES), most=max(PREVIEW_SIZES))
    if size not in PREVIEW_SIZES:
        raise Invalid(f"size must be one of {', '.join(map(str, PREVIEW_SIZES))}.", field="size")
    picture = find_picture(library, version_id)
    headers = {**SAFE, **_named(filename), "ETag": f'"{picture.sha256}-{size}"'}
    if is_known(request, headers["ETag"]):
        return Response(b"", status_code=304, headers=headers)
    return Response(preview(library, picture, size), media_type="image/webp", headers=headers)


def _verified(request: AnyRequest, kind: str, thing_id: str) -> Library:
    library = library_of(request)
    expires, signature = parameters.text(request, "expires"), parameters.text(request, "signature")
    verify(library.signing_key, kind, thing_id, expires, signature, library.now())
    return library


def _file(request: AnyRequest, library: Library, picture: Picture, filename: str) -> FileResponse:
    key = original_key(picture.sha256)
    if library.blobs.size(key) != picture.bytes:
        raise BlobDamaged("The stored picture is missing or cut off; restore it from a backup.")
    headers = {**SAFE, **_named(filename), "ETag": f'"{picture.sha256}"', "Accept-Ranges": "bytes"}
    if is_known(request, headers["ETag"]):
        return Response(b"", status_code=304, headers=headers)
    start, end = _range(request, picture.bytes, headers["ETag"])
    partial = (start, end) != (0, picture.bytes)
    if partial:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{picture.bytes}"
    headers["Content-Length"] = str(end - start)
    head: bool = request.scope[HEAD]  # type: ignore[literal-required]
    pieces: Iterator[bytes] = iter(()) if head else library.blobs.read(key, start, end)
    return Stream(pieces, status_code=206 if partial else 200, media_type=f"image/{picture.format}", headers=headers)


def _range(request: AnyRequest, size: int, etag: str) -> tuple[int, int]:
    """First byte and end (exclusive) that the request asks for (RFC 9110, one range); all when it asks for none."""
    match = RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if not match or match[0] == "bytes=-" or request.headers.get("if-range", etag) != etag:
        return 0, size
    if match[1] == "":
        start, end = max(0, size - int(match[2])), size
    else:
        start, end = int(match[1]), min(size, int(match[2]) + 1 if match[2] else size)
    if start >= end:
        raise RangeNotSatisfiable(f"The file has {size} bytes; ask for a range within it.", size=size)
    return start, end


def _named(filename: str) -> dict[str, str]:
    """A Content-Disposition (RFC 6266) that is safe for any name."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", filename) or "picture"
    return {"Content-Disposition": f'inline; filename="{safe}"'}

"""Previews: small WebP pictures made at first look and kept; they can be made again at any time."""

import tempfile
import threading

from genasset import images
from genasset.blobs import disk_errors, original_key, preview_key
from genasset.errors import BlobDamaged
from genasset.library import Library
from genasset.model import Picture

# Two looks at the same new picture wait for one preview instead of making two.
_MAKING = tuple(threading.Lock() for _ in range(64))


def preview(library: Library, picture: Picture, size: int) -> bytes:
    """The WebP preview of a stored picture, its longer side at most `size` px. Raises BlobDamaged."""
    kept = _kept(library, picture, size)
    if kept is not None:
        return kept
    with _MAKING[int(picture.sha256[:8], 16) % len(_MAKING)]:
        kept = _kept(library, picture, size)
        if kept is not None:
            return kept
        made = _make(library, picture, size)
        library.blobs.put_bytes(preview_key(picture.sha256, size), made)
        return made


def _kept(library: Library, picture: Picture, size: int) -> bytes | None:
    try:
        return b"".join(library.blobs.read(preview_key(picture.sha256, size)))
    except FileNotFoundError:
        return None


@disk_errors()
def _make(library: Library, picture: Picture, size: int) -> bytes:
    with tempfile.TemporaryFile(dir=library.incoming) as file:
        try:
            for piece in library.blobs.read(original_key(picture.sha256)):
                file.write(piece)
        except FileNotFoundError:
            raise BlobDamaged("The stored picture is missing; restore it from a backup.") from None
        if file.tell() != picture.bytes:
            raise BlobDamaged("The stored picture is cut off or altered; restore it from a backup.")
        file.seek(0)
        return images.preview(file, size, pixel_limit=library.settings.picture_pixels, budget=library.decoding)

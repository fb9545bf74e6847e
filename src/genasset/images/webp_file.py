"""WebP files: their chunks, and what of them a decoder needs.

Source: RFC 9649 (WebP Image Format); RFC 6386, section 9.1, for the size of a lossy picture.
"""

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from genasset.images.excerpt import Part, Span, excerpt
from genasset.images.orientation import EXIF_LIMIT
from genasset.images.outline import PROFILE_LIMIT, Outline
from genasset.images.refusals import check_pixels, cut_off, damaged, not_a_picture, refused

MAX_CHUNKS = 100_000
"""Most chunks of a file; an animation has one for each frame."""

_PIXEL_BYTES = 16
"""libwebp's two canvases, the frame as bytes and Pillow's picture, each with 4 bytes for a pixel (measured: 16.0)."""
_COPIES = 3
"""How often Pillow and libwebp hold the compressed bytes."""
_ALPHA, _ANIMATION = 0x10, 0x02
_PICTURES = (b"VP8 ", b"VP8L", b"ANMF")


class Chunk(NamedTuple):
    """One chunk: its four-character type, and where its data lies: bytes from the file's beginning, and how many."""

    type: bytes
    offset: int
    length: int


def chunks(file: BinaryIO) -> Iterator[Chunk]:
    """The chunks of a WebP file, in file order, without those inside a frame (ANMF).

    The file's position may be moved between two steps; no chunk's data is read. Raises
    UnsupportedMedia when the file is no WebP, ends before its header says, a chunk reaches
    over the end, or there are over MAX_CHUNKS.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WEBP":
        raise not_a_picture()
    end = 8 + int.from_bytes(head[4:8], "little")
    if end > size:
        raise cut_off("webp")
    position = 12
    for _ in range(MAX_CHUNKS):
        if position + 8 > end:
            return
        file.seek(position)
        kind, length = struct.unpack("<4sI", file.read(8))
        if position + 8 + length > end:
            raise damaged("webp", "one of its chunks reaches over its end")
        yield Chunk(kind, position + 8, length)
        position += 8 + length + length % 2
    raise refused("webp", f"it has more than {MAX_CHUNKS:,} chunks")


def outline(file: BinaryIO, pixel_limit: int) -> Outline:
    """The outline of a WebP file; of an animation only the first frame is shown to the decoder.

    Raises TooLarge before any frame is read, UnsupportedMedia for a damaged file.
    """
    found: dict[bytes, Chunk] = {}
    needed: list[Chunk] = []
    width = height = 0
    extension = b""
    for chunk in chunks(file):
        if not found:
            start = _read(file, chunk, 10)
            width, height = _size(chunk.type, start)
            check_pixels(width, height, pixel_limit)
            extension = start if chunk.type == b"VP8X" else b""
        pictured = any(kind in found for kind in _PICTURES)
        if not pictured and chunk.type in (*_PICTURES, b"ALPH", b"ANIM"):
            needed.append(chunk)
        found.setdefault(chunk.type, chunk)
    if not any(kind in found for kind in _PICTURES):
        raise damaged("webp", "it holds no picture")
    parts = _parts(extension, needed)
    size = sum(part.length if isinstance(part, Span) else len(part) for part in parts)
    return Outline(
        format="webp",
        width=width,
        height=height,
        file=excerpt(file, [b"RIFF", struct.pack("<I", size + 4), b"WEBP", *parts]),
        pixel_bytes=_PIXEL_BYTES,
        paint_bytes=0,  # fits into what decoding has given back
        fixed_bytes=_COPIES * size,
        exif=_read(file, found.get(b"EXIF"), EXIF_LIMIT),
        icc_profile=_profile(file, found.get(b"ICCP")),
    )


def _read(file: BinaryIO, chunk: Chunk | None, limit: int) -> bytes:
    if chunk is None:
        return b""
    file.seek(chunk.offset)
    return file.read(min(chunk.length, limit))


def _size(kind: bytes, data: bytes) -> tuple[int, int]:
    """Width and height in pixels from the first chunk of a file."""
    if kind == b"VP8X" and len(data) == 10:
        return 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")
    if kind == b"VP8 " and data[3:6] == b"\x9d\x01\x2a" and len(data) == 10:
        width, height = struct.unpack_from("<HH", data, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and data[:1] == b"\x2f" and len(data) >= 5:
        bits = int.from_bytes(data[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    raise damaged("webp", "it does not begin with a picture's size")


def _parts(extension: bytes, needed: list[Chunk]) -> list[Part]:
    parts: list[Part] = []
    if extension:
        # The other flags promise metadata that is left out.
        flags = extension[0] & (_ALPHA | _ANIMATION)
        parts.append(struct.pack("<4sIB", b"VP8X", len(extension), flags) + extension[1:])
    for chunk in needed:
        parts.append(Span(chunk.offset - 8, chunk.length + 8))
        parts.append(b"\0" * (chunk.length % 2))
    return parts


def _profile(file: BinaryIO, chunk: Chunk | None) -> bytes:
    return _read(file, chunk, PROFILE_LIMIT) if chunk and chunk.length <= PROFILE_LIMIT else b""

"""PNG files: a walk over their chunks, and what of them a decoder needs.

Source: Portable Network Graphics (PNG) Specification (Third Edition), W3C, 2025.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from genasset.images.excerpt import Span, excerpt
from genasset.images.orientation import EXIF_LIMIT
from genasset.images.outline import PROFILE_LIMIT, Outline
from genasset.images.refusals import check_pixels, cut_off, damaged, not_a_picture, refused

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIECE = 1024 * 1024
"""Most bytes of a chunk in memory at once."""
MAX_CHUNKS = 250_000
"""Most chunks of a file. The walk takes about 2 microseconds for each; writers make them of 8 KiB and more."""

_CRITICAL = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
_CHECKED = _CRITICAL | {b"tRNS"}
_BEFORE_DATA = {b"PLTE", b"tRNS", b"iCCP"}
_GREY, _COLOUR, _PALETTE, _GREY_ALPHA, _COLOUR_ALPHA = 0, 2, 3, 4, 6
_DEPTHS = {
    _GREY: (1, 2, 4, 8, 16),
    _COLOUR: (8, 16),
    _PALETTE: (1, 2, 4, 8),
    _GREY_ALPHA: (8, 16),
    _COLOUR_ALPHA: (8, 16),
}
_RGBA = 4


class Chunk(NamedTuple):
    """One chunk: its four-letter type, and where its data lies: bytes from the file's beginning, and how many."""

    type: bytes
    offset: int
    length: int


def chunks(file: BinaryIO, *, check_crc: bool = True) -> Iterator[Chunk]:
    """The chunks of a PNG file from IHDR to IEND, in file order; what follows IEND is ignored.

    The file's position may be moved between two steps. At most 1 MiB is read at once, and data of other
    than the critical chunks and tRNS not at all: it may be cut off, which shows at the next step.
    `check_crc=False` leaves out the checksums, for a file that was walked before.

    Raises UnsupportedMedia when there is no PNG signature, a chunk is missing, out of order, unknown
    and critical, cut off or (critical chunks and tRNS) has a wrong CRC, or there are over MAX_CHUNKS.
    """
    file.seek(0)
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise not_a_picture()
    position = len(SIGNATURE)
    order = _Order()
    for _ in range(MAX_CHUNKS):
        file.seek(position)
        head = file.read(8)
        if len(head) < 8:
            raise cut_off("png")
        length, kind = struct.unpack(">I4s", head)
        chunk = Chunk(kind, position + 8, length)
        order.check(chunk)
        if check_crc and kind in _CHECKED:
            _check_crc(file, chunk)
        yield chunk
        if kind == b"IEND":
            return
        position = chunk.offset + length + 4
    raise refused("png", f"it has more than {MAX_CHUNKS:,} chunks")


class _Order:
    """The rules of section 5.6 that a decoder relies on."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._previous = b""

    def check(self, chunk: Chunk) -> None:
        complaint = self._complaint(chunk)
        if complaint:
            raise damaged("png", complaint)
        self._previous = chunk.type
        if chunk.type in _CRITICAL:
            self._seen.add(chunk.type)

    def _complaint(self, chunk: Chunk) -> str:
        kind = chunk.type
        if not kind.isalpha() or chunk.length >= 2**31:
            return "there is no chunk where one should begin"
        if (kind == b"IHDR") == (b"IHDR" in self._seen):
            return "IHDR must come first and once"
        if kind[0:1].isupper() and kind not in _CRITICAL:
            return f"its critical chunk {kind.decode('ascii')} is unknown"
        if kind == b"PLTE" and self._seen & {b"PLTE", b"IDAT"}:
            return "PLTE must come once, before IDAT"
        if kind == b"IDAT" and kind in self._seen and self._previous != kind:
            return "its IDAT chunks do not follow each other"
        if kind == b"IEND" and b"IDAT" not in self._seen:
            return "it has no IDAT chunk"
        return ""


def _check_crc(file: BinaryIO, chunk: Chunk) -> None:
    crc = zlib.crc32(chunk.type)
    left = chunk.length
    while left:
        piece = file.read(min(left, PIECE))
        if not piece:
            raise cut_off("png")
        crc = zlib.crc32(piece, crc)
        left -= len(piece)
    stored = file.read(4)
    if len(stored) < 4:
        raise cut_off("png")
    if int.from_bytes(stored) != crc:
        raise damaged("png", f"the checksum of its {chunk.type.decode('ascii')} chunk is wrong")


class _Header(NamedTuple):
    width: int
    height: int
    depth: int
    colour: int


def outline(file: BinaryIO, pixel_limit: int) -> Outline:
    """The outline of a PNG file whose critical chunks are whole and in order.

    Raises TooLarge before anything after IHDR is read, UnsupportedMedia for a damaged file.
    """
    found: dict[bytes, Chunk] = {}
    data_end = 0
    for chunk in chunks(file):
        if chunk.type == b"IHDR":
            header = _header(_read(file, chunk))
            check_pixels(header.width, header.height, pixel_limit)
        elif chunk.type == b"IDAT":
            data_end = chunk.offset + chunk.length + 4
        if chunk.type not in _BEFORE_DATA or b"IDAT" not in found:
            found.setdefault(chunk.type, chunk)
    palette = found.get(b"PLTE") if header.colour == _PALETTE else None
    entries = _palette_entries(palette, header)
    transparency = _transparency(header, _read(file, found.get(b"tRNS"), 256), entries)
    parts = [Span(0, len(SIGNATURE))]
    parts += [_whole(chunk) for chunk in (found[b"IHDR"], palette) if chunk]
    data = _whole(found[b"IDAT"])
    parts += [Span(data.start, data_end - data.start), _whole(found[b"IEND"])]
    stored, paint = _pixel_costs(header, transparency is not None)
    return Outline(
        format="png",
        width=header.width,
        height=header.height,
        file=excerpt(file, parts),
        pixel_bytes=stored,
        paint_bytes=paint,
        fixed_bytes=3 * _row_bytes(header),  # this row and the last one are kept while filters are undone
        exif=_read(file, found.get(b"eXIf"), EXIF_LIMIT),
        icc_profile=_profile(_read(file, found.get(b"iCCP"), PROFILE_LIMIT)),
        transparency=transparency,
    )


def _whole(chunk: Chunk) -> Span:
    return Span(chunk.offset - 8, chunk.length + 12)


def _read(file: BinaryIO, chunk: Chunk | None, limit: int = 32) -> bytes:
    if chunk is None:
        return b""
    file.seek(chunk.offset)
    return file.read(min(chunk.length, limit))


def _header(data: bytes) -> _Header:
    if len(data) != 13:
        raise damaged("png", "its IHDR chunk is not 13 bytes long")
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", data)
    if depth not in _DEPTHS.get(colour, ()):
        raise damaged("png", f"bit depth {depth} with colour type {colour} does not exist")
    if compression or filtering or interlace > 1:
        raise damaged("png", "its compression, filter or interlace method does not exist")
    if max(width, height) >= 2**31:
        raise damaged("png", "its width or height is over 2,147,483,647 pixels")
    return _Header(width, height, depth, colour)


def _palette_entries(palette: Chunk | None, header: _Header) -> int:
    if header.colour != _PALETTE:
        return 0
    if palette is None:
        raise damaged("png", "it has no palette (PLTE)")
    entries, rest = divmod(palette.length, 3)
    if rest or not 1 <= entries <= 256:
        raise damaged("png", "its palette (PLTE) has an impossible length")
    return entries


def _transparency(header: _Header, data: bytes, entries: int) -> int | bytes | tuple[int, ...] | None:
    """The tRNS chunk in terms of the samples that Pillow decodes to; None when absent or of a wrong length.

    Pillow keeps the sample as stored, which is another one than it decodes to at depths 2, 4 and (colour) 16.
    """
    if header.colour == _PALETTE:
        return data if 1 <= len(data) <= entries else None
    if header.colour == _GREY and len(data) == 2:
        sample = int.from_bytes(data) & ((1 << header.depth) - 1)
        return sample * {1: 255, 2: 85, 4: 17}.get(header.depth, 1)
    if header.colour == _COLOUR and len(data) == 6:
        samples = struct.unpack(">HHH", data)
        return tuple(sample >> 8 if header.depth == 16 else sample & 0xFF for sample in samples)
    return None


def _profile(data: bytes) -> bytes:
    _, _, rest = data.partition(b"\0")
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(rest[1:], PROFILE_LIMIT)
    except zlib.error:
        return b""
    return profile if inflater.eof else b""


def _row_bytes(header: _Header) -> int:
    channels = {_COLOUR: 3, _GREY_ALPHA: 2, _COLOUR_ALPHA: 4}.get(header.colour, 1)
    return -(-header.width * channels * header.depth // 8)


def _pixel_costs(header: _Header, transparent: bool) -> tuple[int, int]:
    """Bytes of a pixel as Pillow keeps it, and of its further copies while a preview is made."""
    if header.colour == _GREY and header.depth == 16:
        return 2, 9 if transparent else 3
    stored = 1 if header.colour in (_GREY, _PALETTE) else 4
    if header.colour in (_GREY_ALPHA, _COLOUR_ALPHA):
        return stored, 0
    if transparent or header.colour == _PALETTE:
        return stored, _RGBA
    return stored, 1 if header.depth == 1 else 0

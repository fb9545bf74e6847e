"""JPEG files: a walk over their segments, and what of them a decoder needs.

Source: ITU-T T.81 (ISO/IEC 10918-1), annex B; ICC.1:2022, annex B.4, for profiles in APP2.
"""

import re
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from genasset.images.excerpt import Span, excerpt
from genasset.images.orientation import EXIF_LIMIT
from genasset.images.outline import PROFILE_LIMIT, Outline
from genasset.images.refusals import check_pixels, cut_off, damaged, not_a_picture, refused, undecodable

MAX_SCANS = 40
"""Most scans of a picture. Encoders write up to about 20; each one costs a pass over all pixels,
0.1 s of CPU at 50 megapixels, however few bytes it has."""
MAX_SEGMENTS = 10_000
"""Most segments of a file; 600 MB of metadata would fit."""
PIECE = 1024 * 1024
"""Most bytes of the file in memory at once."""

START, END, SCAN, APP0, APP1, APP2, APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE
_TEM = 0x01
_BARE = (START, END, _TEM)
_PROGRESSIVE = (0xC2, 0xCA)
_FRAMES = (0xC0, 0xC1, 0xC9, *_PROGRESSIVE)
_OTHER_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF, 0xDE)
_TABLES = (0xC4, 0xCC, 0xDB, 0xDD)
_BLOCK_BYTES = 64 * 2
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


class Segment(NamedTuple):
    """One segment: its marker's second byte, and where its data lies: bytes from the file's beginning, and how many.

    The data begins after the length field and, for a scan (0xDA), ends before the entropy-coded part.
    """

    marker: int
    offset: int
    length: int


def segments(file: BinaryIO) -> Iterator[Segment]:
    """The segments of the first picture of a JPEG file, in file order, to its end marker (0xD9).

    The file's position may be moved between two steps. No data is read but to find where a scan ends,
    at most 1 MiB at once; so a segment's data may be cut off.

    Raises UnsupportedMedia when the file does not begin as a JPEG file, ends without the end marker,
    a segment's length is impossible, or there are over MAX_SEGMENTS.
    """
    file.seek(0)
    if file.read(2) != b"\xff\xd8":
        raise not_a_picture()
    position = _next_marker(file, 2)
    for _ in range(MAX_SEGMENTS):
        if position is None:
            raise cut_off("jpeg")
        file.seek(position + 1)
        head = file.read(3)
        segment = Segment(head[0], position + 2, 0)
        if segment.marker not in _BARE:
            segment = Segment(head[0], position + 4, _data_length(head))
        yield segment
        if segment.marker == END:
            return
        position = _next_marker(file, segment.offset + segment.length)
    raise refused("jpeg", f"it has more than {MAX_SEGMENTS:,} segments")


def _data_length(head: bytes) -> int:
    if len(head) < 3:
        raise cut_off("jpeg")
    length = int.from_bytes(head[1:]) - 2
    if length < 0:
        raise damaged("jpeg", f"its segment {head[0]:02X} has an impossible length")
    return length


def _next_marker(file: BinaryIO, position: int) -> int | None:
    size = 2
    rest = b""
    file.seek(position)
    while piece := file.read(size):
        window = rest + piece
        found = _MARKER.search(window)
        if found:
            return position - len(rest) + found.start()
        position += len(piece)
        rest = window[-1:]
        size = min(PIECE, size * 64)
    return None


class _Frame(NamedTuple):
    width: int
    height: int
    components: int
    coefficient_bytes: int
    progressive: bool


def outline(file: BinaryIO, pixel_limit: int) -> Outline:
    """The outline of the first picture of a JPEG file; further ones (MPO) are left out.

    Raises TooLarge before any scan is read, UnsupportedMedia for a damaged file or over MAX_SCANS scans.
    """
    headers: list[Segment] = []
    scans: list[Segment] = []
    frame: _Frame | None = None
    for segment in segments(file):
        if segment.marker in _FRAMES and frame is None:
            frame = _frame(segment.marker, _read(file, segment))
            check_pixels(frame.width, frame.height, pixel_limit)
        elif segment.marker in (START, *_FRAMES, *_OTHER_FRAMES):
            raise undecodable("jpeg")
        elif segment.marker == SCAN:
            scans.append(segment)
        if len(scans) > MAX_SCANS:
            raise refused("jpeg", f"it has more than {MAX_SCANS} scans")
        if not scans:
            headers.append(segment)
    if frame is None or not scans:
        raise damaged("jpeg", "it holds no picture")
    start = scans[0].offset - 4
    scan_data = Span(start, segment.offset - start)
    needed = [Span(one.offset - 4, one.length + 4) for one in headers if _is_needed(file, one)]
    in_one_scan = not frame.progressive and _read(file, scans[0], 1) == bytes([frame.components])
    return Outline(
        format="jpeg",
        width=frame.width,
        height=frame.height,
        file=excerpt(file, [b"\xff\xd8", *needed, scan_data]),
        pixel_bytes=1 if frame.components == 1 else 4,
        paint_bytes=4 if frame.components == 4 else 0,
        fixed_bytes=0 if in_one_scan else frame.coefficient_bytes,
        shrinks=True,
        exif=_exif(file, headers),
        icc_profile=_profile(file, headers),
    )


def _read(file: BinaryIO, segment: Segment, limit: int = 0xFFFF) -> bytes:
    file.seek(segment.offset)
    return file.read(min(segment.length, limit))


def _frame(marker: int, data: bytes) -> _Frame:
    if len(data) < 6 or len(data) < 6 + 3 * data[5]:
        raise cut_off("jpeg")
    depth, height, width, components = struct.unpack_from(">BHHB", data)
    sampling = [divmod(factors, 16) for factors in data[7 : 6 + 3 * components : 3]]
    if depth != 8 or components not in (1, 3, 4) or any(0 in factors for factors in sampling):
        raise undecodable("jpeg")
    across = -(-width // (8 * max(horizontal for horizontal, _ in sampling)))
    down = -(-height // (8 * max(vertical for _, vertical in sampling)))
    blocks = across * down * sum(horizontal * vertical for horizontal, vertical in sampling)
    return _Frame(width, height, components, blocks * _BLOCK_BYTES, marker in _PROGRESSIVE)


def _is_needed(file: BinaryIO, segment: Segment) -> bool:
    """Whether a segment changes how the pixels decode: tables, frames, and the marks of the colour space."""
    if segment.marker == APP0:
        return segment.length >= 14 and _read(file, segment, 5) == b"JFIF\0"
    if segment.marker == APP14:
        return segment.length >= 12 and _read(file, segment, 5) == b"Adobe"
    return segment.marker in _TABLES or segment.marker in _FRAMES


def _exif(file: BinaryIO, headers: Iterable[Segment]) -> bytes:
    for segment in headers:
        if segment.marker == APP1 and _read(file, segment, 6) == b"Exif\0\0":
            return _read(file, segment, EXIF_LIMIT)
    return b""


def _profile(file: BinaryIO, headers: Iterable[Segment]) -> bytes:
    """The ICC profile, put together from its numbered parts; empty when one is missing or all are too long."""
    found = [one for one in headers if one.marker == APP2 and _read(file, one, 12) == b"ICC_PROFILE\0"]
    if sum(one.length for one in found) > PROFILE_LIMIT:
        return b""
    parts = sorted(_read(file, one)[12:] for one in found)
    numbers = [part[:2] for part in parts]
    if numbers != [bytes([number, len(parts)]) for number in range(1, len(parts) + 1)]:
        return b""
    return b"".join(part[2:] for part in parts)

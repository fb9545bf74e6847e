"""GIF files: what of them a decoder needs for the first frame.

Source: Graphics Interchange Format, Version 89a, CompuServe, 1990.
"""

import io
import struct
from typing import BinaryIO

from genasset.images.excerpt import Span, excerpt
from genasset.images.outline import Outline
from genasset.images.refusals import check_pixels, cut_off, damaged, not_a_picture, refused

MAX_BLOCKS = 100_000
"""Most blocks of comments and other extensions before the first frame; they hold up to 25 MB."""

_EXTENSION, _IMAGE = b"!", b","
_GRAPHIC_CONTROL = 0xF9


def outline(file: BinaryIO, pixel_limit: int) -> Outline:
    """The outline of a GIF file up to its first frame; of what follows nothing is read here.

    Its size is that of the logical screen, or what the first frame needs if that is more.
    Raises TooLarge before the frame is read, UnsupportedMedia when there is none.
    """
    file.seek(0)
    head = _exactly(file, 13)
    if head[:6] not in (b"GIF87a", b"GIF89a"):
        raise not_a_picture()
    screen_width, screen_height, flags = struct.unpack_from("<HHB", head, 6)
    check_pixels(screen_width, screen_height, pixel_limit)
    header = Span(0, 13 + _palette_bytes(flags))
    control, image = _find_image(file, header.end)
    file.seek(image + 1)
    left, top, width, height = struct.unpack("<HHHH", _exactly(file, 8))
    if not width or not height:
        raise damaged("gif", "its first frame has no pixels")
    width, height = max(screen_width, left + width), max(screen_height, top + height)
    check_pixels(width, height, pixel_limit)
    frames = Span(image, file.seek(0, io.SEEK_END) - image)
    return Outline(
        format="gif",
        width=width,
        height=height,
        file=excerpt(file, [header, control, frames]),
        pixel_bytes=2,  # the picture, and the area that the frame disposes of
        paint_bytes=4,  # RGBA
    )


def _find_image(file: BinaryIO, position: int) -> tuple[Span, int]:
    """Where the first frame's graphic control extension (empty if none) and its image descriptor are."""
    control = Span(position, 0)
    blocks = 0
    while blocks < MAX_BLOCKS:
        file.seek(position)
        introducer = _exactly(file, 1)
        if introducer == _IMAGE:
            return control, position
        if introducer != _EXTENSION:
            raise damaged("gif", "it holds no picture")
        label = _exactly(file, 1)[0]
        start = position
        position += 2
        while blocks < MAX_BLOCKS:
            file.seek(position)
            length = _exactly(file, 1)[0]
            position += 1 + length
            blocks += 1
            if not length:
                break
        if label == _GRAPHIC_CONTROL:
            control = Span(start, position - start)
    raise refused("gif", f"it has more than {MAX_BLOCKS:,} blocks before its first frame")


def _palette_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise cut_off("gif")
    return data

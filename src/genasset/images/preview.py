"""Small pictures to look at in place of the stored ones."""

import io
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from genasset.errors import Invalid
from genasset.images.budget import MemoryBudget
from genasset.images.decode import decode
from genasset.images.orientation import TURNS, orientation
from genasset.images.outline import Outline
from genasset.images.recognise import opened, outline

PREVIEW_SIZES = (256, 512, 1024)
"""Longer sides a preview may have at most, in pixels."""
PREVIEW_MEDIA_TYPE = "image/webp"

_QUALITY = 80
_METHOD = 2
"""How hard libwebp tries, 0 to 6. Measured at 512 px: 4 takes 2 times the CPU of 2 for 2 % fewer bytes."""
_MAKING_BYTES = 48
"""Memory for each pixel of a preview while it is averaged, resampled, turned and encoded."""
_BAND_PIXELS = 1_000_000
"""Pixels that are averaged at a time."""
_GAP = 2
"""Pictures are averaged down, or decoded smaller, to no less than this many times the preview's size."""


def preview(source: Path | BinaryIO, size: int, *, pixel_limit: int, budget: MemoryBudget) -> bytes:
    """A WebP picture (RFC 9649) of the first frame in `source`, a path or a seekable binary file, left open.

    Its longer side is at most `size` pixels, one of PREVIEW_SIZES; it is never larger than the stored
    picture and at least 1 pixel on each side. It is turned as the EXIF orientation says, has 8 bits a
    channel and RGB or RGBA colours, and keeps transparency and an RGB picture's ICC profile of up to
    128 KiB, but no other metadata. Making it waits until `budget` has the memory.

    Raises Invalid for another size and whatever `identify` raises.
    """
    if size not in PREVIEW_SIZES:
        raise Invalid(f"A preview's size is one of {', '.join(map(str, PREVIEW_SIZES))}, not {size}.", field="size")
    with opened(source) as file:
        found = outline(file, pixel_limit=pixel_limit, budget=budget)
        target = _fit(found.width, found.height, size)
        least = (_GAP * target[0], _GAP * target[1])
        scale = found.scale(least)
        with budget.take(found.preview_bytes(scale) + _MAKING_BYTES * target[0] * target[1]):
            small = _shrink(decode(found, least), found, target, scale)
            turn = TURNS.get(orientation(found.exif))
            return _encode(small if turn is None else small.transpose(turn), found.icc_profile)


def _fit(width: int, height: int, size: int) -> tuple[int, int]:
    factor = min(1.0, size / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


def _shrink(image: Image.Image, found: Outline, target: tuple[int, int], scale: int) -> Image.Image:
    # The decoder rounds a size that it divides up; the picture ends inside its last pixels.
    width, height = found.width / scale, found.height / scale
    paintable = _paintable(image)
    across = max(1, int(width / target[0] / _GAP))
    down = max(1, int(height / target[1] / _GAP))
    averaged = _averaged(paintable, across, down)
    return averaged.resize(target, Image.Resampling.LANCZOS, (0, 0, width / across, height / down))


def _averaged(image: Image.Image, across: int, down: int) -> Image.Image:
    """The picture at 1/across of its width and 1/down of its height.

    It is made band by band: colours times alpha would double the memory of a large picture.
    """
    if (across, down) == (1, 1):
        return image
    rows = down * max(1, _BAND_PIXELS // (image.width * down))
    if rows >= image.height:
        return image.reduce((across, down))
    small = Image.new(image.mode, (-(-image.width // across), -(-image.height // down)))
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(image.height, top + rows)))
        small.paste(band.reduce((across, down)), (0, top // down))
    return small


def _paintable(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be averaged and that turns into WebP's: L, LA, RGB or RGBA."""
    if image.mode == "I;16":
        return _eight_bits(image)
    if image.mode in ("LA", "RGBA"):
        return image
    wanted = "RGBA" if image.has_transparency_data else "L" if image.mode in ("1", "L") else "RGB"
    return image if image.mode == wanted else image.convert(wanted)


def _eight_bits(image: Image.Image) -> Image.Image:
    # Pillow's own conversion of 16-bit grey cuts values above 255 off instead of scaling them.
    grey = image.point(lambda value: value * (1 / 257) + 0.5).convert("L")
    key = image.info.get("transparency")
    if key is not None:
        opacity = image.convert("I").point([0 if value == key else 255 for value in range(2**16)], "L")
        grey.putalpha(opacity)
    return grey


def _encode(image: Image.Image, profile: bytes) -> bytes:
    if image.mode in ("LA", "RGBA") and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    # Header fields of ICC.1:2022, section 7.2: data colour space, signature. A profile for CMYK or
    # grey does not describe the RGB samples of a WebP picture.
    is_rgb = profile[16:20] == b"RGB " and profile[36:40] == b"acsp"
    written = io.BytesIO()
    image.save(written, "WEBP", quality=_QUALITY, method=_METHOD, icc_profile=profile if is_rgb else None)
    return written.getvalue()

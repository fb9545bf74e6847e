"""AVIF files: how to tell them, and what their decoder says of them before it decodes.

Source: AV1 Image File Format (AVIF) v1.1, Alliance for Open Media; ISO/IEC 14496-12 for the ftyp box.
"""

import io
from typing import BinaryIO

from PIL import Image

from genasset.images.budget import MemoryBudget
from genasset.images.decode import decoder_boundary
from genasset.images.excerpt import Span, excerpt
from genasset.images.orientation import EXIF_LIMIT
from genasset.images.outline import PROFILE_LIMIT, Outline
from genasset.images.refusals import check_pixels

_PIXEL_BYTES = 20
"""At worst (12 bits, 4:4:4, alpha, tiles) 12 in libavif and dav1d, then RGBA as bytes and in Pillow's picture;
8-bit 4:2:0 was measured at 9.2."""
_COPIES = 2
"""How often Pillow and libavif hold the compressed bytes."""


def is_avif(head: bytes) -> bool:
    """Whether a file that begins with `head` (64 bytes do) has an ftyp box with an AVIF brand."""
    end = int.from_bytes(head[:4])
    brands = {head[start : start + 4] for start in (8, *range(16, min(end, len(head)), 4))}
    return head[4:8] == b"ftyp" and not brands.isdisjoint({b"avif", b"avis"})


def outline(file: BinaryIO, pixel_limit: int, budget: MemoryBudget) -> Outline:
    """The outline of an AVIF file, as libavif reads it; it holds memory for the file's bytes meanwhile.

    `exif` has the orientation of the file's irot and imir properties, which count above its own.
    Raises TooLarge before anything is decoded, UnsupportedMedia for a damaged file.
    """
    whole = Span(0, file.seek(0, io.SEEK_END))
    compressed = _COPIES * whole.length
    with (
        budget.take(compressed),
        decoder_boundary("avif"),
        Image.open(excerpt(file, [whole]), formats=["AVIF"]) as image,
    ):
        width, height = image.size
        exif, profile = image.info.get("exif", b""), image.info.get("icc_profile", b"")
    check_pixels(width, height, pixel_limit)
    return Outline(
        format="avif",
        width=width,
        height=height,
        file=excerpt(file, [whole]),
        pixel_bytes=_PIXEL_BYTES,
        paint_bytes=0,  # fits into what decoding has given back
        fixed_bytes=compressed,
        exif=exif[:EXIF_LIMIT],
        icc_profile=profile if len(profile) <= PROFILE_LIMIT else b"",
    )

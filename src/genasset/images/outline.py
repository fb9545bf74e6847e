"""What the headers of a picture say, before any pixel is decoded."""

from dataclasses import dataclass
from typing import BinaryIO

from genasset.images.refusals import damaged

PROFILE_LIMIT = 128 * 1024
"""Longest ICC profile that is kept, in bytes; longer ones would outweigh the preview they are for."""

_OVERHEAD = 1024 * 1024


@dataclass(frozen=True)
class Outline:
    """A picture as its headers describe it.

    `file` is what the decoder is to read: only the parts that the first frame needs.
    `exif` (at most 64 KiB) and `icc_profile` are empty when the picture has none that is usable;
    `transparency` is Pillow's `info["transparency"]` where the headers give it.

    The three counts say what decoding costs in memory, in bytes: for each pixel while it is decoded,
    for each decoded pixel while a preview is made of it, and whatever the size it is decoded to.
    `shrinks` tells that the decoder can give 1/2, 1/4 and 1/8 of the size for less.
    """

    format: str
    width: int
    height: int
    file: BinaryIO
    pixel_bytes: int
    paint_bytes: int
    fixed_bytes: int = 0
    shrinks: bool = False
    exif: bytes = b""
    icc_profile: bytes = b""
    transparency: int | bytes | tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise damaged(self.format, f"its size is {self.width} x {self.height} pixels")

    def scale(self, least: tuple[int, int]) -> int:
        """The largest divisor (1, 2, 4 or 8) that the decoder can apply and still give `least` pixels."""
        if not self.shrinks:
            return 1
        room = min(self.width // least[0], self.height // least[1])
        return next(divisor for divisor in (8, 4, 2, 1) if room >= divisor or divisor == 1)

    def decode_bytes(self, scale: int = 1) -> int:
        """Memory to decode the picture at 1/scale of its size, in bytes, at most."""
        return _OVERHEAD + self.fixed_bytes + self.pixel_bytes * self._pixels(scale)

    def preview_bytes(self, scale: int = 1) -> int:
        """Memory to decode the picture at 1/scale and make a preview of it, in bytes, at most."""
        return self.decode_bytes(scale) + self.paint_bytes * self._pixels(scale)

    def _pixels(self, scale: int) -> int:
        return -(-self.width // scale) * -(-self.height // scale)

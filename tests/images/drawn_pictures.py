"""Pictures drawn for the tests, by Pillow or chunk by chunk."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

from PIL import Image

LIMIT = 50_000_000
FORMATS = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP", "avif": "AVIF", "gif": "GIF"}
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as Pillow writes it; `kind` is a format of `ImageFacts`."""
    written = io.BytesIO()
    image.save(written, FORMATS.get(kind, kind), **options)
    return written.getvalue()


def colourful(width: int = 64, height: int = 48) -> Image.Image:
    """A picture with a different colour in each corner and no flat areas."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    noise = Image.effect_noise((width, height), 60)
    return Image.merge("RGB", (across, down, noise))


def quadrants(size: tuple[int, int] = (96, 64)) -> Image.Image:
    """Red, green, blue and white quarters, so that every turn shows."""
    image = Image.new("RGB", size, "white")
    half_width, half_height = size[0] // 2, size[1] // 2
    image.paste("red", (0, 0, half_width, half_height))
    image.paste("lime", (half_width, 0, size[0], half_height))
    image.paste("blue", (0, half_height, half_width, size[1]))
    return image


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int, depth: int, colour: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def png(width: int, height: int, depth: int, colour: int, row: bytes, *before_data: bytes) -> bytes:
    """A PNG file of equal rows; `before_data` are whole chunks."""
    data = chunk(b"IDAT", zlib.compress((b"\0" + row) * height))
    return SIGNATURE + header(width, height, depth, colour) + b"".join(before_data) + data + chunk(b"IEND")


def split_png(data: bytes) -> list[bytes]:
    """The whole chunks of a PNG file."""
    found = []
    position = len(SIGNATURE)
    while position < len(data):
        end = position + 12 + int.from_bytes(data[position : position + 4])
        found.append(data[position:end])
        position = end
    return found


def repaired(data: bytes) -> bytes:
    """The PNG file with right checksums, as far as its chunks can be told."""
    rest = data[len(SIGNATURE) :]
    fixed = [data[: len(SIGNATURE)]]
    while len(rest) >= 12:
        length = int.from_bytes(rest[:4])
        if length + 12 > len(rest):
            break
        fixed.append(chunk(rest[4:8], rest[8 : 8 + length]))
        rest = rest[12 + length :]
    return b"".join([*fixed, rest])


def orientation_exif(value: int) -> bytes:
    exif = Image.Exif()
    exif[274] = value
    return exif.tobytes()


def mean(image: Image.Image) -> tuple[float, ...]:
    """The mean of each band."""
    count = image.width * image.height
    totals: list[float] = []
    for band in image.split():
        totals.append(sum(value * pixels for value, pixels in enumerate(band.histogram())) / count)
    return tuple(totals)


def on_each(image: Image.Image, change: Callable[[int], int]) -> Image.Image:
    return image.point([change(value) for value in range(256)] * len(image.getbands()))

"""Telling a picture's format from its content."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from genasset.images import avif_file, gif_file, jpeg_file, png_file, webp_file
from genasset.images.budget import MemoryBudget
from genasset.images.decode import require_decoder
from genasset.images.outline import Outline
from genasset.images.refusals import empty, not_a_picture

_HEAD = 64
_READERS: dict[str, Callable[[BinaryIO, int], Outline]] = {
    "png": png_file.outline,
    "jpeg": jpeg_file.outline,
    "webp": webp_file.outline,
    "gif": gif_file.outline,
}


@contextmanager
def opened(source: Path | BinaryIO) -> Iterator[BinaryIO]:
    """The file at a path, closed at the end; or a seekable binary file as it is, left open."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file
    else:
        yield source


def outline(file: BinaryIO, *, pixel_limit: int, budget: MemoryBudget) -> Outline:
    """The outline of the picture in a seekable file, whatever its name.

    Raises Invalid for an empty file, UnsupportedMedia for what is no picture of the five formats or
    whose headers are damaged, TooLarge for more than `pixel_limit` pixels, before any is decoded.
    """
    if file.seek(0, io.SEEK_END) == 0:
        raise empty()
    file.seek(0)
    kind = _kind(file.read(_HEAD))
    require_decoder(kind)
    if kind == "avif":
        return avif_file.outline(file, pixel_limit, budget)
    return _READERS[kind](file, pixel_limit)


def _kind(head: bytes) -> str:
    if head.startswith(png_file.SIGNATURE):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if avif_file.is_avif(head):
        return "avif"
    raise not_a_picture()

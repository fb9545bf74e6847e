"""Accepting a picture: it is what it says only once it has decoded."""

from pathlib import Path
from typing import BinaryIO

from genasset.images.budget import MemoryBudget
from genasset.images.decode import decode
from genasset.images.facts import ImageFacts
from genasset.images.outline import Outline
from genasset.images.recognise import opened, outline
from genasset.images.refusals import too_costly

_ANY_SIZE = (1, 1)
_LARGEST_PREVIEW = 2048
"""Pixels of the longer side down to which the largest preview is decoded; see preview.py."""


def identify(source: Path | BinaryIO, *, pixel_limit: int, budget: MemoryBudget) -> ImageFacts:
    """The facts of the picture in `source`, a path or a seekable binary file that is left open.

    Its first frame has decoded as a whole (a JPEG at 1/8 of its size, which reads every byte of it
    for a fraction of the memory); a PNG's critical chunks have right checksums. Decoding waits until
    `budget` has the memory. Safe in any number of threads.

    Raises Invalid for an empty file, UnsupportedMedia for anything but a whole PNG, JPEG, WebP, AVIF
    or GIF picture (code "unreadable_image" when it is one, but damaged, cut off or too costly),
    TooLarge for more than `pixel_limit` pixels or where decoding it or making its previews takes more
    memory than the budget gives one picture, and OSError when the file cannot be read.
    """
    with opened(source) as file:
        found = outline(file, pixel_limit=pixel_limit, budget=budget)
        _check_memory(found, budget.largest_bytes)
        with budget.take(found.decode_bytes(found.scale(_ANY_SIZE))):
            decode(found, _ANY_SIZE, colour=False).close()
    return ImageFacts(width=found.width, height=found.height, format=found.format)


def _check_memory(found: Outline, limit: int | None) -> None:
    factor = min(1.0, _LARGEST_PREVIEW / max(found.width, found.height))
    least = (max(1, int(found.width * factor)), max(1, int(found.height * factor)))
    needed = max(found.decode_bytes(found.scale(_ANY_SIZE)), found.preview_bytes(found.scale(least)))
    if limit is not None and needed > limit:
        raise too_costly(found.format, found.width, found.height, needed, limit)

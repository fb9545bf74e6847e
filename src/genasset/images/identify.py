"""Accepting a picture: it is what it says only once it has decoded."""

from pathlib import Path
from typing import BinaryIO

from genasset.images.budget import MemoryBudget
from genasset.images.decode import decode
from genasset.images.facts import ImageFacts
from genasset.images.recognise import opened, outline

_ANY_SIZE = (1, 1)


def identify(source: Path | BinaryIO, *, pixel_limit: int, budget: MemoryBudget) -> ImageFacts:
    """The facts of the picture in `source`, a path or a seekable binary file that is left open.

    Its first frame has decoded as a whole (a JPEG at 1/8 of its size, which reads every byte of it
    for a fraction of the memory); a PNG's critical chunks have right checksums. Decoding waits until
    `budget` has the memory. Safe in any number of threads.

    Raises Invalid for an empty file, UnsupportedMedia for anything but a whole PNG, JPEG, WebP, AVIF
    or GIF picture (code "unreadable_image" when it is one, but damaged, cut off or too costly),
    TooLarge for more than `pixel_limit` pixels, and OSError when the file cannot be read.
    """
    with opened(source) as file:
        found = outline(file, pixel_limit=pixel_limit, budget=budget)
        with budget.take(found.decode_bytes(found.scale(_ANY_SIZE))):
            decode(found, _ANY_SIZE, colour=False).close()
    return ImageFacts(width=found.width, height=found.height, format=found.format)

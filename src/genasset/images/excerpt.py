"""Parts of a file shown as one file, without copying them."""

import io
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER = 64 * 1024


class Span(NamedTuple):
    """`length` bytes of a file from `start`, counted from its beginning."""

    start: int
    length: int

    @property
    def end(self) -> int:
        """Position of the first byte after the span."""
        return self.start + self.length


Part = Span | bytes


def excerpt(file: BinaryIO, parts: Iterable[Part]) -> BinaryIO:
    """A read-only, seekable file that consists of `parts`: spans of `file` and bytes given outright.

    It holds one buffer of 64 KiB, moves the position of `file`, and closing it leaves `file` open.
    """
    return cast(BinaryIO, io.BufferedReader(_Excerpt(file, list(parts)), BUFFER))


class _Excerpt(io.RawIOBase):
    def __init__(self, file: BinaryIO, parts: Sequence[Part]) -> None:
        lengths = [part.length if isinstance(part, Span) else len(part) for part in parts]
        self._file = file
        self._parts = parts
        self._starts = list(accumulate(lengths, initial=0))
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._starts[-1]}[whence]
        self._position = max(0, origin + offset)
        return self._position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        if self._position >= self._starts[-1]:
            return 0
        index = bisect_right(self._starts, self._position) - 1
        part, inside = self._parts[index], self._position - self._starts[index]
        target = memoryview(buffer).cast("B")
        wanted = min(len(target), self._starts[index + 1] - self._position)
        if isinstance(part, Span):
            self._file.seek(part.start + inside)
            data = self._file.read(wanted)
        else:
            data = part[inside : inside + wanted]
        target[: len(data)] = data
        self._position += len(data)
        return len(data)

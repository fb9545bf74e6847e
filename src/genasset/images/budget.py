"""Memory that decoding may take at once, over all threads."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class MemoryBudget:
    """A number of bytes that threads take parts of and give back.

    Requests are served in the order they came, so a big one is never starved by small ones.
    A total below 1 counts as 1: one request at a time. `largest_bytes`, where it is given, is the most
    that one picture may need; who takes asks first.
    """

    def __init__(self, total_bytes: int, largest_bytes: int | None = None) -> None:
        self.largest_bytes = largest_bytes
        self._total = max(1, total_bytes)
        self._free = self._total
        self._line: deque[object] = deque()
        self._changed = threading.Condition()

    @property
    def total_bytes(self) -> int:
        """All bytes of the budget, taken or not."""
        return self._total

    @contextmanager
    def take(self, wanted_bytes: int) -> Iterator[None]:
        """Hold `wanted_bytes` inside the block; wait first until they are free.

        A request over the total takes all of it and so runs alone. A thread that holds a part must
        not take another: it could wait for itself.
        """
        share = min(max(1, wanted_bytes), self._total)
        self._enter(share)
        try:
            yield
        finally:
            with self._changed:
                self._free += share
                self._changed.notify_all()

    def _enter(self, share: int) -> None:
        ticket = object()
        with self._changed:
            self._line.append(ticket)
            try:
                self._changed.wait_for(lambda: self._line[0] is ticket and share <= self._free)
                self._free -= share
            finally:
                self._line.remove(ticket)
                self._changed.notify_all()

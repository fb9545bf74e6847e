"""The blob store: bytes under a key, put whole or not at all."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from genasset.errors import StorageFull, Unavailable

PIECE = 256 * 1024
"""Bytes that a store hands out at a time."""


NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NO_FILES = {errno.EMFILE, errno.ENFILE}


class StoredBlob(Struct, frozen=True):
    """What a store has under one key."""

    key: str
    bytes: int
    modified_at: datetime


class BlobStore(Protocol):
    """Where bytes lie. Keys are relative POSIX paths that we make ourselves, never a user's text."""

    def put_file(self, key: str, path: Path) -> None:
        """The bytes of `path` are durable under `key`, whole; the file at `path` stays as it was."""

    def put_bytes(self, key: str, data: bytes) -> None:
        """`data` is under `key`, whole. For what can be made again: it may be lost in a power cut."""

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes `start` … `end` (exclusive) in pieces. Raises FileNotFoundError before the first piece."""

    def size(self, key: str) -> int | None:
        """Bytes under `key`, or None when there is nothing."""

    def delete(self, key: str) -> None:
        """Nothing is under `key`."""

    def scan(self, prefix: str) -> Iterator[StoredBlob]:
        """Everything under the keys that begin with `prefix`, in no order."""

    def check(self) -> None:
        """Raise OSError when the store does not answer."""


@contextmanager
def disk_errors() -> Iterator[None]:
    """A disk without room, or a file over the process's limit, is told as StorageFull."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StorageFull("The disk is full; nothing was saved. Free some space and try again.") from error
        if error.errno in NO_FILES:
            raise Unavailable("The server has too many files open; try again in a moment.") from error
        raise


def original_key(sha256: str) -> str:
    """Where a saved file's bytes lie."""
    return f"blobs/{sha256[:2]}/{sha256}"


def preview_key(sha256: str, size: int) -> str:
    """Where the preview of at most `size` pixels of a saved picture lies."""
    return f"previews/{sha256[:2]}/{sha256}-{size}.webp"

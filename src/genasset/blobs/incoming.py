"""Files on their way in: named, locked by the process that writes them, gone when it is done or dead."""

import contextlib
import fcntl
import hashlib
import os
import tempfile
from pathlib import Path

from genasset.blobs import disk_errors
from genasset.model import Upload


class IncomingFile:
    """A file that is being received; its SHA-256 grows with it."""

    def __init__(self, folder: Path) -> None:
        descriptor, self.path = _locked_file(folder)
        self.bytes = 0
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._hash = hashlib.sha256()

    @disk_errors()
    def write(self, piece: bytes) -> None:
        """`piece` follows what was written before."""
        self._hash.update(piece)
        left = memoryview(piece)
        while left:  # a disk that is nearly full takes a part, and refuses the rest the next time
            left = left[self._file.write(left) :]
        self.bytes += len(piece)

    def finish(self, filename: str) -> Upload:
        """What was received, under the name that the client gave it."""
        return Upload(str(self.path), filename, self._hash.hexdigest(), self.bytes)

    def discard(self) -> None:
        """The file is gone; what a store has linked or copied stays."""
        self._file.close()
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()


class Incoming:
    """The files of one request, until they are discarded."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[IncomingFile] = []

    @disk_errors()
    def open(self) -> IncomingFile:
        """A new empty file."""
        file = IncomingFile(self._folder)
        self._files.append(file)
        return file

    def discard(self) -> None:
        """All its files are gone."""
        while self._files:
            self._files.pop().discard()


def discard_abandoned(folder: Path) -> list[int]:
    """Files whose process died while it received them are gone; their sizes in bytes."""
    sizes = (_discard_unlocked(path) for path in folder.iterdir() if path.is_file())
    return [size for size in sizes if size is not None]


def _locked_file(folder: Path) -> tuple[int, Path]:
    """A new empty file. Its lock dies with the process: what is left unlocked belongs to nobody."""
    while True:
        descriptor, name = tempfile.mkstemp(prefix="upload-", dir=folder)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor, Path(name)
        os.close(descriptor)  # taken for abandoned before it was locked


def _discard_unlocked(path: Path) -> int | None:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
            return os.fstat(file.fileno()).st_size
    except (BlockingIOError, FileNotFoundError):
        return None

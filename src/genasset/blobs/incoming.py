"""Files on their way in: named, locked by the process that writes them, gone when it is done or dead."""

import contextlib
import fcntl
import hashlib
import os
import tempfile
from pathlib import Path

from genasset.model import Upload


class IncomingFile:
    """A file that is being received; its SHA-256 grows with it."""

    def __init__(self, folder: Path) -> None:
        descriptor, name = tempfile.mkstemp(prefix="upload-", dir=folder)
        # The lock dies with the process: what is left unlocked belongs to nobody (see `abandoned`).
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        self.path = Path(name)
        self.bytes = 0
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._hash = hashlib.sha256()

    def write(self, piece: bytes) -> None:
        """`piece` follows what was written before."""
        self._hash.update(piece)
        self._file.write(piece)
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

    def open(self) -> IncomingFile:
        """A new empty file."""
        file = IncomingFile(self._folder)
        self._files.append(file)
        return file

    def discard(self) -> None:
        """All its files are gone."""
        while self._files:
            self._files.pop().discard()


def abandoned(folder: Path) -> list[Path]:
    """Files whose process died while it received them."""
    return [path for path in folder.iterdir() if path.is_file() and not _is_locked(path)]


def _is_locked(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return True
    return False

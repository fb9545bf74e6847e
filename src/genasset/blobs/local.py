"""Blobs as files in a folder."""

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from genasset.blobs import PIECE, StoredBlob, disk_errors
from genasset.blobs.incoming import IncomingFile

NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV, errno.EMLINK}


class LocalBlobs:
    """Files under `root`, one a key; see `genasset.blobs.BlobStore` for what its methods promise.

    `sync` makes a file descriptor's data durable; tests count its calls.
    """

    def __init__(self, root: Path, *, sync: Callable[[int], None] = os.fsync) -> None:
        self._root = root
        self._sync = sync
        self._incoming = root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._make_folders()

    @disk_errors()
    def put_file(self, key: str, path: Path) -> None:
        target = self._path(key)
        with path.open("rb") as file:
            self._sync(file.fileno())
        try:
            os.link(path, target)
        except FileExistsError:
            if self.size(key) != path.stat().st_size:
                self._replace(path, target)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            self._replace(path, target)
        self._sync_folder(target.parent)

    @disk_errors()
    def put_bytes(self, key: str, data: bytes) -> None:
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = IncomingFile(self._incoming)
        try:
            copy.write(data)
            os.replace(copy.path, target)
        finally:
            copy.discard()

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        with self._path(key).open("rb") as file:
            file.seek(start)
            left = (os.fstat(file.fileno()).st_size if end is None else end) - start
            while left > 0:
                piece = file.read(min(PIECE, left))
                if not piece:
                    return
                left -= len(piece)
                yield piece

    def size(self, key: str) -> int | None:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._path(key).unlink()

    def scan(self, prefix: str) -> Iterator[StoredBlob]:
        for folder, _folders, names in os.walk(self._root / prefix):
            for name in names:
                path = Path(folder, name)
                with contextlib.suppress(FileNotFoundError):
                    facts = path.stat()
                    modified = datetime.fromtimestamp(facts.st_mtime, UTC)
                    yield StoredBlob(path.relative_to(self._root).as_posix(), facts.st_size, modified)

    def check(self) -> None:
        (self._root / "blobs").stat()

    def _path(self, key: str) -> Path:
        return self._root / key

    def _make_folders(self) -> None:
        """The 256 folders of originals are there and durable, so that a save syncs only the one it writes to."""
        originals = self._root / "blobs"
        if (originals / "ff").is_dir():
            return
        originals.mkdir(parents=True, exist_ok=True)
        for number in range(256):
            (originals / f"{number:02x}").mkdir(exist_ok=True)
        for folder in (originals, self._root, self._root.parent):
            self._sync_folder(folder)

    def _replace(self, path: Path, target: Path) -> None:
        """A copy of `path` takes the target's place, whole."""
        copy = IncomingFile(self._incoming)
        try:
            with path.open("rb") as file:
                while piece := file.read(PIECE):
                    copy.write(piece)
            with copy.path.open("rb") as written:
                self._sync(written.fileno())
            os.replace(copy.path, target)
        finally:
            copy.discard()

    def _sync_folder(self, folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            self._sync(descriptor)
        finally:
            os.close(descriptor)

"""The library: the two stores under the verbs, and what they share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from uuid_utils import uuid7

from genasset.blobs import BlobStore
from genasset.blobs.local import LocalBlobs
from genasset.db import Database
from genasset.db.migrations import upgrade_embedded
from genasset.db.sqlite import SqliteDatabase
from genasset.errors import Unavailable
from genasset.images import MemoryBudget
from genasset.settings import Settings
from genasset.workspaces.secrets import signing_key


def utc_now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A fresh time-ordered id (UUIDv7, RFC 9562)."""
    return str(uuid7())


@dataclass(frozen=True)
class Library:
    """Everything a verb needs. `now` is the clock."""

    db: Database
    blobs: BlobStore
    settings: Settings
    incoming: Path
    signing_key: bytes
    decoding: MemoryBudget
    now: Callable[[], datetime] = utc_now

    def close(self) -> None:
        """Let go of the stores."""
        self.db.close()


def make_folder(folder: Path) -> None:
    """The folder is there, for its owner alone when it is new. Raises Unavailable when it can't be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Unavailable(f"Can't use {folder} as a folder for data ({error.strerror}); choose another.") from error


def open_library(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> Library:
    """The library in `settings.data_dir`, which is made when it is not there yet. Raises Unavailable."""
    folder = settings.data_dir
    incoming = folder / "incoming"
    make_folder(folder)
    make_folder(incoming)
    path = folder / "genasset.db"
    upgrade_embedded(path)
    db = SqliteDatabase(path, busy_seconds=settings.busy_seconds)
    return Library(
        db=db,
        blobs=LocalBlobs(folder),
        settings=settings,
        incoming=incoming,
        signing_key=signing_key(db),
        decoding=MemoryBudget(settings.decode_memory, settings.picture_memory),
        now=now,
    )

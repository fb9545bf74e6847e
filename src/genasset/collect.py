"""`genasset gc`: takes away what crashes left half done and bytes that nothing refers to.

Safe beside running saves: bytes are deleted inside the transaction that removes their row, and a
save that relied on them finds them gone and stores them again (see blobs/claims.py).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import PurePosixPath

from msgspec import Struct
from sqlalchemy import Connection, delete, exists, select

from genasset.blobs import StoredBlob, original_key
from genasset.blobs.incoming import discard_abandoned
from genasset.db.tables import artifacts, blobs, versions
from genasset.library import Library

CHUNK = 200
"""Files that one transaction deletes, so that saves never wait long."""


class Collected(Struct, frozen=True):
    """What was taken away: files and their bytes, by kind."""

    uploads: int
    originals: int
    previews: int
    bytes: int


def collect(library: Library, *, older_than: timedelta) -> Collected:
    """Unfinished uploads, and bytes and previews unreferenced and unclaimed for `older_than`, are gone."""
    cutoff = library.now() - older_than
    uploads = discard_abandoned(library.incoming)
    originals = _delete_orphans(library, cutoff) + _delete_unreferenced(library, cutoff)
    previews = _delete_previews(library, cutoff)
    total = sum(size for sizes in (uploads, originals, previews) for size in sizes)
    return Collected(len(uploads), len(originals), len(previews), total)


def _delete_orphans(library: Library, cutoff: datetime) -> list[int]:
    """Bytes that have no row: a save died before its commit. A row of ours keeps others off while they go."""
    sizes = []
    for batch in _batches(blob for blob in library.blobs.scan("blobs") if blob.modified_at < cutoff):
        rows = [{"sha256": _name(blob), "bytes": blob.bytes, "claimed_at": cutoff} for blob in batch]
        with library.db.write() as tx:
            claims = library.db.insert(blobs).values(rows).on_conflict_do_nothing().returning(blobs.c.sha256)
            orphans = set(tx.scalars(claims))
            for blob in batch:
                if _name(blob) in orphans:
                    library.blobs.delete(blob.key)
                    sizes.append(blob.bytes)
            tx.execute(delete(blobs).where(blobs.c.sha256.in_(orphans)))
    return sizes


def _delete_unreferenced(library: Library, cutoff: datetime) -> list[int]:
    """Bytes that have a row which nothing refers to and nobody claimed since the cutoff."""
    unreferenced = (
        blobs.c.claimed_at < cutoff,
        ~exists().where(versions.c.sha256 == blobs.c.sha256),
        ~exists().where(artifacts.c.sha256 == blobs.c.sha256),
    )
    with library.db.read() as tx:
        candidates = tx.scalars(select(blobs.c.sha256).where(*unreferenced)).all()
    sizes = []
    for start in range(0, len(candidates), CHUNK):
        batch = candidates[start : start + CHUNK]
        with library.db.write() as tx:
            gone = delete(blobs).where(blobs.c.sha256.in_(batch), *unreferenced)
            for sha256, size in tx.execute(gone.returning(blobs.c.sha256, blobs.c.bytes)).all():
                library.blobs.delete(original_key(sha256))
                sizes.append(size)
    return sizes


def _delete_previews(library: Library, cutoff: datetime) -> list[int]:
    """Previews of pictures that are gone; they could be made again, so no lock is needed."""
    sizes = []
    for batch in _batches(blob for blob in library.blobs.scan("previews") if blob.modified_at < cutoff):
        with library.db.read() as tx:
            living = _living(tx, {_picture_of(blob) for blob in batch})
        for blob in batch:
            if _picture_of(blob) not in living:
                library.blobs.delete(blob.key)
                sizes.append(blob.bytes)
    return sizes


def _living(tx: Connection, hashes: Iterable[str]) -> set[str]:
    return set(tx.scalars(select(blobs.c.sha256).where(blobs.c.sha256.in_(hashes))))


def _name(blob: StoredBlob) -> str:
    return PurePosixPath(blob.key).name


def _picture_of(preview: StoredBlob) -> str:
    return _name(preview).split("-")[0]


def _batches(found: Iterable[StoredBlob]) -> Iterator[list[StoredBlob]]:
    iterator = iter(found)
    while batch := list(islice(iterator, CHUNK)):
        yield batch

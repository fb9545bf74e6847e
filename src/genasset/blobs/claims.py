"""Claims: how a save relies on stored bytes while `genasset gc` may be taking bytes away.

A save stores its bytes, then, in its transaction, writes a dated row for them and looks whether
they are still there. `gc` deletes bytes only inside a transaction that has removed that row.
So whichever transaction comes first, the other one knows.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from genasset.blobs import BlobStore, original_key
from genasset.db import Database
from genasset.db.tables import blobs
from genasset.model import Picture


class BytesTaken(Exception):
    """The bytes were taken away after this save had stored or found them."""


def claim(db: Database, store: BlobStore, tx: Connection, pictures: Iterable[Picture], now: datetime) -> None:
    """The pictures' bytes are stored and stay so once this transaction commits. Raises BytesTaken."""
    for sha256, size in sorted({picture.sha256: picture.bytes for picture in pictures}.items()):
        row = db.insert(blobs).values(sha256=sha256, bytes=size, claimed_at=now)
        tx.execute(row.on_conflict_do_update(index_elements=["sha256"], set_={"claimed_at": now}))
        if store.size(original_key(sha256)) != size:
            raise BytesTaken(sha256)

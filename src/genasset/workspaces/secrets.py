"""Secrets of the library itself, made once and shared by every process on the database."""

import os

from sqlalchemy import select

from genasset.db import Database
from genasset.db.tables import secrets


def signing_key(db: Database) -> bytes:
    """The 32 random bytes that sign URLs."""
    wanted = select(secrets.c.value).where(secrets.c.name == "signing_key")
    with db.read() as tx:
        key: bytes | None = tx.scalar(wanted)
    if key is None:
        with db.write() as tx:
            fresh = {"name": "signing_key", "value": os.urandom(32)}
            tx.execute(db.insert(secrets).values(fresh).on_conflict_do_nothing())
            key = tx.scalar(wanted)
    assert key is not None
    return key

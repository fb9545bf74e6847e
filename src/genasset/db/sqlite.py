"""SQLite: one file, many readers, and one writing connection whose waiting transactions commit together."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, Select, column, create_engine, event, select, text
from sqlalchemy import table as table_clause
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.schema import Table

from genasset.db.query import Query, Rows
from genasset.db.tables import assets
from genasset.errors import GenAssetError, StorageFull, Unavailable

try:
    import pysqlite3 as sqlite3
except ImportError:  # a platform without its wheel: the SQLite that Python carries
    import sqlite3

driver: ModuleType = sqlite3

BATCH = 64
"""Most transactions that one commit carries."""


class Batch:
    """Transactions that share one commit: all are on disk when it is done, or none is."""

    def __init__(self) -> None:
        self.size = 0
        self.committed = threading.Event()
        self.error: GenAssetError | None = None


class SqliteDatabase:
    """A SQLite file in write-ahead-log mode; see `genasset.db.Database` for what its methods promise."""

    def __init__(self, path: Path, *, busy_seconds: int = 30) -> None:
        self._engine = open_engine(path, busy_seconds)
        self._local = threading.local()
        self._connections: list[Connection] = []
        self._writer = self._engine.connect()
        self._lock = threading.Lock()
        self._waiting = 0
        self._waiting_lock = threading.Lock()
        self._batch = Batch()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        connection = self._reader()
        raw: Any = connection.connection.driver_connection
        with sentences():
            raw.execute("BEGIN")
            try:
                yield connection
            finally:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")

    def ask(self, query: Query, **values: Any) -> Rows:
        with sentences():
            return query.all(self._reader(), **values)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        batch = self._join_batch()
        try:
            with sentences():
                self._run("SAVEPOINT verb")
                yield self._writer
                self._run("RELEASE verb")
        except BaseException as error:
            self._undo(batch, error)
            raise
        finally:
            self._leave_batch(batch)
        batch.committed.wait()
        if batch.error:
            raise batch.error

    def _join_batch(self) -> Batch:
        """Hold the writing connection, in a transaction that others may have begun."""
        with self._waiting_lock:
            self._waiting += 1
        self._lock.acquire()
        with self._waiting_lock:
            self._waiting -= 1
        try:
            if self._batch.size == 0:
                self._roll_back()  # of a batch that could not even do that
                with sentences():
                    self._run("BEGIN IMMEDIATE")
        except BaseException:
            self._lock.release()
            raise
        self._batch.size += 1
        return self._batch

    def _undo(self, batch: Batch, reason: BaseException) -> None:
        """Take back this transaction alone, or all of the batch where SQLite itself has given it up (disk full)."""
        try:
            with sentences():
                self._run("ROLLBACK TO verb")
                self._run("RELEASE verb")
        except GenAssetError as error:
            batch.error = reason if isinstance(reason, GenAssetError) else error

    def _leave_batch(self, batch: Batch) -> None:
        """Commit, unless somebody waits who can do it for both."""
        try:
            if self._waiting and batch.size < BATCH and batch.error is None:
                return
            self._batch = Batch()
            self._end_batch(batch)
        finally:
            self._lock.release()

    def _end_batch(self, batch: Batch) -> None:
        """The batch is committed, or it has an error; only then do its members hear of it."""
        broken = batch.error
        batch.error = broken or Unavailable("The database did not confirm the save; try again.")
        try:
            if broken is None:
                with sentences():
                    self._run("COMMIT")
                batch.error = None
        except GenAssetError as error:
            batch.error = error
        finally:
            self._roll_back()
            batch.committed.set()

    def _roll_back(self) -> None:
        if self._raw_writer().in_transaction:
            with suppress(GenAssetError), sentences():
                self._run("ROLLBACK")

    def _run(self, statement: str) -> None:
        self._raw_writer().execute(statement)

    def _raw_writer(self) -> Any:
        return self._writer.connection.driver_connection

    def _reader(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._engine.connect()
            connection.exec_driver_sql("PRAGMA query_only = ON")
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    def insert(self, table: Table) -> Insert:
        return insert(table)

    def next_position(self, tx: Connection) -> int:
        last = tx.scalar(select(assets.c.position).order_by(assets.c.position.desc()).limit(1))
        return (last or 0) + 1

    def index_words(self, tx: Connection, old: int | None, new: int | None, words: str) -> None:
        if old is not None:
            tx.execute(UNINDEX, {"position": old})
        if new is not None:
            tx.execute(INDEX, {"position": new, "words": words})

    @property
    def hits(self) -> Select[Any]:
        return HITS

    def all_of(self, words: Sequence[str]) -> str:
        return " AND ".join(f'"{word}"' for word in words)

    def check(self) -> None:
        with self.read() as tx:
            tx.execute(select(assets.c.id).limit(1))

    def close(self) -> None:
        with self._lock:
            self._writer.close()
        for connection in self._connections:
            connection.close()
        self._engine.dispose()


# A contentless FTS5 table whose rowid is the asset's position: the newest hits are the first it finds.
INDEXED = table_clause("asset_search", column("rowid"))
HITS = select(INDEXED.c.rowid).where(text("asset_search MATCH :words"))
UNINDEX = text("DELETE FROM asset_search WHERE rowid = :position")
INDEX = text("INSERT INTO asset_search (rowid, words) VALUES (:position, :words)")


def open_engine(path: Path, busy_seconds: int) -> Engine:
    """An engine on the file whose connections begin and end transactions only when told to."""
    engine = create_engine(
        f"sqlite:///{path}",
        module=driver,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": busy_seconds, "cached_statements": 256},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -8000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute(f"PRAGMA journal_size_limit = {64 * 1024 * 1024}")
        cursor.close()

    return engine


@contextmanager
def sentences() -> Iterator[None]:
    """SQLite's own errors as ones that a person can act on; those of our own statements stay what they are."""
    try:
        yield
    except (OperationalError, driver.OperationalError) as error:
        raise as_sentence(str(getattr(error, "orig", error))) from error
    except driver.DatabaseError as error:  # of BEGIN, COMMIT and the like: a damaged file, no memory
        raise Unavailable("The database can't be written to; nothing was saved. See the server's log.") from error


def as_sentence(message: str) -> GenAssetError:
    """What SQLite says of an operation that it could not do, in our words."""
    words = message.lower()
    if "full" in words:
        return StorageFull("The disk that holds the database is full; nothing was saved. Free some space and retry.")
    if "locked" in words or "busy" in words:
        return Unavailable("Another process is writing to the database; try again in a moment.")
    return Unavailable("The database does not answer now; nothing was saved. Try again in a moment.")

"""SQLite's one writing connection: transactions that wait together commit together, and fail each for itself."""

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert, select, text
from sqlalchemy.exc import IntegrityError

from factories import Desk, picture
from genasset.db.migrations import upgrade_embedded
from genasset.db.sqlite import SqliteDatabase, driver
from genasset.db.tables import secrets, workflows
from genasset.errors import StorageFull, Unavailable
from genasset.library import open_library
from genasset.settings import Settings
from server import wait_until


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    upgrade_embedded(tmp_path / "test.db")
    opened = SqliteDatabase(tmp_path / "test.db", busy_seconds=1)
    yield opened
    opened.close()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(12) as pool:
        yield pool


def put(tx: Connection, name: str, size: int = 8) -> None:
    tx.execute(insert(secrets).values(name=name, value=b"x" * size))


def kept(database: SqliteDatabase) -> set[str]:
    with database.read() as tx:
        return set(tx.scalars(select(secrets.c.name).where(secrets.c.name != "signing_key")))


class Batch:
    """Transactions that join one batch: the first holds the connection until all the others wait for it.

    The threads are lined up by looking at how many wait, which only the database itself knows.
    """

    def __init__(self, database: SqliteDatabase, threads: ThreadPoolExecutor) -> None:
        self._database, self._threads = database, threads
        self._go = threading.Event()
        self._inside = threading.Event()
        self._first = threads.submit(self._hold)
        assert self._inside.wait(20)
        self._waiting = 0

    def _hold(self) -> None:
        with self._database.write() as tx:
            put(tx, "first")
            self._inside.set()
            assert self._go.wait(20)

    def add(self, write: Any) -> Future[None]:
        """A transaction that will follow in the batch; `write` does its work."""

        def run() -> None:
            with self._database.write() as tx:
                write(tx)

        added = self._threads.submit(run)
        self._waiting += 1
        wait_until(lambda: self._database._waiting == self._waiting)
        return added

    def run(self) -> Future[None]:
        """The batch goes on; the first transaction's outcome."""
        self._go.set()
        return self._first


def commits(database: SqliteDatabase) -> list[str]:
    """The COMMIT statements that the writing connection runs from now on."""
    seen: list[str] = []
    database._raw_writer().set_trace_callback(lambda sql: seen.append(sql) if sql == "COMMIT" else None)
    return seen


def test_transactions_that_wait_together_share_one_commit(
    database: SqliteDatabase, threads: ThreadPoolExecutor
) -> None:
    seen = commits(database)
    batch = Batch(database, threads)
    others = [batch.add(lambda tx, n=n: put(tx, f"other {n}")) for n in range(5)]
    for one in (batch.run(), *others):
        one.result(20)
    assert kept(database) == {"first", *(f"other {n}" for n in range(5))}
    assert seen == ["COMMIT"]


def test_nobody_is_told_of_success_before_the_commit(database: SqliteDatabase, threads: ThreadPoolExecutor) -> None:
    batch = Batch(database, threads)
    hold, inside = threading.Event(), threading.Event()

    def slow(tx: Connection) -> None:
        put(tx, "slow")
        inside.set()
        assert hold.wait(20)

    last = batch.add(slow)
    first = batch.run()
    assert inside.wait(20)
    assert not first.done()
    assert kept(database) == set()
    hold.set()
    first.result(20)
    last.result(20)
    assert kept(database) == {"first", "slow"}


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, IntegrityError])
def test_a_transaction_that_fails_takes_no_other_with_it(
    database: SqliteDatabase, threads: ThreadPoolExecutor, failure: type[BaseException]
) -> None:
    def fail(tx: Connection) -> None:
        put(tx, "never kept")
        if failure is IntegrityError:
            put(tx, "first")
        raise failure

    batch = Batch(database, threads)
    before, failing, after = (
        batch.add(lambda tx: put(tx, "before")),
        batch.add(fail),
        batch.add(lambda tx: put(tx, "after")),
    )
    batch.run().result(20)
    before.result(20)
    after.result(20)
    with pytest.raises(failure):
        failing.result(20)
    assert kept(database) == {"first", "before", "after"}


def test_a_transaction_that_fails_alone_leaves_nothing_and_the_next_one_works(database: SqliteDatabase) -> None:
    with pytest.raises(IntegrityError), database.write() as tx:
        tx.execute(insert(secrets), [{"name": "never kept", "value": b""}, {"name": "never kept", "value": b""}])
    assert kept(database) == set()
    with database.write() as tx:
        put(tx, "next")
    assert kept(database) == {"next"}


def test_when_sqlite_gives_up_the_whole_batch_everybody_in_it_is_told(
    database: SqliteDatabase, threads: ThreadPoolExecutor
) -> None:
    batch = Batch(database, threads)
    second = batch.add(lambda tx: put(tx, "second"))
    limit_pages(database._raw_writer(), 10)
    filling = batch.add(lambda tx: put(tx, "filling", 1_000_000))
    outcomes = [batch.run(), second, filling]
    for one in outcomes:
        error = one.exception(20)
        # A transaction may come after the one that filled the disk: it has a batch of its own, and room.
        assert isinstance(error, StorageFull) or (error is None and one is second)
    assert isinstance(filling.exception(), StorageFull)
    limit_pages(database._raw_writer(), 2**31)
    told = {"second"} if second.exception() is None else set()
    assert kept(database) == told
    with database.write() as tx:
        put(tx, "next")
    assert kept(database) == {*told, "next"}


def limit_pages(raw: Any, more: int) -> None:
    """The database has room for so many pages more than it has."""
    pages = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count = {min(pages + more, 2**32 - 2)}").fetchone()


class Disk:
    """The disk under a library's database, which can be filled."""

    def __init__(self) -> None:
        self.connections: list[Any] = []

    def leave(self, pages: int) -> None:
        """The database may grow by so many pages."""
        for raw in self.connections:
            with contextlib.suppress(driver.ProgrammingError):  # one that is closed already
                limit_pages(raw, pages)


@pytest.fixture
def disk(settings: Settings) -> Iterator[Disk]:
    found = Disk()

    def remember(connection: Any, _record: Any) -> None:
        found.connections.append(connection)

    event.listen(Engine, "connect", remember)
    yield found
    event.remove(Engine, "connect", remember)


def test_saves_on_a_full_disk_are_told_so_and_the_next_ones_work(
    settings: Settings, disk: Disk, threads: ThreadPoolExecutor
) -> None:
    library = open_library(settings)
    desk = Desk(library)
    first = desk.save(asset_name="Sea")
    disk.leave(0)

    def save(number: int) -> str:
        try:
            saved = desk.save(
                picture(number), asset_name="Sea", workflow_json='{"pad": "' + "x" * 50_000 + f'{number}"}}'
            )
        except StorageFull:
            return "full"
        return saved.version.id

    outcomes = list(threads.map(save, range(12)))
    assert "full" in outcomes
    disk.leave(2**31)
    again = desk.save(picture(99), asset_name="Sea")
    told = [one for one in outcomes if one != "full"]
    assert again.version.number == first.version.number + len(told) + 1
    with library.db.read() as tx:
        assert tx.scalar(select(text("count(*)")).select_from(workflows)) == 1 + len(told)
    library.close()


def test_many_threads_commit_all_they_wrote(database: SqliteDatabase, threads: ThreadPoolExecutor) -> None:
    def write(thread: int) -> None:
        for number in range(25):
            with database.write() as tx:
                put(tx, f"{thread} {number}")

    list(threads.map(write, range(12)))
    assert kept(database) == {f"{thread} {number}" for thread in range(12) for number in range(25)}


def test_a_reader_sees_one_state_however_much_is_written_meanwhile(database: SqliteDatabase) -> None:
    with database.read() as tx:
        wanted = select(secrets.c.name)
        before = set(tx.scalars(wanted))
        other = threading.Thread(target=lambda: write_one(database))
        other.start()
        other.join()
        assert set(tx.scalars(wanted)) == before
    assert kept(database) == {"one"}


def write_one(database: SqliteDatabase) -> None:
    with database.write() as tx:
        put(tx, "one")


def test_a_reader_can_not_write(database: SqliteDatabase) -> None:
    with pytest.raises(Unavailable), database.read() as tx:
        put(tx, "never")
    assert kept(database) == set()


def test_another_process_that_writes_for_long_is_named_as_the_reason(database: SqliteDatabase, tmp_path: Path) -> None:
    other = SqliteDatabase(tmp_path / "test.db", busy_seconds=1)
    with other.write() as tx:
        put(tx, "other")
        with pytest.raises(Unavailable, match="Another process"), database.write():
            pytest.fail("the database was locked")
    other.close()
    with database.write() as tx:
        put(tx, "mine")
    assert kept(database) == {"other", "mine"}


def test_what_is_committed_is_synced(database: SqliteDatabase) -> None:
    raw = database._raw_writer()
    assert raw.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert raw.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert raw.execute("PRAGMA foreign_keys").fetchone()[0] == 1

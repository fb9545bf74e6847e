"""What the writing connection does when SQLite fails at the worst moments."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from genasset.db.migrations import upgrade_embedded
from genasset.db.sqlite import SqliteDatabase, driver
from genasset.db.tables import secrets
from genasset.errors import GenAssetError, Unavailable


class Faulty(SqliteDatabase):
    """A database whose statement of that name fails once, before SQLite sees it."""

    failing = ""
    error: Exception = driver.DatabaseError("database disk image is malformed")

    def _run(self, statement: str) -> None:
        if self.failing and statement.startswith(self.failing):
            self.failing = ""
            raise self.error
        super()._run(statement)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Faulty]:
    path = tmp_path / "genasset.db"
    upgrade_embedded(path)
    opened = Faulty(path)
    yield opened
    opened.close()


def write(db: SqliteDatabase, name: str) -> None:
    with db.write() as tx:
        tx.execute(insert(secrets).values(name=name, value=b""))


def names(db: SqliteDatabase) -> set[str]:
    with db.read() as tx:
        return set(tx.scalars(select(secrets.c.name)))


@pytest.mark.parametrize("error", [driver.DatabaseError("malformed"), driver.OperationalError("disk I/O error")])
@pytest.mark.parametrize("failing", ["BEGIN", "SAVEPOINT", "RELEASE", "COMMIT"])
def test_a_write_whose_statement_fails_is_not_acknowledged_and_the_next_one_works(
    db: Faulty, failing: str, error: Exception
) -> None:
    db.failing, db.error = failing, error
    with pytest.raises(Unavailable):
        write(db, "lost")
    write(db, "kept")
    assert names(db) == {"kept"}


def test_nobody_in_a_batch_is_acknowledged_when_its_commit_fails(db: Faulty) -> None:
    outcomes: dict[str, Any] = {}
    inside, go_on = threading.Event(), threading.Event()

    def first() -> None:
        try:
            with db.write() as tx:
                tx.execute(insert(secrets).values(name="first", value=b""))
                inside.set()
                go_on.wait(10)
            outcomes["first"] = "acknowledged"
        except GenAssetError as error:
            outcomes["first"] = type(error)

    def second() -> None:
        try:
            write(db, "second")
            outcomes["second"] = "acknowledged"
        except GenAssetError as error:
            outcomes["second"] = type(error)

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    inside.wait(10)
    threads[1].start()
    while not db._waiting:
        pass
    db.failing = "COMMIT"
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert outcomes == {"first": Unavailable, "second": Unavailable}
    assert names(db) == set()


def test_half_a_verb_is_never_committed_when_it_can_not_be_taken_back(db: Faulty) -> None:
    def half() -> None:
        with db.write() as tx:
            tx.execute(insert(secrets).values(name="half", value=b""))
            raise ValueError("broken")

    db.failing = "ROLLBACK TO"
    with pytest.raises(ValueError, match="broken"):
        half()
    assert names(db) == set()
    write(db, "kept")
    assert names(db) == {"kept"}

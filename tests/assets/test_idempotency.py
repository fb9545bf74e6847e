"""Idempotency keys over time: kept for a day, committed with the version."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from factories import Desk, picture
from genasset.assets.edit import trash_version
from genasset.db.tables import idempotency_keys
from genasset.errors import Conflict, NotFound
from genasset.library import open_library
from genasset.settings import Settings


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2030, 1, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(settings: Settings, clock: Clock) -> Iterator[Desk]:
    library = open_library(settings, now=clock)
    yield Desk(library)
    library.close()


def test_a_key_is_known_for_a_day_and_then_forgotten(desk: Desk, clock: Clock) -> None:
    first = desk.save(asset_name="Sea", key="key")
    clock.time += timedelta(hours=23, minutes=59)
    assert desk.save(asset_name="Sea", key="key").version.id == first.version.id
    clock.time += timedelta(minutes=2)
    again = desk.save(asset_name="Sea", key="key")
    assert (again.version.number, again.version.created_at) == (2, clock.time)
    clock.time += timedelta(days=2)
    assert desk.save(asset_name="Sea", prompt="other", key="key").version.number == 3


def test_forgotten_keys_are_swept_away(desk: Desk, clock: Clock) -> None:
    def kept() -> int | None:
        with desk.library.db.read() as tx:
            return tx.scalar(select(func.count()).select_from(idempotency_keys))

    for number in range(5):
        desk.save(picture(number), key=f"key {number}")
    clock.time += timedelta(days=2)
    desk.save(picture(9), key="key 9")
    assert kept() == 1


def test_a_key_is_not_kept_as_text(desk: Desk) -> None:
    desk.save(key="a key that is easy to find")
    files = [path for path in desk.library.settings.data_dir.rglob("*") if path.is_file()]
    assert not [path for path in files if b"easy to find" in path.read_bytes()]


def test_a_refused_save_leaves_its_key_free(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.save(asset_id="01a20530-0000-7000-8000-000000000000", key="key")
    assert desk.save(asset_name="Sea", key="key").version.number == 1


def test_the_key_of_a_deleted_version_stays_a_conflict_for_its_day(desk: Desk, clock: Clock) -> None:
    first = desk.save(asset_name="Sea", key="key")
    trash_version(desk.library, desk.caller, first.version.id)
    for _ in range(2):
        with pytest.raises(Conflict) as caught:
            desk.save(asset_name="Sea", key="key")
        assert caught.value.code == "version_deleted"
    clock.time += timedelta(hours=25)
    assert desk.save(asset_name="Sea", key="key").version.number == 1

"""`gc`: what nothing refers to goes, what anything relies on stays, whatever happens at the same time."""

import os
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, select

from factories import Desk, picture
from genasset.assets.edit import trash_asset
from genasset.assets.previews import preview
from genasset.blobs import original_key, preview_key
from genasset.blobs.incoming import Incoming
from genasset.collect import Collected, collect
from genasset.db.tables import artifacts, asset_words, assets, blobs, idempotency_keys, version_states, versions
from genasset.errors import NotFound
from genasset.library import Library, open_library
from genasset.settings import Settings
from server import wait_until

NOTHING = Collected(0, 0, 0, 0)
DAY = timedelta(days=1)
AT_ONCE = timedelta(0)


class Clock:
    """The real time, moved ahead as a test likes."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(settings: Settings, clock: Clock) -> Iterator[Desk]:
    library = open_library(settings, now=clock)
    yield Desk(library)
    library.close()


def purge(tx: Connection, library: Library, asset_id: str) -> None:
    """All rows of an asset are gone, as a purge of the trash would do it."""
    position = tx.scalar(select(assets.c.position).where(assets.c.id == asset_id))
    gone = select(versions.c.id).where(versions.c.asset_id == asset_id)
    tx.execute(delete(artifacts).where(artifacts.c.version_id.in_(gone)))
    tx.execute(delete(version_states).where(version_states.c.version_id.in_(gone)))
    tx.execute(delete(idempotency_keys).where(idempotency_keys.c.version_id.in_(gone)))
    tx.execute(delete(versions).where(versions.c.asset_id == asset_id))
    tx.execute(delete(asset_words).where(asset_words.c.asset_id == asset_id))
    tx.execute(delete(assets).where(assets.c.id == asset_id))
    library.db.index_words(tx, position, None, "")


def stored(desk: Desk, sha256: str) -> bool:
    return desk.library.blobs.size(original_key(sha256)) is not None


def test_nothing_that_is_used_goes(desk: Desk, clock: Clock) -> None:
    saved = [desk.save(picture(n), inputs=[picture(100 + n)], asset_name=f"asset {n}") for n in range(3)]
    trash_asset(desk.library, desk.caller, saved[0].asset.id)
    for one in saved:
        preview(desk.library, one.version.picture, 256)
    clock.ahead = timedelta(days=30)
    assert collect(desk.library, older_than=AT_ONCE) == NOTHING
    for one in saved:
        for held in (one.version.picture, one.version.inputs[0].picture):
            assert stored(desk, held.sha256)


def test_bytes_without_a_row_go_once_they_are_old(desk: Desk, tmp_path: Path) -> None:
    orphan = tmp_path / "orphan"
    orphan.write_bytes(b"left by a crash")
    key = original_key("ab" * 32)
    desk.library.blobs.put_file(key, orphan)
    assert collect(desk.library, older_than=DAY) == NOTHING
    assert desk.library.blobs.size(key) == 15
    old = (datetime.now(UTC) - 2 * DAY).timestamp()
    os.utime(desk.library.settings.data_dir / key, (old, old))
    assert collect(desk.library, older_than=DAY) == Collected(0, 1, 0, 15)
    assert desk.library.blobs.size(key) is None
    with desk.library.db.read() as tx:
        assert tx.execute(select(blobs)).all() == []


def test_purged_pictures_go_a_day_after_the_last_save_that_relied_on_them(desk: Desk, clock: Clock) -> None:
    first = desk.save(picture(1), inputs=[picture(2)], asset_name="one")
    clock.ahead = timedelta(hours=20)
    desk.save(picture(1), asset_name="two")
    second = desk.save(picture(1), asset_name="three")
    with desk.library.db.write() as tx:
        for row in tx.execute(select(assets.c.id)).all():
            purge(tx, desk.library, row.id)
    clock.ahead = timedelta(hours=30)
    assert collect(desk.library, older_than=DAY) == Collected(0, 1, 0, len(picture(2)))
    assert stored(desk, second.version.picture.sha256)
    assert not stored(desk, first.version.inputs[0].picture.sha256)
    clock.ahead = timedelta(hours=50)
    assert collect(desk.library, older_than=DAY) == Collected(0, 1, 0, len(picture(1)))
    assert not stored(desk, second.version.picture.sha256)


def test_bytes_that_another_version_shares_stay(desk: Desk, clock: Clock) -> None:
    one = desk.save(picture(1), asset_name="one")
    other = desk.save(picture(2), inputs=[picture(1)], asset_name="other")
    with desk.library.db.write() as tx:
        purge(tx, desk.library, one.asset.id)
    clock.ahead = 3 * DAY
    assert collect(desk.library, older_than=AT_ONCE) == NOTHING
    assert stored(desk, other.version.inputs[0].picture.sha256)


def test_previews_go_with_their_pictures(desk: Desk, clock: Clock) -> None:
    one, other = desk.save(picture(1), asset_name="one"), desk.save(picture(2), asset_name="other")
    sizes = [len(preview(desk.library, one.version.picture, size)) for size in (256, 512)]
    preview(desk.library, other.version.picture, 512)
    with desk.library.db.write() as tx:
        purge(tx, desk.library, one.asset.id)
    clock.ahead = 3 * DAY
    assert collect(desk.library, older_than=AT_ONCE) == Collected(0, 1, 2, sum(sizes) + len(picture(1)))
    assert desk.library.blobs.size(preview_key(one.version.picture.sha256, 256)) is None
    assert desk.library.blobs.size(preview_key(other.version.picture.sha256, 512))


def test_half_written_previews_go_too(desk: Desk, clock: Clock) -> None:
    desk.save(picture(1))
    half = desk.library.settings.data_dir / "previews" / "ab" / ".new-half"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    clock.ahead = 3 * DAY
    assert collect(desk.library, older_than=AT_ONCE) == Collected(0, 0, 1, 4)
    assert not half.exists()


def test_abandoned_uploads_go_and_live_ones_stay(desk: Desk) -> None:
    abandoned = desk.library.incoming / "upload-dead"
    abandoned.write_bytes(b"half")
    live = Incoming(desk.library.incoming)
    live.open().write(b"still coming")
    assert collect(desk.library, older_than=DAY) == Collected(1, 0, 0, 4)
    assert [path.read_bytes() for path in desk.library.incoming.iterdir()] == [b"still coming"]
    live.discard()


def test_a_save_stores_its_bytes_again_when_they_were_taken_meanwhile(desk: Desk, clock: Clock) -> None:
    saved = desk.save(picture(1))
    with desk.library.db.write() as tx:
        purge(tx, desk.library, saved.asset.id)
    clock.ahead = 3 * DAY
    collect(desk.library, older_than=AT_ONCE)
    again = desk.save(picture(1))
    assert stored(desk, again.version.picture.sha256)


def dangling(desk: Desk) -> list[str]:
    """Ids of versions that exist and whose bytes do not."""
    wanted = select(versions.c.id, versions.c.sha256)
    with desk.library.db.read() as tx:
        suspects = [row for row in tx.execute(wanted).all() if not stored(desk, row.sha256)]
    with desk.library.db.read() as tx:
        living = {row.id for row in tx.execute(wanted)}
    return [row.id for row in suspects if row.id in living]


def test_no_version_ever_lacks_its_bytes_while_saves_purges_and_gc_interleave(desk: Desk) -> None:
    enough = threading.Event()
    done = {"saved": 0, "purged": 0, "collected": 0}
    ever_dangling: list[str] = []
    other = open_library(desk.library.settings)  # as gc has it in a process of its own

    def save_some(seed: int) -> None:
        choose = random.Random(seed)
        while not enough.is_set():
            desk.save(picture(choose.randrange(25)), asset_name=f"asset {choose.randrange(8)}")
            done["saved"] += 1

    def purge_some() -> None:
        choose = random.Random(0)
        while not enough.is_set():
            with desk.library.db.write() as tx:
                found = tx.execute(select(assets.c.id)).all()
                for row in choose.sample(found, len(found) // 2):
                    purge(tx, desk.library, row.id)
                    done["purged"] += 1

    def collect_always() -> None:
        while not enough.is_set():
            for library in (desk.library, other):
                done["collected"] += collect(library, older_than=AT_ONCE).originals
                ever_dangling.extend(dangling(desk))

    with ThreadPoolExecutor(5) as threads:
        busy = [threads.submit(save_some, seed) for seed in range(3)]
        busy += [threads.submit(purge_some), threads.submit(collect_always)]
        try:
            wait_until(lambda: min(done.values()) > 40 or any(one.done() for one in busy), seconds=60)
        finally:
            enough.set()
        for one in busy:
            one.result(30)
    other.close()
    assert ever_dangling == dangling(desk) == []


def test_a_purged_asset_is_unknown(desk: Desk) -> None:
    saved = desk.save()
    with desk.library.db.write() as tx:
        purge(tx, desk.library, saved.asset.id)
    with pytest.raises(NotFound):
        desk.save(asset_id=saved.asset.id)

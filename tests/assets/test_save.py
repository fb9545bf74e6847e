"""Saving: what is true once a save has returned."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from factories import Desk, picture
from genasset.assets.read import load, show
from genasset.blobs.local import LocalBlobs
from genasset.db.tables import (
    artifacts,
    asset_words,
    assets,
    blobs,
    idempotency_keys,
    version_states,
    versions,
    workflows,
)
from genasset.errors import StorageFull
from genasset.library import Library, open_library
from genasset.settings import Settings


def test_two_saves_under_one_name_make_one_asset_with_two_numbers(desk: Desk) -> None:
    first = desk.save(asset_name="Lighthouse")
    second = desk.save(picture(1), asset_name="Lighthouse")
    assert first.asset.id == second.asset.id
    assert (first.version.number, second.version.number) == (1, 2)


def test_saves_at_the_same_time_under_one_name_get_numbers_without_gaps(desk: Desk) -> None:
    with ThreadPoolExecutor(8) as threads:
        saved = list(threads.map(lambda n: desk.save(picture(n), asset_name="Lighthouse"), range(100)))
    assert sorted(one.version.number for one in saved) == list(range(1, 101))
    assert len({one.asset.id for one in saved}) == 1
    page = show(desk.library, desk.caller, saved[0].asset.id, limit=200)
    assert page.asset.version_count == 100
    assert page.asset.current_version_id == page.versions[0].id


def stored_rows(library: Library) -> dict[str, int]:
    tables = (assets, versions, version_states, workflows, artifacts, blobs, idempotency_keys, asset_words)
    with library.db.read() as tx:
        return {table.name: len(tx.execute(select(table)).all()) for table in tables}


def test_a_save_that_can_not_be_made_durable_leaves_no_row(settings: Settings) -> None:
    library = open_library(settings)
    desk = Desk(library)
    before = stored_rows(library)

    def no_disk(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    broken = replace(library, blobs=LocalBlobs(settings.data_dir, sync=no_disk))
    desk.library = broken
    with pytest.raises(StorageFull):
        desk.save(picture(1), inputs=[picture(2)], asset_name="Sea", key="key")
    assert stored_rows(library) == before
    assert list(library.incoming.iterdir()) == []
    desk.library = library
    assert desk.save(picture(1), inputs=[picture(2)], asset_name="Sea", key="key").version.number == 1
    library.close()


def test_bytes_and_folder_are_synced_before_any_row_is_written(settings: Settings) -> None:
    library = open_library(settings)
    desk = Desk(library)
    seen: list[int] = []

    def sync(descriptor: int) -> None:
        seen.append(stored_rows(library)["versions"])
        os.fsync(descriptor)

    desk.library = replace(library, blobs=LocalBlobs(settings.data_dir, sync=sync))
    desk.save(picture(1), inputs=[picture(2)])
    assert seen == [0] * 4  # a file and its folder, twice
    assert stored_rows(library)["versions"] == 1
    library.close()


def test_the_same_bytes_and_the_same_workflow_are_stored_once(desk: Desk) -> None:
    for number in range(3):
        desk.save(picture(1), inputs=[picture(1)], asset_name=f"asset {number}", workflow_json='{"a": 1}')
    rows = stored_rows(desk.library)
    assert (rows["versions"], rows["artifacts"], rows["blobs"], rows["workflows"]) == (3, 3, 1, 1)
    assert len(list(desk.library.blobs.scan("blobs"))) == 1


def test_a_saved_version_is_what_load_gives(desk: Desk) -> None:
    saved = desk.save(picture(1), inputs=[picture(2)], asset_name="Sea", prompt="p", seed="18446744073709551615")
    asset, version = load(desk.library, desk.caller, saved.version.id)
    assert version == saved.version
    assert asset.current == version
    assert version.seed == "18446744073709551615"

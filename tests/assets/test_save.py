"""Saving: what is true once a save has returned."""

from concurrent.futures import ThreadPoolExecutor

from factories import Desk, picture
from genasset.assets.read import show


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

"""Workspaces themselves: made, found, listed and counted."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories import Desk, picture
from genasset.assets.edit import trash_asset, trash_version
from genasset.errors import Conflict, GenAssetError, Invalid, NotFound, TooLarge
from genasset.library import Library
from genasset.workspaces.overview import (
    create_workspace,
    find_workspace,
    first_workspace,
    list_workspaces,
    overview,
)


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Studio", "studio"), (" Studio  Nord ", "studio-nord"), ("Café №5!", "cafe-no5"), ("a" * 255, "a" * 60)],
)
def test_a_workspace_has_a_slug_made_of_its_name(library: Library, name: str, slug: str) -> None:
    made = create_workspace(library, name)
    assert (made.name, made.slug) == (name.strip(), slug)
    assert find_workspace(library, slug) == made


def test_a_slug_is_given_once(library: Library) -> None:
    create_workspace(library, "Studio")
    for name in ("Studio", "studio", "STUDIO!", "Stúdio"):
        with pytest.raises(Conflict) as caught:
            create_workspace(library, name)
        assert caught.value.code == "workspace_exists"
    assert len(list_workspaces(library)) == 1


def test_a_name_without_a_letter_makes_no_slug(library: Library) -> None:
    for name in ("", "  ", "!!!", "猫"):
        with pytest.raises(Invalid) as caught:
            create_workspace(library, name)
        assert caught.value.field == "name"
    with pytest.raises(TooLarge):
        create_workspace(library, "a" * 256)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30))
def test_any_name_makes_a_plain_slug_or_is_refused(library: Library, name: str) -> None:
    try:
        made = create_workspace(library, name)
    except GenAssetError:
        return
    assert made.slug.isascii()
    assert made.slug.replace("-", "").isalnum()
    assert made.slug == made.slug.lower().strip("-")


def test_the_first_workspace_is_made_once(library: Library) -> None:
    with pytest.raises(NotFound):
        find_workspace(library, None)
    first = first_workspace(library)
    create_workspace(library, "Second")
    assert first_workspace(library) == find_workspace(library, None) == first
    assert [one.name for one in list_workspaces(library)] == [first.name, "Second"]
    with pytest.raises(NotFound, match="nowhere"):
        find_workspace(library, "nowhere")


def test_counts_know_nothing_of_the_trash_and_bytes_stay_until_they_are_purged(desk: Desk) -> None:
    first = desk.save(picture(1), asset_name="one")
    second = desk.save(picture(2), asset_name="one")
    desk.save(picture(2), inputs=[picture(3)], asset_name="two")
    found = overview(desk.library, desk.caller)
    stored = sum(len(picture(number)) for number in (1, 2, 3))
    assert (found.assets, found.versions, found.storage_bytes) == (2, 3, stored)
    trash_version(desk.library, desk.caller, first.version.id)
    found = overview(desk.library, desk.caller)
    assert (found.assets, found.versions, found.storage_bytes) == (2, 2, stored)
    trash_asset(desk.library, desk.caller, second.asset.id)
    found = overview(desk.library, desk.caller)
    assert (found.assets, found.versions) == (1, 1)


def test_lite_adds_up_no_bytes(desk: Desk) -> None:
    desk.save()
    assert overview(desk.library, desk.caller, lite=True).storage_bytes is None

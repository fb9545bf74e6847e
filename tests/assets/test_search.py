"""Search: every word must be found in one asset, in its name, tags, notes, prompts and models taken together."""

import unicodedata

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from factories import Desk, picture
from genasset.assets.edit import AssetEdit, edit_asset, trash_asset, trash_version
from genasset.assets.search import find
from genasset.errors import Invalid
from genasset.library import Library, new_id

shared = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def found(desk: Desk, search: str) -> list[str]:
    """The names of what is found, newest first."""
    return [one.name for one in find(desk.library, desk.caller, search=search).assets]


def test_words_are_found_wherever_they_stand_in_an_asset(desk: Desk) -> None:
    desk.save(asset_name="Lighthouse", tags="sea,night", notes_md="for the cover", prompt="a storm", model="dream.pt")
    desk.save(picture(1), asset_name="Lighthouse", prompt="calm water", model="flux", negative_prompt="people")
    for search in ("lighthouse", "sea", "cover", "storm", "dream", "pt", "calm", "flux"):
        assert found(desk, search) == ["Lighthouse"], search
    assert found(desk, "flux storm night cover lighthouse water") == ["Lighthouse"]
    assert found(desk, "storm elephant") == []


def test_words_of_different_assets_are_not_taken_together(desk: Desk) -> None:
    desk.save(asset_name="red", prompt="boat")
    desk.save(asset_name="blue", prompt="house")
    assert found(desk, "red house") == []
    assert found(desk, "red boat") == ["red"]


def test_hits_come_newest_first_however_old_their_words_are(desk: Desk) -> None:
    for name in ("one", "two", "three"):
        desk.save(asset_name=name, prompt="sea")
    desk.save(picture(1), asset_name="one", prompt="other")
    assert found(desk, "sea") == ["one", "three", "two"]


@pytest.mark.parametrize(
    ("kept", "search"),
    [
        ("Straße", "STRASSE"),
        ("Ångström", "angstrom"),
        ("crème brûlée", "Creme BRULEE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Привет Мир", "мир ПРИВЕТ"),
        ("ﬁne", "fine"),
        ("x²", "x2"),
        ("ＦＵＬＬ", "full"),
        ("İstanbul", "istanbul"),
        ("ℌello", "hello"),
        ("𝚨lpha", "αlpha"),
        (unicodedata.normalize("NFD", "Café"), "café"),
        ("naïve", unicodedata.normalize("NFD", "NAÏVE")),
    ],
)
def test_case_and_accents_do_not_count(desk: Desk, kept: str, search: str) -> None:
    desk.save(asset_name="thing", prompt=kept)
    assert found(desk, search) == ["thing"]
    desk.save(asset_name="other", prompt=search)
    assert found(desk, kept) == ["other", "thing"]


@pytest.mark.parametrize(
    "search",
    ["sd_xl_base_1.0.safetensors", "sd xl base", "SD_XL", "base-1.0", "safetensors", "1 0", "models/sd_xl", "xl\\base"],
)
def test_a_file_name_is_the_words_in_it(desk: Desk, search: str) -> None:
    desk.save(asset_name="thing", model="models/sd_xl_base_1.0.safetensors")
    desk.save(asset_name="other", model="sd_turbo.ckpt")
    assert found(desk, search) == ["thing"]


@pytest.mark.parametrize("search", ["灯台", "海", "夜の海", "夜明けの灯台", "カメラ", "灯台 カメラ", "풍경", "灯台cat"])
def test_chinese_japanese_and_korean_are_found_without_spaces(desk: Desk, search: str) -> None:
    desk.save(asset_name="thing", prompt="夜明けの灯台と夜の海、カメラ", notes_md="아름다운 풍경", tags="cat")
    desk.save(asset_name="other", prompt="台灯、朝")
    assert found(desk, search) == ["thing"]


def test_a_long_sentence_without_spaces_is_searched_to_its_end(desk: Desk) -> None:
    desk.save(asset_name="thing", prompt="海" * 150 + "灯台守" + "空" * 50)
    assert found(desk, "灯台") == ["thing"]
    assert found(desk, "灯台守空") == ["thing"]
    assert found(desk, "守台") == []


odd_text = st.text(max_size=60) | st.text(
    st.sampled_from("\"'*()-:^{}+~AND OR NOT NEAR\0\ud800\ue000\t\n\\%_é海"), max_size=30
)


@shared
@given(odd_text)
@example('"')
@example("a OR b")
@example("NEAR(a b)")
@example("words:sea")
@example("-sea")
@example("sea*")
@example("\ud800")
@example("\ue000" + "a" * 32)
@example("a " * 4000)
def test_odd_characters_never_fail(desk: Desk, search: str) -> None:
    if not found(desk, ""):
        desk.save(asset_name="a thing", prompt="sea")
        desk.save(asset_name="another", prompt="sea")
    listed = find(desk.library, desk.caller, search=search, page_size=1)
    if listed.next_cursor:
        assert len(find(desk.library, desk.caller, search=search, cursor=listed.next_cursor).assets) == 1


def test_many_different_words_never_fail(desk: Desk) -> None:
    words = " ".join(f"w{number}" for number in range(1400))
    desk.save(asset_name="thing", prompt=words)
    assert found(desk, words) == ["thing"]
    assert found(desk, f"{words} missing") == []


def test_a_search_over_its_limit_is_refused_by_name(desk: Desk) -> None:
    with pytest.raises(Invalid) as caught:
        found(desk, "é" * 4097)
    assert caught.value.field == "search"
    assert "8192" in str(caught.value)
    assert found(desk, "é" * 4096) == []


words = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=8)


@shared
@given(st.lists(words, min_size=1, max_size=4), st.sampled_from([" ", "_", "-", ".", "/", ", ", "\n", "。"]))
def test_any_text_is_found_by_itself_in_any_case(library: Library, parts: list[str], separator: str) -> None:
    desk = Desk(library, f"workspace {new_id()}")
    text = separator.join(parts)
    desk.save(asset_name="thing", prompt=text)
    searches = [text, text.lower(), text.casefold(), unicodedata.normalize("NFKD", text), parts[-1]]
    if text.upper().casefold() == text.casefold():  # which a dotless i, for one, is not
        searches.append(text.upper())
    assert [search for search in searches if found(desk, search) != ["thing"]] == []


def test_a_search_without_words_finds_everything(desk: Desk) -> None:
    desk.save(asset_name="one")
    desk.save(asset_name="two")
    for search in ("", "  ", "!?", '"', "---", "\0"):
        assert found(desk, search) == ["two", "one"]


def test_a_part_of_a_word_is_not_the_word(desk: Desk) -> None:
    desk.save(asset_name="lighthouse")
    assert found(desk, "light") == []
    assert found(desk, "lighthouses") == []


def test_very_long_words_are_found(desk: Desk) -> None:
    desk.save(asset_name="thing", prompt="x" * 5000)
    assert found(desk, "x" * 5000) == ["thing"]


def test_after_a_rename_the_old_name_is_not_found(desk: Desk) -> None:
    saved = desk.save(asset_name="Lighthouse", prompt="sea")
    edit_asset(desk.library, desk.caller, saved.asset.id, AssetEdit(name="Harbour"))
    assert found(desk, "lighthouse") == []
    assert found(desk, "harbour sea") == ["Harbour"]


def test_replaced_notes_and_tags_are_not_found(desk: Desk) -> None:
    saved = desk.save(asset_name="thing", notes_md="draft", tags="old")
    desk.save(picture(1), asset_name="thing", notes_md="final")
    assert found(desk, "draft") == []
    assert found(desk, "final old") == ["thing"]
    edit_asset(desk.library, desk.caller, saved.asset.id, AssetEdit(tags=("new",), notes_md="again"))
    assert found(desk, "old") == found(desk, "final") == []
    assert found(desk, "new again") == ["thing"]


def test_a_word_that_still_stands_elsewhere_is_found_after_its_notes_are_replaced(desk: Desk) -> None:
    desk.save(asset_name="thing", notes_md="draft", prompt="a draft")
    desk.save(picture(1), asset_name="thing", notes_md="final")
    assert found(desk, "draft") == ["thing"]


def test_trashed_things_are_not_found(desk: Desk) -> None:
    first = desk.save(asset_name="thing", prompt="storm sea")
    second = desk.save(picture(1), asset_name="thing", prompt="calm sea", model="flux")
    trash_version(desk.library, desk.caller, second.version.id)
    assert found(desk, "calm") == found(desk, "flux") == []
    assert found(desk, "storm") == ["thing"]
    trash_asset(desk.library, desk.caller, first.asset.id)
    assert found(desk, "storm") == found(desk, "thing") == []
    desk.save(asset_name="thing", prompt="new")
    assert found(desk, "thing") == ["thing"]
    assert found(desk, "storm") == []


def test_other_workspaces_are_never_found(desk: Desk) -> None:
    other = Desk(desk.library, "Other")
    other.save(asset_name="theirs", prompt="sea")
    mark = "\ue000" + other.caller.workspace_id.replace("-", "")
    for search in ("sea", "theirs", other.caller.workspace_id, mark, f"sea OR {mark}"):
        assert found(desk, search) == []
        assert found(other, search) == (["theirs"] if search in ("sea", "theirs") else [])


def test_a_search_is_paged_and_counted_like_a_list(desk: Desk) -> None:
    for number in range(9):
        desk.save(asset_name=f"thing {number}", prompt="even" if number % 2 == 0 else "odd")
    first = find(desk.library, desk.caller, search="even", page_size=2)
    assert (first.total, first.has_more, first.capped) == (5, True, False)
    second = find(desk.library, desk.caller, search="even", page_size=2, page=2)
    same = find(desk.library, desk.caller, search="even", page_size=2, cursor=first.next_cursor)
    assert [one.name for one in second.assets] == [one.name for one in same.assets] == ["thing 4", "thing 2"]
    last = find(desk.library, desk.caller, search="even", page_size=2, page=3)
    assert ([one.name for one in last.assets], last.has_more, last.next_cursor) == (["thing 0"], False, None)

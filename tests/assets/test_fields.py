"""The single fields of a save, whatever a client puts in them."""

import re
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from genasset.assets.fields import file_name, long_text, merged_tags, one_line, seed_text, stem_of, tag_list
from genasset.errors import Invalid, TooLarge
from genasset.settings import Settings

SETTINGS = Settings()
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
any_text = st.text(st.characters(), max_size=300)


@given(st.text(st.characters(), max_size=120))
def test_a_line_is_trimmed_and_composed_or_refused_by_name(text: str) -> None:
    if CONTROL.search(text.strip()):
        with pytest.raises(Invalid, match="name") as caught:
            one_line(text, "name", 255)
        assert caught.value.field == "name"
        return
    clean = one_line(text, "name", 255)
    assert clean == unicodedata.normalize("NFC", text).strip()
    assert one_line(clean, "name", 255) == clean


def test_a_line_is_as_long_as_its_limit_at_most() -> None:
    assert one_line(f" {'é' * 255}\n", "name", 255) == "é" * 255
    with pytest.raises(TooLarge, match="255") as caught:
        one_line("é" * 256, "name", 255)
    assert caught.value.field == "name"


@given(any_text)
def test_a_long_text_stays_as_it_was_sent(text: str) -> None:
    assume("\0" not in text)
    assert long_text(text, "notes_md", 300) == text


@given(st.integers(0, 2**64 - 1), st.integers(0, 3))
def test_every_seed_of_64_bits_is_kept(seed: int, zeros: int) -> None:
    text = "0" * zeros + str(seed)
    assume(len(text) <= 20)
    assert seed_text(f" {text}\n") == str(seed)


@given(st.text(max_size=25) | st.integers(2**64).map(str) | st.integers(max_value=-1).map(str) | st.floats().map(str))
def test_anything_else_is_no_seed(text: str) -> None:
    assume(not (text.strip().isascii() and text.strip().isdigit() and int(text) < 2**64))
    with pytest.raises(Invalid) as caught:
        seed_text(text)
    assert caught.value.field == "seed"


@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20), max_size=30))
def test_tags_are_without_doubles_and_in_the_order_given(tags: list[str]) -> None:
    kept = tag_list(tags, SETTINGS)
    folded = [tag.casefold() for tag in kept]
    assert len(set(folded)) == len(folded)
    assert all(tag == tag.strip() != "" for tag in kept)
    cleaned = [unicodedata.normalize("NFC", tag).strip() for tag in tags]
    assert {tag.casefold() for tag in cleaned if tag} == set(folded)
    assert [tag for tag in cleaned if tag in kept][: len(kept)] == list(kept) or sorted(
        kept, key=cleaned.index
    ) == list(kept)
    assert tag_list(kept, SETTINGS) == kept
    assert merged_tags(kept, kept, SETTINGS) == kept


def test_the_tags_of_an_asset_come_before_those_of_a_save() -> None:
    assert merged_tags(("b", "A"), ("a", "c", "B"), SETTINGS) == ("b", "A", "c")
    with pytest.raises(TooLarge, match="201"):
        merged_tags(tuple(map(str, range(200))), ("x",), SETTINGS)


@given(any_text, st.integers(20, 255))
def test_a_file_name_is_one_short_line_without_folders(text: str, limit: int) -> None:
    name = file_name(text, limit)
    assert len(name) <= limit
    assert not set(name) & set("/\\\0\n\r")
    assert name == name.strip()
    assert file_name(name, limit) == name


@pytest.mark.parametrize(
    ("text", "name", "stem"),
    [
        ("sea.png", "sea.png", "sea"),
        ("a/b\\sea.tar.gz", "sea.tar.gz", "sea.tar"),
        (".png", ".png", ""),
        ("sea", "sea", "sea"),
        ("", "", ""),
        ("folder/", "", ""),
        ("x" * 300 + ".png", "x" * 251 + ".png", "x" * 251),
        ("x" * 300 + "." + "y" * 20, "x" * 255, "x" * 255),
    ],
)
def test_a_file_name_keeps_its_extension(text: str, name: str, stem: str) -> None:
    assert file_name(text, 255) == name
    assert stem_of(name) == stem

"""A library filled with thousands of real prompts is listed and searched through a server.

The library is filled by the save verb on one tiny stored picture. What a search must find is
worked out by `search_rule` from the same prompts.
"""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from search_rule import Found, is_unspaced, words

from factories import Desk, picture
from genasset.library import open_library
from genasset.settings import Settings
from genasset.workspaces.tokens import create_token
from real_data import SAMPLE, each_root, prompts
from server import Server

SECOND_VERSIONS = 40
MODELS = ("sd_xl_base_1.0.safetensors", "flux1-dev.sft", "Illustrious/Ünïcode-v2", "")


class Shelf:
    """A server on a library of prompts; for each asset, by id, the words that it must be found by."""

    def __init__(self, server: Server, expected: dict[str, Found], limit: int) -> None:
        self.server = server
        self.expected = expected
        self.limit = limit
        self.newest_first = [asset["id"] for asset in self.walk(page_size=200)]

    def page(self, **parameters: Any) -> tuple[list[str], dict[str, Any]]:
        """The ids of a page and its pagination."""
        answer = self.server.get("/api/v1/assets", lite=1, **parameters)
        return [asset["id"] for asset in answer["assets"]], answer["pagination"]

    def walk(self, **parameters: Any) -> list[dict[str, Any]]:
        """All assets of a list, from cursor to cursor."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            answer = self.server.get("/api/v1/assets", lite=1, cursor=cursor, **parameters)
            found += answer["assets"]
            cursor = answer["pagination"]["next_cursor"]
            assert answer["pagination"]["has_more"] == bool(cursor)
            if not cursor:
                return found

    def wanted(self, search: str) -> list[str]:
        """The ids that the search must find, newest first."""
        every = list(words(search))
        return [asset for asset in self.newest_first if all(map(self.expected[asset].has, every))]


@pytest.fixture(scope="module", params=each_root())
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    root: Path = request.param or request.getfixturevalue("full_data")
    limit = 100 if root == SAMPLE else 10_000
    folder = tmp_path_factory.mktemp("prompts") / "library"
    texts, token = fill(folder, prompts(root))
    expected = {asset: Found(own) for asset, own in texts.items()}
    with Server(folder, token=token, GENASSET_COUNT_LIMIT=str(limit)) as server:
        yield Shelf(server, expected, limit)


def fill(folder: Path, lines: list[str]) -> tuple[dict[str, list[str]], str]:
    """Most prompts are in assets' first versions, some in second ones or in notes. The texts by asset, and a token."""
    library = open_library(Settings(data_dir=folder))
    desk = Desk(library)
    count = len(lines) * 3 // 5
    first, second, notes = lines[:count], lines[count:][:SECOND_VERSIONS], lines[count + SECOND_VERSIONS :]

    def save(number: int) -> tuple[str, list[str]]:
        fields = {"asset_name": f"Prompt {number}", "prompt": first[number], "model": MODELS[number % len(MODELS)]}
        fields["tags"] = f"set {number % 7}, Wärme-{number % 3}"
        fields["notes_md"] = notes[number] if number < len(notes) else ""
        return desk.save(picture(), **fields).asset.id, list(fields.values())

    with ThreadPoolExecutor(4) as threads:
        texts = dict(threads.map(save, range(count)))
    for number, prompt in enumerate(second):
        texts[desk.save(asset_name=f"Prompt {number}", prompt=prompt).asset.id].append(prompt)
    token = create_token(library, desk.caller.workspace_id, "shelf", scopes=("read", "write")).text
    library.close()
    return texts, token


def test_a_walk_by_cursor_meets_every_asset_once_newest_first(shelf: Shelf) -> None:
    assert len(shelf.newest_first) == len(shelf.expected)
    assert set(shelf.newest_first) == set(shelf.expected)
    whole = shelf.walk(page_size=77)
    assert [asset["id"] for asset in whole] == shelf.newest_first
    times = [asset["updated_at"] for asset in whole]
    assert times == sorted(times, reverse=True)


def test_the_total_is_capped_and_has_more_is_not(shelf: Shelf) -> None:
    _ids, pagination = shelf.page(page_size=10)
    assert (pagination["total"], pagination["total_capped"]) == (shelf.limit, True)
    assert pagination["has_more"]
    last = -(-len(shelf.expected) // 10)
    ids, pagination = shelf.page(page=last, page_size=10)
    assert ids == shelf.newest_first[10 * (last - 1) :]
    assert not pagination["has_more"]
    assert shelf.page(page=last + 1, page_size=10)[0] == []
    _ids, pagination = shelf.page(search="prompt")
    assert (pagination["total"], pagination["total_capped"]) == (shelf.limit, True)


def test_a_word_that_every_asset_has_finds_them_all(shelf: Shelf) -> None:
    assert [asset["id"] for asset in shelf.walk(page_size=200, search="PROMPT")] == shelf.newest_first


def assert_finds(shelf: Shelf, search: str) -> int:
    """The search finds what the rule says, newest first; the number of assets it finds."""
    wanted = shelf.wanted(search)
    ids, pagination = shelf.page(search=search, page_size=200)
    assert ids == wanted[:200], search
    assert pagination["total"] == min(len(wanted), shelf.limit), search
    assert pagination.get("total_capped", False) == (len(wanted) > shelf.limit), search
    return len(wanted)


def some_words(shelf: Shelf, seed: int, count: int) -> list[list[str]]:
    """The words of some assets, a list each."""
    chosen = random.Random(seed).sample(shelf.newest_first, count)
    return [sorted(shelf.expected[asset].words) for asset in chosen]


def test_a_word_of_any_prompt_finds_all_assets_that_have_it(shelf: Shelf) -> None:
    chooser = random.Random(1)
    for known in some_words(shelf, 1, 60):
        assert assert_finds(shelf, chooser.choice(known)) > 0


def test_words_of_one_asset_find_it_wherever_they_stand_in_it(shelf: Shelf) -> None:
    chooser = random.Random(2)
    for known in some_words(shelf, 2, 60):
        chosen = chooser.sample(known, min(len(known), chooser.randint(2, 5)))
        assert assert_finds(shelf, chooser.choice([" ", ", ", "_", " / ", "\t"]).join(chosen)) > 0


def test_words_of_different_assets_find_those_that_have_them_all(shelf: Shelf) -> None:
    chooser = random.Random(3)
    for one, other in zip(some_words(shelf, 3, 40), some_words(shelf, 4, 40), strict=True):
        assert_finds(shelf, f"{chooser.choice(one)} {chooser.choice(other)}")


def test_case_and_accents_do_not_count(shelf: Shelf) -> None:
    for search in ("warme 2", "WÄRME-0", "wa\u0308rme", "unicode V2", "ＵＮＩＣＯＤＥ illustrious", "Café", "CAFE"):
        assert_finds(shelf, search)
    assert assert_finds(shelf, "warme set") == len(shelf.expected)


def test_a_stretch_of_chinese_finds_the_prompts_that_have_it(shelf: Shelf) -> None:
    runs = sorted({run for found in shelf.expected.values() for run in found.runs})
    chooser = random.Random(5)
    for run in chooser.sample(runs, min(60, len(runs))):
        start = chooser.randrange(len(run))
        assert assert_finds(shelf, run[start : start + chooser.choice([1, 2])]) > 0
        # The index knows pairs of neighbours: a longer stretch finds all that have it, and seldom one more.
        wanted = set(shelf.wanted(run))
        assert wanted <= set(shelf.page(search=run, page_size=200)[0])
        assert all(is_unspaced(character) for character in run)


def test_odd_characters_never_fail_a_search(shelf: Shelf) -> None:
    for search in ('"', "* OR NOT", "a AND b NEAR(c)", "words:a", "'; --", "\0", "{}[]()^~", "-", "🦊", "\u0301", "ß"):
        answer = shelf.server.http.get("/api/v1/assets", params={"search": search, "lite": 1})
        assert answer.status_code == 200, search
    assert shelf.page(search="🦊 -- ()")[1]["total"] == shelf.limit  # no word at all restricts nothing
    assert list(words("🦊 -- ()")) == []


def test_what_was_saved_or_edited_last_stands_first(shelf: Shelf) -> None:
    old = shelf.newest_first[-3]
    tags = shelf.server.get(f"/api/v1/assets/{old}")["asset"]["tags"]
    changed = shelf.server.http.patch(f"/api/v1/assets/{old}", json={"tags": ["revarnished"]})
    assert changed.status_code == 200
    made = shelf.server.saved(picture(5), asset_name="One more prompt", prompt="revarnished at dusk")["asset"]["id"]
    try:
        assert shelf.page(page_size=5)[0] == [made, old, *shelf.newest_first[:3]]
        assert shelf.page(search="revarnished")[0] == [made, old]
        assert old not in [asset["id"] for asset in shelf.walk(search="set", page_size=200)]
    finally:
        shelf.server.http.patch(f"/api/v1/assets/{old}", json={"tags": tags})
        shelf.server.http.delete(f"/api/v1/assets/{made}")
        shelf.newest_first = [asset["id"] for asset in shelf.walk(page_size=200)]
    assert shelf.page(search="dusk revarnished")[0] == []


def test_the_full_set_has_all_16848_prompts(full_data: Path) -> None:
    assert len(prompts(full_data)) == 16_848

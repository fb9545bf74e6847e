"""How many statements a call costs: few, and the same however much there is. Counted at the driver itself."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from factories import Desk, picture
from genasset.assets.edit import patch_metadata
from genasset.assets.read import load, show
from genasset.assets.search import find
from genasset.library import Library, open_library
from genasset.settings import Settings
from genasset.workspaces.overview import overview
from genasset.workspaces.tokens import authenticate, create_token

STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
INSIDE_OF_FTS = re.compile(r"'main'\.'asset_search_|\"asset_search_|asset_search_(data|idx|docsize|config)")


class Statements:
    """The statements that all connections of this process run, but for what SQLite's full-text index does inside."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def watch(self, connection: Any, _record: Any) -> None:
        connection.set_trace_callback(self._note)

    def _note(self, sql: str) -> None:
        if STATEMENT.match(sql) and not INSIDE_OF_FTS.search(sql):
            self.seen.append(sql)

    def of(self, call: Callable[[], object]) -> int:
        """How many one call takes, once everything is warm."""
        call()
        self.seen.clear()
        call()
        return len(self.seen)


@pytest.fixture
def statements() -> Iterator[Statements]:
    found = Statements()
    event.listen(Engine, "connect", found.watch)
    yield found
    event.remove(Engine, "connect", found.watch)


@pytest.fixture
def library(settings: Settings, statements: Statements) -> Iterator[Library]:
    opened = open_library(settings)
    yield opened
    opened.close()


def fill(desk: Desk, count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        desk.save(
            picture(number),
            inputs=[picture(number + 1000)],
            asset_name=f"asset {number}",
            prompt="sea",
            workflow_json=f'{{"n": {number}}}',
        )


def test_a_token_is_checked_and_a_version_loaded_in_three_statements(desk: Desk, statements: Statements) -> None:
    fill(desk, 2)
    saved = desk.save(picture(50), inputs=[picture(51)], asset_name="asset 0")
    older = find(desk.library, desk.caller, search="0").assets[0].current
    text = create_token(desk.library, desk.caller.workspace_id, "reader").text
    assert older

    def checked_load(version_id: str) -> None:
        load(desk.library, authenticate(desk.library, text, "read"), version_id)

    assert statements.of(lambda: checked_load(saved.version.id)) <= 3
    promoted = desk.save(picture(60), asset_name="asset 0").version
    assert promoted.id != saved.version.id
    assert statements.of(lambda: checked_load(saved.version.id)) <= 3
    assert statements.seen, "nothing was counted"


@pytest.mark.parametrize("search", ["", "sea"])
@pytest.mark.parametrize("lite", [True, False])
def test_a_list_costs_the_same_few_statements_however_many_rows_it_has(
    desk: Desk, statements: Statements, search: str, *, lite: bool
) -> None:
    def listed(page_size: int) -> int:
        page = find(desk.library, desk.caller, search=search, page_size=page_size, lite=lite)
        assert len(page.assets) == page_size
        return len(page.assets)

    fill(desk, 3)
    few = statements.of(lambda: listed(3))
    fill(desk, 27, start=3)
    text = create_token(desk.library, desk.caller.workspace_id, "reader").text
    checked = statements.of(lambda: authenticate(desk.library, text, "read"))
    assert few == statements.of(lambda: listed(24)) == statements.of(lambda: listed(1))
    assert checked == 1
    assert 0 < few <= 5


def test_a_page_by_cursor_costs_no_more_than_the_first(desk: Desk, statements: Statements) -> None:
    fill(desk, 9)
    first = find(desk.library, desk.caller, page_size=3)
    costs = {
        statements.of(lambda: find(desk.library, desk.caller, page_size=3)),
        statements.of(lambda: find(desk.library, desk.caller, page_size=3, page=2)),
        statements.of(lambda: find(desk.library, desk.caller, page_size=3, cursor=first.next_cursor)),
    }
    assert len(costs) == 1


def test_an_asset_with_its_versions_costs_the_same_however_many_they_are(desk: Desk, statements: Statements) -> None:
    saved = desk.save(picture(0), inputs=[picture(100)], asset_name="asset")

    def shown() -> None:
        show(desk.library, desk.caller, saved.asset.id, limit=200)

    one = statements.of(shown)
    for number in range(1, 30):
        desk.save(
            picture(number), inputs=[picture(100 + number)], asset_name="asset", workflow_json=f'{{"n": {number}}}'
        )
    assert one == statements.of(shown)
    assert 0 < one <= 4


def test_a_save_costs_the_same_however_much_the_asset_has(desk: Desk, statements: Statements) -> None:
    numbers = iter(range(1000))

    def save() -> None:
        desk.save(picture(next(numbers)), asset_name="asset", prompt="sea", tags="a,b")

    save()
    few = statements.of(save)
    for _ in range(30):
        save()
    assert few == statements.of(save)
    assert 0 < few <= 20


def test_a_patch_costs_the_same_however_many_there_were(desk: Desk, statements: Statements) -> None:
    version = desk.save().version.id

    def patch() -> None:
        patch_metadata(desk.library, desk.caller, version, {"a": 1})

    few = statements.of(patch)
    for _ in range(20):
        patch()
    assert few == statements.of(patch)
    assert 0 < few <= 15


def test_the_workspace_is_counted_in_a_few_statements(desk: Desk, statements: Statements) -> None:
    fill(desk, 5)
    assert 0 < statements.of(lambda: overview(desk.library, desk.caller)) <= 3
    assert 0 < statements.of(lambda: overview(desk.library, desk.caller, lite=True)) <= 2


def test_a_read_writes_nothing(desk: Desk, statements: Statements) -> None:
    fill(desk, 3)
    text = create_token(desk.library, desk.caller.workspace_id, "reader").text
    asset = find(desk.library, desk.caller).assets[0]
    statements.seen.clear()
    authenticate(desk.library, text, "read")
    find(desk.library, desk.caller, search="sea")
    show(desk.library, desk.caller, asset.id, limit=10)
    load(desk.library, desk.caller, asset.current_version_id)
    overview(desk.library, desk.caller)
    assert statements.seen
    assert [sql for sql in statements.seen if not sql.lstrip().upper().startswith(("SELECT", "WITH"))] == []

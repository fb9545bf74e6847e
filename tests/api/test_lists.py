"""GET /assets: order, pages, cursors and what a row holds."""

from typing import Any

import pytest

from factories import picture
from server import Server


def names(answer: dict[str, Any]) -> list[str]:
    return [one["name"] for one in answer["assets"]]


def fill(server: Server, count: int, **fields: str) -> None:
    for number in range(count):
        server.saved(picture(number), asset_name=f"asset {number}", **fields)


def test_an_empty_workspace_has_an_empty_first_page(server: Server) -> None:
    assert server.get("/api/v1/assets") == {
        "assets": [],
        "pagination": {
            "page": 1,
            "page_size": 24,
            "total": 0,
            "total_pages": 0,
            "has_more": False,
            "next_cursor": None,
        },
    }


def test_assets_are_listed_most_recently_updated_first(server: Server) -> None:
    fill(server, 4)
    assert names(server.get("/api/v1/assets")) == ["asset 3", "asset 2", "asset 1", "asset 0"]
    server.saved(picture(9), asset_name="asset 1")
    first, second, third = server.get("/api/v1/assets")["assets"][1:]
    server.http.patch(f"/api/v1/assets/{third['id']}", json={"tags": ["new"]})
    server.http.patch(f"/api/v1/versions/{second['current_version_id']}/metadata", json={"metadata": {"seen": True}})
    listed = server.get("/api/v1/assets")
    assert names(listed) == [second["name"], third["name"], "asset 1", first["name"]]
    times = [one["updated_at"] for one in listed["assets"]]
    assert times == sorted(times, reverse=True)


def test_a_page_has_twenty_four_rows_unless_asked_otherwise(server: Server) -> None:
    fill(server, 25)
    first = server.get("/api/v1/assets")
    assert len(first["assets"]) == 24
    pagination = {key: first["pagination"][key] for key in ("page", "page_size", "total", "total_pages", "has_more")}
    assert pagination == {"page": 1, "page_size": 24, "total": 25, "total_pages": 2, "has_more": True}
    second = server.get("/api/v1/assets", page=2)
    assert names(second) == ["asset 0"]
    assert (second["pagination"]["has_more"], second["pagination"]["next_cursor"]) == (False, None)
    third = server.get("/api/v1/assets", page=3)
    assert third["assets"] == []
    assert third["pagination"]["total"] == 25
    assert len(server.get("/api/v1/assets", page_size=200)["assets"]) == 25


def test_pages_put_together_are_the_whole_list(server: Server) -> None:
    fill(server, 7)
    whole = names(server.get("/api/v1/assets"))
    for size in (1, 2, 3, 7):
        pages = [server.get("/api/v1/assets", page=page, page_size=size) for page in range(1, 9)]
        assert [name for page in pages for name in names(page)] == whole


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        *(("page", value) for value in ("0", "-1", "1000000000000", str(2**63), "9" * 400, "x", "1.5", "١", "0x1")),
        *(("page_size", value) for value in ("0", "201", "-5", str(2**64), "many")),
        ("lite", "maybe"),
    ],
    ids=lambda value: value[:15],
)
def test_a_parameter_out_of_range_is_refused_by_name(server: Server, parameter: str, value: str) -> None:
    answer = server.http.get("/api/v1/assets", params={parameter: value})
    assert (answer.status_code, answer.json()["field"]) == (400, parameter)
    assert parameter in answer.json()["error"]


def test_pages_reach_a_million_rows_and_cursors_go_deeper(server: Server) -> None:
    assert server.get("/api/v1/assets", page=5001, page_size=200)["assets"] == []
    answer = server.http.get("/api/v1/assets", params={"page": 5002, "page_size": 200})
    assert (answer.status_code, answer.json()["field"]) == (400, "page")
    assert "5001" in answer.json()["error"]


def test_empty_parameters_count_as_not_given(server: Server) -> None:
    fill(server, 2)
    found = server.get("/api/v1/assets", search="", page="", page_size="", cursor="", lite="")
    assert found == server.get("/api/v1/assets")


def test_a_row_holds_the_whole_current_version(server: Server) -> None:
    server.saved(picture(), asset_name="Sea", workflow_json='{"old": 1}')
    saved = server.saved(picture(1), asset_name="Sea", workflow_json='{"a": 0.10}', metadata='{"steps": 3}', seed="5")
    row = server.get("/api/v1/assets")["assets"][0]
    assert row["current_version"] == saved["version"]
    assert {key: value for key, value in row.items() if key != "current_version"} == saved["asset"]


@pytest.mark.parametrize("yes", ["1", "true", "YES"])
def test_lite_leaves_out_the_documents(server: Server, yes: str) -> None:
    fill(server, 2, workflow_json='{"a": 1}', metadata='{"b": 2}', prompt="p")
    whole, lite = server.get("/api/v1/assets"), server.get("/api/v1/assets", lite=yes)
    documents = {"workflow_json", "metadata", "evidence"}
    for full, light in zip(whole["assets"], lite["assets"], strict=True):
        version = {key: value for key, value in full["current_version"].items() if key not in documents}
        assert light["current_version"] == version
        assert light["current_version"]["recipe"] == {"prompt": "p"}
    assert lite["pagination"] == whole["pagination"]
    assert server.get("/api/v1/assets", lite=0) == whole


def walk(server: Server, page_size: int, meanwhile: Any = lambda: None, **parameters: str) -> list[str]:
    """All names, by cursor; something happens after each page."""
    found: list[str] = []
    cursor = None
    while True:
        page = server.get("/api/v1/assets", page_size=page_size, **parameters, **({"cursor": cursor} if cursor else {}))
        found += names(page)
        cursor = page["pagination"]["next_cursor"]
        assert page["pagination"]["has_more"] is (cursor is not None)
        if cursor is None:
            return found
        meanwhile()


@pytest.mark.parametrize("page_size", [1, 3, 10])
def test_a_walk_by_cursor_sees_each_asset_once(server: Server, page_size: int) -> None:
    fill(server, 10)
    assert walk(server, page_size) == [f"asset {number}" for number in reversed(range(10))]
    assert walk(server, page_size, search="asset") == [f"asset {number}" for number in reversed(range(10))]


def test_a_walk_sees_no_doubles_while_assets_are_saved(server: Server) -> None:
    fill(server, 12)
    count = iter(range(100))

    def save_more() -> None:
        number = next(count)
        server.saved(picture(), asset_name=f"new {number}")
        server.saved(picture(), asset_name=f"asset {11 - number}")

    found = walk(server, 3, save_more)
    assert found == [f"asset {number}" for number in reversed(range(12))]


def test_a_walk_goes_on_when_what_it_stood_on_is_gone(server: Server) -> None:
    fill(server, 4)
    page = server.get("/api/v1/assets", page_size=2)
    for row in page["assets"]:
        server.http.delete(f"/api/v1/assets/{row['id']}")
    rest = server.get("/api/v1/assets", cursor=page["pagination"]["next_cursor"])
    assert names(rest) == ["asset 1", "asset 0"]


def test_a_cursor_wins_over_a_page(server: Server) -> None:
    fill(server, 4)
    cursor = server.get("/api/v1/assets", page_size=1)["pagination"]["next_cursor"]
    assert names(server.get("/api/v1/assets", page_size=2, page=2, cursor=cursor)) == ["asset 2", "asset 1"]


def test_a_cursor_of_another_list_is_refused(server: Server) -> None:
    fill(server, 3)
    plain = server.get("/api/v1/assets", page_size=1)["pagination"]["next_cursor"]
    searched = server.get("/api/v1/assets", page_size=1, search="asset")["pagination"]["next_cursor"]
    asset = server.saved(picture(), asset_name="asset 1")["asset"]["id"]
    versions = server.get(f"/api/v1/assets/{asset}", versions_limit=1)["next_cursor"]
    for cursor, search in ((plain, "asset"), (searched, ""), (searched, "other"), (versions, "")):
        answer = server.http.get("/api/v1/assets", params={"cursor": cursor, "search": search})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")
        assert answer.json()["field"] == "cursor"
    answer = server.http.get(f"/api/v1/assets/{asset}", params={"versions_cursor": plain})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


def test_a_forged_cursor_is_refused(server: Server) -> None:
    fill(server, 2)
    good = server.get("/api/v1/assets", page_size=1)["pagination"]["next_cursor"]
    swapped = good[:5] + ("A" if good[5] != "A" else "B") + good[6:]
    forged = [good[:-1], good[1:], good + "A", swapped, good[:8], "AAAAAAAAAAA=", "x", "%", "é", "\0", "=" * 100]
    for cursor in [*forged, "A" * 10_000]:
        answer = server.http.get("/api/v1/assets", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor"), cursor


def test_beyond_the_count_limit_the_total_is_capped(narrow_server: Server) -> None:
    fill(narrow_server, 3)
    pagination = narrow_server.get("/api/v1/assets")["pagination"]
    assert pagination["total"] == 3
    assert "total_capped" not in pagination
    fill(narrow_server, 5)
    for parameters in ({}, {"search": "asset"}):
        pagination = narrow_server.get("/api/v1/assets", page_size=4, **parameters)["pagination"]
        assert (pagination["total"], pagination["total_capped"], pagination["has_more"]) == (3, True, True)
        assert pagination["total_pages"] == 1
        second = narrow_server.get("/api/v1/assets", page_size=4, page=2, **parameters)
        assert names(second) == ["asset 0"]
        assert (second["pagination"]["total_capped"], second["pagination"]["has_more"]) == (True, False)


def test_past_the_byte_limit_of_a_list_rows_leave_out_their_documents(narrow_server: Server) -> None:
    workflow = '{"pad": "' + "x" * 1200 + '"}'
    fill(narrow_server, 4, workflow_json=workflow, metadata='{"m": 1}', prompt="p")
    rows = [one["current_version"] for one in narrow_server.get("/api/v1/assets")["assets"]]
    assert [row.get("workflow_omitted") for row in rows] == [None, None, True, True]
    for row in rows[2:]:
        assert row["workflow_json"] is None
        assert row["recipe"] == {"prompt": "p"}
        loaded = narrow_server.get(f"/api/v1/versions/{row['id']}/load")["version"]
        assert loaded["workflow_json"]["pad"] == "x" * 1200
        assert "workflow_omitted" not in loaded
    for row in rows[:2]:
        assert row["workflow_json"]["pad"] == "x" * 1200


def test_a_patched_document_counts_as_large_as_it_is_now(narrow_server: Server) -> None:
    fill(narrow_server, 2)
    version = narrow_server.get("/api/v1/assets")["assets"][1]["current_version_id"]
    for size, omitted in ((5000, True), (10, None)):
        body = {"metadata": {"pad": "x" * size}}
        narrow_server.http.patch(f"/api/v1/versions/{version}/metadata", json=body)
        row = narrow_server.get("/api/v1/assets")["assets"][0]["current_version"]
        assert row["id"] == version
        assert row.get("workflow_omitted") is omitted

"""GET /assets/{id}: an asset with its versions, newest first, and always the current one."""

from typing import Any

import pytest

from factories import picture
from server import Server


def versions(server: Server, count: int, **fields: str) -> list[dict[str, Any]]:
    """That many versions of one asset, oldest first."""
    return [server.saved(picture(number), asset_name="Sea", **fields)["version"] for number in range(count)]


def numbers(detail: dict[str, Any]) -> list[int]:
    return [one["version_number"] for one in detail["versions"]]


def test_an_asset_shows_its_versions_highest_number_first(server: Server) -> None:
    saved = versions(server, 3, workflow_json='{"a": 0.10}', metadata='{"m": 1}')
    detail = server.get(f"/api/v1/assets/{saved[0]['asset_id']}")
    assert set(detail) == {"asset", "versions", "versions_total", "next_cursor"}
    assert detail["versions"] == saved[::-1]
    assert (detail["versions_total"], detail["next_cursor"]) == (3, None)
    assert detail["asset"]["version_count"] == 3
    assert "current_version" not in detail["asset"]


def test_the_newest_two_hundred_are_shown_by_default(server: Server) -> None:
    asset = versions(server, 203)[0]["asset_id"]
    detail = server.get(f"/api/v1/assets/{asset}", lite=1)
    assert numbers(detail) == list(range(203, 3, -1))
    assert detail["versions_total"] == 203
    rest = server.get(f"/api/v1/assets/{asset}", lite=1, versions_cursor=detail["next_cursor"])
    assert numbers(rest) == [3, 2, 1]
    assert rest["next_cursor"] is None


def test_versions_are_walked_by_cursor(server: Server) -> None:
    asset = versions(server, 7)[0]["asset_id"]
    found, cursor = [], None
    while True:
        more = {"versions_cursor": cursor} if cursor else {}
        detail = server.get(f"/api/v1/assets/{asset}", versions_limit=3, **more)
        assert detail["versions_total"] == 7
        found += numbers(detail)
        cursor = detail["next_cursor"]
        if cursor is None:
            break
        server.saved(picture(99), asset_name="Sea") if len(found) == 0 else None
    assert found == [7, 6, 5, 4, 3, 2, 1]


def test_the_current_version_is_shown_wherever_it_stands(server: Server) -> None:
    saved = versions(server, 6)
    path = f"/api/v1/assets/{saved[0]['asset_id']}"
    server.http.patch(path, json={"current_version_id": saved[0]["id"]})
    detail = server.get(path, versions_limit=2)
    assert numbers(detail) == [6, 5, 1]
    assert detail["asset"]["current_version_id"] == saved[0]["id"]
    rest = server.get(path, versions_limit=2, versions_cursor=detail["next_cursor"])
    assert numbers(rest) == [4, 3]
    last = server.get(path, versions_limit=2, versions_cursor=rest["next_cursor"])
    assert numbers(last) == [2, 1]
    assert last["next_cursor"] is None
    assert numbers(server.get(path, versions_limit=6)) == [6, 5, 4, 3, 2, 1]


def test_trashed_versions_are_not_shown(server: Server) -> None:
    saved = versions(server, 4)
    server.http.delete(f"/api/v1/versions/{saved[1]['id']}")
    detail = server.get(f"/api/v1/assets/{saved[0]['asset_id']}")
    assert numbers(detail) == [4, 3, 1]
    assert detail["versions_total"] == 3


def test_lite_leaves_out_the_documents(server: Server) -> None:
    saved = versions(server, 1, workflow_json='{"a": 1}', metadata='{"m": 1}', prompt="p")[0]
    light = server.get(f"/api/v1/assets/{saved['asset_id']}", lite=1)["versions"][0]
    documents = ("workflow_json", "metadata", "evidence")
    assert light == {key: value for key, value in saved.items() if key not in documents}


@pytest.mark.parametrize("value", ["0", "201", "-1", "x", "9" * 30])
def test_a_versions_limit_out_of_range_is_refused(server: Server, value: str) -> None:
    asset = versions(server, 1)[0]["asset_id"]
    answer = server.http.get(f"/api/v1/assets/{asset}", params={"versions_limit": value})
    assert (answer.status_code, answer.json()["field"]) == (400, "versions_limit")


def test_a_versions_cursor_of_another_asset_is_refused(server: Server) -> None:
    asset = versions(server, 2)[0]["asset_id"]
    other = server.saved(picture(), asset_name="Other")["asset"]["id"]
    cursor = server.get(f"/api/v1/assets/{asset}", versions_limit=1)["next_cursor"]
    for path, bad in ((other, cursor), (asset, cursor[:-2]), (asset, "x")):
        answer = server.http.get(f"/api/v1/assets/{path}", params={"versions_cursor": bad})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


def test_past_the_byte_limit_versions_leave_out_their_documents(narrow_server: Server) -> None:
    saved = versions(narrow_server, 4, workflow_json='{"pad": "' + "x" * 1200 + '"}')
    detail = narrow_server.get(f"/api/v1/assets/{saved[0]['asset_id']}")
    assert [one.get("workflow_omitted") for one in detail["versions"]] == [None, None, True, True]


def test_load_has_all_that_is_needed_to_run_a_version_again(server: Server) -> None:
    first, second = versions(server, 2, workflow_json='{"a": 1}', seed="5", prompt="p")
    loaded = server.get(f"/api/v1/versions/{first['id']}/load")
    assert set(loaded) == {"asset", "version"}
    assert loaded["version"] == first
    assert loaded["asset"]["current_version"] == second
    assert loaded["asset"]["id"] == first["asset_id"]

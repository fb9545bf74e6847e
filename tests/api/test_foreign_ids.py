"""Workspaces are fully apart: another one's ids answer as unknown ones do."""

from typing import Any

import pytest

from factories import picture
from server import Server

UNKNOWN = "01a20530-0000-7000-8000-000000000000"


@pytest.fixture
def foreign(session_server: Server) -> dict[str, str]:
    """The ids of things in another workspace."""
    other = session_server.with_workspace()
    files = [("image", ("a.png", picture(1))), ("input_images", ("in.png", picture(2)))]
    saved = other.http.post("/api/v1/generations", files=files, data={"asset_name": "Theirs"}).json()
    other.saved(picture(3), asset_name="Theirs too")
    page = other.get("/api/v1/assets", page_size=1)["pagination"]
    return {
        "asset": saved["asset"]["id"],
        "version": saved["version"]["id"],
        "artifact": saved["version"]["input_artifacts"][0]["id"],
        "token": other.get("/api/v1/tokens")["tokens"][0]["id"],
        "cursor": page["next_cursor"],
    }


CALLS: list[tuple[str, str, str, Any]] = [
    ("asset", "GET", "/api/v1/assets/{}", None),
    ("asset", "PATCH", "/api/v1/assets/{}", {"name": "Mine now"}),
    ("asset", "DELETE", "/api/v1/assets/{}", None),
    ("version", "GET", "/api/v1/versions/{}/load", None),
    ("version", "PATCH", "/api/v1/versions/{}", {"rating": 5}),
    ("version", "PATCH", "/api/v1/versions/{}/metadata", {"metadata": {"a": 1}}),
    ("version", "DELETE", "/api/v1/versions/{}", None),
    ("token", "DELETE", "/api/v1/tokens/{}", None),
    ("version", "GET", "/api/v1/assets/{}", None),
    ("asset", "GET", "/api/v1/versions/{}/load", None),
    ("artifact", "GET", "/api/v1/versions/{}/load", None),
]


@pytest.mark.parametrize(("kind", "method", "path", "body"), CALLS)
def test_a_foreign_id_answers_exactly_as_an_unknown_one(
    server: Server, foreign: dict[str, str], kind: str, method: str, path: str, body: Any
) -> None:
    before = server.footprint()
    unknown = server.http.request(method, path.format(UNKNOWN), json=body)
    answer = server.http.request(method, path.format(foreign[kind]), json=body)
    assert answer.status_code == unknown.status_code == 404
    assert answer.json() == unknown.json()
    assert server.footprint() == before


@pytest.mark.parametrize("precondition", ["*", '"x.1"'])
def test_a_precondition_does_not_tell_foreign_from_unknown(
    server: Server, foreign: dict[str, str], precondition: str
) -> None:
    headers = {"If-Match": precondition}
    for kind, method, path, body in CALLS:
        assert server.http.request(method, path.format(foreign[kind]), json=body, headers=headers).status_code == 404


def test_a_save_to_a_foreign_asset_answers_as_to_an_unknown_one(server: Server, foreign: dict[str, str]) -> None:
    unknown = server.save(picture(), asset_id=UNKNOWN)
    answer = server.save(picture(), asset_id=foreign["asset"])
    assert answer.status_code == unknown.status_code == 404
    assert answer.json() == unknown.json()


def test_a_foreign_version_can_not_be_promoted(server: Server, foreign: dict[str, str]) -> None:
    asset = server.saved(picture())["asset"]
    path = f"/api/v1/assets/{asset['id']}"
    unknown = server.http.patch(path, json={"current_version_id": UNKNOWN})
    answer = server.http.patch(path, json={"current_version_id": foreign["version"]})
    assert answer.status_code == unknown.status_code == 404
    assert answer.json() == unknown.json()


def test_a_foreign_parent_is_not_found(server: Server, foreign: dict[str, str]) -> None:
    saved = server.http.post(
        "/api/v1/generations",
        files={"image": ("a.png", picture())},
        data={"metadata": f'{{"source_version_id": "{foreign["version"]}"}}'},
    )
    assert saved.json()["version"]["parent_version_id"] is None


def test_a_foreign_cursor_is_refused(server: Server, foreign: dict[str, str]) -> None:
    server.saved(picture())
    answer = server.http.get("/api/v1/assets", params={"cursor": foreign["cursor"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


def test_names_lists_search_and_counts_know_only_their_own_workspace(server: Server, foreign: dict[str, str]) -> None:
    assert server.get("/api/v1/assets")["assets"] == []
    assert server.get("/api/v1/assets", search="Theirs")["pagination"]["total"] == 0
    assert server.get("/api/v1/workspace")["counts"] == {"assets": 0, "versions": 0, "storage_bytes": 0}
    mine = server.saved(picture(1), asset_name="Theirs")
    assert mine["asset"]["id"] != foreign["asset"]
    assert mine["version"]["version_number"] == 1
    assert mine["asset"]["slug"] == "theirs"


def test_bytes_that_two_workspaces_share_are_counted_in_each(server: Server, foreign: dict[str, str]) -> None:
    server.saved(picture(1))
    assert server.get("/api/v1/workspace")["counts"]["storage_bytes"] == len(picture(1))


def test_a_list_of_workspaces_names_no_foreign_one(server: Server, foreign: dict[str, str]) -> None:
    found = server.get("/api/v1/workspace", include_workspace_list=1)["workspace"]
    assert [one["id"] for one in found["workspaces"]] == [found["id"]]

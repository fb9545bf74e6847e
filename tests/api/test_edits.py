"""PATCH and DELETE of assets and versions, with and without If-Match."""

import json
from typing import Any

import httpx2
import pytest

from factories import picture
from server import Server


@pytest.fixture
def saved(server: Server) -> dict[str, Any]:
    return server.saved(picture(), asset_name="Sea", tags="one,two", notes_md="notes")


def patch(server: Server, path: str, body: Any, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return server.http.patch(f"/api/v1/{path}", content=json.dumps(body), headers=named)


def asset_of(server: Server, saved: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = server.get(f"/api/v1/assets/{saved['asset']['id']}")["asset"]
    return found


def test_name_tags_and_notes_are_changed_one_by_one(server: Server, saved: dict[str, Any]) -> None:
    path, before = f"assets/{saved['asset']['id']}", saved["asset"]
    renamed = patch(server, path, {"name": " Ocean "}).json()["asset"]
    assert (renamed["name"], renamed["slug"]) == ("Ocean", "ocean")
    assert (renamed["tags"], renamed["notes_md"]) == (["one", "two"], "notes")
    tagged = patch(server, path, {"tags": [" x", "X", "y"]}).json()["asset"]
    assert (tagged["name"], tagged["tags"]) == ("Ocean", ["x", "y"])
    noted = patch(server, path, {"notes_md": "# New"}).json()["asset"]
    assert noted["notes_md"] == "# New"
    assert noted["updated_at"] > tagged["updated_at"] > before["updated_at"]
    assert noted["created_at"] == before["created_at"]
    assert asset_of(server, saved) == noted
    cleared = patch(server, path, {"tags": [], "notes_md": ""}).json()["asset"]
    assert (cleared["tags"], cleared["notes_md"]) == ([], "")


def test_several_fields_are_changed_together(server: Server, saved: dict[str, Any]) -> None:
    body = {"name": "Ocean", "tags": ["a"], "notes_md": "n", "current_version_id": saved["version"]["id"]}
    asset = patch(server, f"assets/{saved['asset']['id']}", body).json()["asset"]
    assert (asset["name"], asset["tags"], asset["notes_md"]) == ("Ocean", ["a"], "n")


def test_an_edit_of_nothing_changes_nothing(server: Server, saved: dict[str, Any]) -> None:
    for body in ({}, {"name": None, "tags": None}, {"colour": "red"}):
        assert patch(server, f"assets/{saved['asset']['id']}", body).json()["asset"] == saved["asset"]
    assert server.http.patch(f"/api/v1/assets/{saved['asset']['id']}").json()["asset"] == saved["asset"]


def test_who_edited_last_is_known(server: Server, saved: dict[str, Any]) -> None:
    other = server.with_scope("write")
    asset = patch(other, f"assets/{saved['asset']['id']}", {"tags": []}).json()["asset"]
    assert (asset["created_by"], asset["updated_by"]) == ({"name": "test"}, {"name": "write"})


def test_a_name_in_use_is_a_conflict(server: Server, saved: dict[str, Any]) -> None:
    other = server.saved(picture(), asset_name="Sky")["asset"]
    answer = patch(server, f"assets/{other['id']}", {"name": " Sea "})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (409, "name_taken", "name")
    assert server.get(f"/api/v1/assets/{other['id']}")["asset"] == other
    assert patch(server, f"assets/{saved['asset']['id']}", {"name": "Sea"}).status_code == 200
    assert patch(server, f"assets/{other['id']}", {"name": "sea"}).status_code == 200


def test_an_old_name_is_free_after_a_rename(server: Server, saved: dict[str, Any]) -> None:
    patch(server, f"assets/{saved['asset']['id']}", {"name": "Ocean"})
    fresh = server.saved(picture(), asset_name="Sea")
    assert fresh["asset"]["id"] != saved["asset"]["id"]
    assert fresh["version"]["version_number"] == 1
    assert server.saved(picture(), asset_name="Ocean")["asset"]["id"] == saved["asset"]["id"]


def test_slugs_follow_names_and_are_unique(server: Server) -> None:
    def slug(name: str) -> str:
        found: str = server.saved(picture(), asset_name=name)["asset"]["slug"]
        return found

    first, second = slug("Sea: at night!"), slug("sea at NIGHT")
    assert first == "sea-at-night"
    assert second.startswith("sea-at-night-")
    assert slug("猫と海") == "猫と海"
    assert slug("!!!") == "asset"
    assert slug("???").startswith("asset-")
    assert len(slug("x" * 255)) <= 100
    asset = server.saved(picture(), asset_name="Other")["asset"]["id"]
    assert (
        patch(server, f"assets/{asset}", {"name": "SEA AT NIGHT"}).json()["asset"]["slug"].startswith("sea-at-night-")
    )


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"name": ""}, 400, "name"),
        ({"name": "  "}, 400, "name"),
        ({"name": 5}, 400, "name"),
        ({"name": ["a"]}, 400, "name"),
        ({"name": "a\0b"}, 400, "name"),
        ({"name": "\ud800"}, 400, "name"),
        ({"name": "x" * 256}, 413, "name"),
        ({"tags": "one"}, 400, "tags"),
        ({"tags": [5]}, 400, "tags"),
        ({"tags": ["x" * 101]}, 413, "tags"),
        ({"tags": [str(n) for n in range(201)]}, 413, "tags"),
        ({"notes_md": 5}, 400, "notes_md"),
        ({"notes_md": "\0"}, 400, "notes_md"),
        ({"notes_md": "x" * 100_001}, 413, "notes_md"),
        ({"current_version_id": 5}, 400, "current_version_id"),
        ({"current_version_id": ""}, 404, "current_version_id"),
        ({"name": "Fine", "current_version_id": "x"}, 404, "current_version_id"),
    ],
)
def test_a_field_that_can_not_be_taken_is_named_and_nothing_changes(
    server: Server, saved: dict[str, Any], body: dict[str, Any], status: int, field: str
) -> None:
    answer = patch(server, f"assets/{saved['asset']['id']}", body)
    assert (answer.status_code, answer.json()["field"]) == (status, field), answer.text
    assert asset_of(server, saved) == saved["asset"]


@pytest.mark.parametrize("body", ["{", "[]", "null", "5", '"x"', "{'a': 1}", '{"a":' * 100_000, "\0", "{}{}"])
def test_a_body_that_is_no_json_object_is_refused(server: Server, saved: dict[str, Any], body: str) -> None:
    for path in (f"assets/{saved['asset']['id']}", f"versions/{saved['version']['id']}/metadata"):
        assert server.http.patch(f"/api/v1/{path}", content=body).status_code == 400
    assert asset_of(server, saved) == saved["asset"]


def test_a_form_is_no_json_body(server: Server, saved: dict[str, Any]) -> None:
    answer = server.http.patch(f"/api/v1/assets/{saved['asset']['id']}", data={"name": "Ocean"})
    assert (answer.status_code, answer.json()["code"]) == (415, "wrong_content_type")


def test_an_older_version_is_promoted(server: Server, saved: dict[str, Any]) -> None:
    second = server.saved(picture(1), asset_name="Sea")["version"]
    path = f"assets/{saved['asset']['id']}"
    for version in (saved["version"]["id"].upper(), second["id"], saved["version"]["id"]):
        asset = patch(server, path, {"current_version_id": version}).json()["asset"]
        assert asset["current_version_id"] == version.lower()
    row = server.get("/api/v1/assets")["assets"][0]
    assert row["current_version"]["version_number"] == 1
    third = server.saved(picture(2), asset_name="Sea")
    assert third["version"]["version_number"] == 3
    assert third["asset"]["current_version_id"] == third["version"]["id"]


def test_a_version_of_another_asset_can_not_be_promoted(server: Server, saved: dict[str, Any]) -> None:
    other = server.saved(picture(), asset_name="Sky")
    trashed = server.saved(picture(1), asset_name="Sea")["version"]["id"]
    server.http.delete(f"/api/v1/versions/{trashed}")
    for version in (other["version"]["id"], trashed, saved["asset"]["id"]):
        answer = patch(server, f"assets/{saved['asset']['id']}", {"current_version_id": version})
        assert (answer.status_code, answer.json()["code"]) == (404, "version_not_found")


def test_a_version_is_labelled_and_rated(server: Server, saved: dict[str, Any]) -> None:
    path = f"versions/{saved['version']['id']}"
    for body, label, rating in (
        ({"version_label": " best "}, "best", None),
        ({"rating": 5}, "best", 5),
        ({"version_label": None}, None, 5),
        ({"rating": 0, "version_label": "x"}, "x", 0),
        ({"rating": None}, "x", None),
        ({}, "x", None),
        ({"version_label": ""}, None, None),
    ):
        version = patch(server, path, body).json()["version"]
        assert (version["version_label"], version["rating"]) == (label, rating)
        assert server.get(f"/api/v1/{path}/load")["version"] == version


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        *(({"rating": rating}, 400, "rating") for rating in (-1, 6, 2.5, "5", True, [5], {}, 10**30)),
        ({"version_label": 5}, 400, "version_label"),
        ({"version_label": "a\nb"}, 400, "version_label"),
        ({"version_label": "x" * 256}, 413, "version_label"),
        ({"rating": 3, "version_label": "\0"}, 400, "version_label"),
    ],
)
def test_a_label_or_rating_that_can_not_be_taken_is_named(
    server: Server, saved: dict[str, Any], body: dict[str, Any], status: int, field: str
) -> None:
    answer = patch(server, f"versions/{saved['version']['id']}", body)
    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert server.get(f"/api/v1/versions/{saved['version']['id']}/load")["version"] == saved["version"]


def test_a_rating_does_not_move_the_asset_in_lists(server: Server, saved: dict[str, Any]) -> None:
    server.saved(picture(), asset_name="Sky")
    patch(server, f"versions/{saved['version']['id']}", {"rating": 5})
    assert [one["name"] for one in server.get("/api/v1/assets")["assets"]] == ["Sky", "Sea"]


CHANGES = [
    ("assets/{asset}", "assets/{asset}", {"notes_md": "new"}),
    ("versions/{version}/load", "versions/{version}", {"rating": 4}),
    ("versions/{version}/load", "versions/{version}/metadata", {"metadata": {"a": 1}}),
    ("assets/{asset}", "assets/{asset}", None),
    ("versions/{version}/load", "versions/{version}", None),
]


def change(server: Server, path: str, body: Any, if_match: str | None) -> httpx2.Response:
    headers = {} if if_match is None else {"If-Match": if_match}
    method = "DELETE" if body is None else "PATCH"
    return server.http.request(method, f"/api/v1/{path}", json=body, headers=headers)


@pytest.mark.parametrize(("read", "write", "body"), CHANGES)
def test_if_match_lets_only_the_reader_of_the_newest_state_write(
    server: Server, saved: dict[str, Any], read: str, write: str, body: Any
) -> None:
    ids = {"asset": saved["asset"]["id"], "version": saved["version"]["id"]}
    read, write = read.format(**ids), write.format(**ids)
    seen = server.http.get(f"/api/v1/{read}").headers["ETag"]
    for stale in ('"other"', seen[:-1] + '0"', seen.strip('"'), f"W/{seen}"):
        answer = change(server, write, body, stale)
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed"), stale
    answer = change(server, write, body, f'"other", {seen}')
    assert answer.status_code == 200
    if body is not None:
        fresh = answer.headers["ETag"]
        assert fresh != seen
        assert server.http.get(f"/api/v1/{read}").headers["ETag"] == fresh
        assert change(server, write, body, seen).status_code == 412
        assert change(server, write, body, fresh).status_code == 200
        assert change(server, write, body, "*").status_code == 200
        assert change(server, write, body, None).status_code == 200
        assert change(server, write, body, "").status_code == 200


def test_the_answer_to_a_save_has_the_etag_of_its_version(server: Server) -> None:
    answer = server.save(picture())
    version = answer.json()["version"]["id"]
    assert answer.headers["ETag"] == server.http.get(f"/api/v1/versions/{version}/load").headers["ETag"]


@pytest.mark.parametrize("after", ["save", "promote", "patch", "delete"])
def test_whatever_changes_an_asset_changes_its_etag(server: Server, saved: dict[str, Any], after: str) -> None:
    path = f"/api/v1/assets/{saved['asset']['id']}"
    second = server.saved(picture(1), asset_name="Sea")["version"]["id"]
    seen = server.http.get(path).headers["ETag"]
    if after == "save":
        server.saved(picture(2), asset_name="Sea")
    elif after == "promote":
        patch(server, path.removeprefix("/api/v1/"), {"current_version_id": saved["version"]["id"]})
    elif after == "patch":
        patch(server, f"versions/{second}/metadata", {"metadata": {"a": 1}})
    else:
        server.http.delete(f"/api/v1/versions/{second}")
    assert server.http.get(path).headers["ETag"] != seen
    assert change(server, path.removeprefix("/api/v1/"), {"notes_md": "x"}, seen).status_code == 412

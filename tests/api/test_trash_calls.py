"""DELETE moves things to the trash, of which lists, search, counts, load, names and signed URLs know nothing."""

from typing import Any

import pytest

from factories import picture
from server import Server


def sea(server: Server, count: int = 1, **fields: str) -> list[dict[str, Any]]:
    """Saves of one asset, oldest first."""
    return [server.saved(picture(number), asset_name="Sea", **fields) for number in range(count)]


def delete(server: Server, kind: str, thing: dict[str, Any]) -> None:
    answer = server.http.delete(f"/api/v1/{kind}s/{thing[kind]['id']}")
    assert (answer.status_code, answer.json()) == (200, {"deleted": True, "id": thing[kind]["id"]})


def knows_nothing_of(server: Server, saved: dict[str, Any]) -> bool:
    """Whether no call finds the version any more."""
    version = saved["version"]
    paths = [f"/api/v1/versions/{version['id']}/load", version["signed_preview_url"], version["thumbnail_url"]]
    paths += [one["signed_url"] for one in version["input_artifacts"]]
    statuses = [server.http.get(path).status_code for path in paths]
    statuses.append(server.http.patch(f"/api/v1/versions/{version['id']}", json={"rating": 1}).status_code)
    statuses.append(
        server.http.patch(f"/api/v1/versions/{version['id']}/metadata", json={"metadata": {"a": 1}}).status_code
    )
    statuses.append(server.http.delete(f"/api/v1/versions/{version['id']}").status_code)
    assert set(statuses) == {404}
    return True


def test_a_trashed_asset_is_known_to_no_call(server: Server) -> None:
    files = [("image", ("a.png", picture())), ("input_images", ("in.png", picture(1)))]
    first = server.http.post("/api/v1/generations", files=files, data={"asset_name": "Sea", "prompt": "waves"}).json()
    second = server.saved(picture(2), asset_name="Sea", prompt="waves")
    delete(server, "asset", first)
    assert knows_nothing_of(server, first)
    assert knows_nothing_of(server, second)
    assert server.http.get(f"/api/v1/assets/{first['asset']['id']}").status_code == 404
    assert server.http.patch(f"/api/v1/assets/{first['asset']['id']}", json={"name": "x"}).status_code == 404
    assert server.http.delete(f"/api/v1/assets/{first['asset']['id']}").status_code == 404
    assert server.get("/api/v1/assets")["pagination"]["total"] == 0
    assert server.get("/api/v1/assets", search="waves")["pagination"]["total"] == 0
    counts = server.get("/api/v1/workspace")["counts"]
    assert (counts["assets"], counts["versions"]) == (0, 0)


def test_a_trashed_version_is_known_to_no_call_but_its_asset_lives(server: Server) -> None:
    first = server.saved(picture(), asset_name="Sea", prompt="storm")
    second = server.saved(picture(1), asset_name="Sea", prompt="calm")
    delete(server, "version", first)
    assert knows_nothing_of(server, first)
    detail = server.get(f"/api/v1/assets/{first['asset']['id']}")
    assert [one["id"] for one in detail["versions"]] == [second["version"]["id"]]
    assert detail["asset"]["version_count"] == 1
    assert server.get("/api/v1/assets", search="storm")["pagination"]["total"] == 0
    assert server.get("/api/v1/assets", search="calm")["pagination"]["total"] == 1
    counts = server.get("/api/v1/workspace")["counts"]
    assert (counts["assets"], counts["versions"]) == (1, 1)


def test_numbers_are_never_given_again(server: Server) -> None:
    saved = sea(server, 3)
    delete(server, "version", saved[2])
    delete(server, "version", saved[1])
    assert server.saved(picture(9), asset_name="Sea")["version"]["version_number"] == 4


def test_the_highest_remaining_number_becomes_current(server: Server) -> None:
    saved = sea(server, 4)
    path = f"/api/v1/assets/{saved[0]['asset']['id']}"

    def current() -> str:
        found: str = server.get(path)["asset"]["current_version_id"]
        return found

    delete(server, "version", saved[3])
    assert current() == saved[2]["version"]["id"]
    delete(server, "version", saved[1])
    assert current() == saved[2]["version"]["id"]
    server.http.patch(path, json={"current_version_id": saved[0]["version"]["id"]})
    delete(server, "version", saved[2])
    assert current() == saved[0]["version"]["id"]


def test_deleting_a_promoted_version_makes_the_highest_current(server: Server) -> None:
    saved = sea(server, 3)
    path = f"/api/v1/assets/{saved[0]['asset']['id']}"
    server.http.patch(path, json={"current_version_id": saved[0]["version"]["id"]})
    delete(server, "version", saved[0])
    assert server.get(path)["asset"]["current_version_id"] == saved[2]["version"]["id"]


def test_an_asset_goes_with_its_last_version(server: Server) -> None:
    saved = sea(server, 2)
    delete(server, "version", saved[0])
    delete(server, "version", saved[1])
    assert server.http.get(f"/api/v1/assets/{saved[0]['asset']['id']}").status_code == 404
    assert server.get("/api/v1/assets")["assets"] == []


@pytest.mark.parametrize("kind", ["asset", "version"])
def test_a_name_is_free_again_and_a_trashed_twin_blocks_nothing(server: Server, kind: str) -> None:
    seen = set()
    for _ in range(3):
        saved = server.saved(picture(), asset_name="Sea")
        assert saved["version"]["version_number"] == 1
        assert saved["asset"]["slug"] == "sea"
        seen.add(saved["asset"]["id"])
        delete(server, kind, saved)
    other = server.saved(picture(), asset_name="Other")["asset"]["id"]
    assert server.http.patch(f"/api/v1/assets/{other}", json={"name": "Sea"}).status_code == 200
    assert len(seen) == 3


def test_deleting_a_version_moves_its_asset_to_the_top_of_lists(server: Server) -> None:
    saved = sea(server, 2)
    server.saved(picture(), asset_name="Sky")
    delete(server, "version", saved[0])
    assert [one["name"] for one in server.get("/api/v1/assets")["assets"]] == ["Sea", "Sky"]


def test_what_is_deleted_twice_is_not_found(server: Server) -> None:
    saved = sea(server, 2)
    delete(server, "version", saved[0])
    for kind in ("version", "asset"):
        if kind == "asset":
            delete(server, "asset", saved[1])
        answer = server.http.delete(f"/api/v1/{kind}s/{saved[0][kind]['id']}")
        assert (answer.status_code, answer.json()["code"]) == (404, f"{kind}_not_found")


def test_nothing_of_a_trashed_thing_is_lost_from_the_disk(server: Server) -> None:
    saved = sea(server, 2)
    before = server.footprint()
    delete(server, "version", saved[0])
    delete(server, "asset", saved[1])
    after = server.footprint()
    assert (after["versions"], after["assets"], after["blobs"]) == (
        before["versions"],
        before["assets"],
        before["blobs"],
    )


def test_a_body_of_a_delete_does_not_matter(server: Server) -> None:
    saved = sea(server)[0]
    answer = server.http.request("DELETE", f"/api/v1/assets/{saved['asset']['id']}", content=b"{broken" * 1000)
    assert answer.json()["deleted"] is True

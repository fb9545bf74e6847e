"""GET /workspace: the token's workspace and what it holds."""

from factories import picture
from server import Server


def test_a_workspace_says_what_it_is_and_holds(server: Server) -> None:
    found = server.get("/api/v1/workspace")
    assert set(found) == {"workspace", "counts"}
    assert set(found["workspace"]) == {"id", "name", "slug", "organization", "workspaces"}
    assert found["workspace"]["organization"] is None
    assert found["workspace"]["name"].startswith("Test ")
    assert found["workspace"]["slug"] == found["workspace"]["name"].lower().replace(" ", "-")
    assert found["workspace"]["workspaces"] == []
    assert found["counts"] == {"assets": 0, "versions": 0, "storage_bytes": 0}


def test_the_list_of_workspaces_has_the_current_one_when_asked_for(server: Server) -> None:
    workspace = server.get("/api/v1/workspace", include_workspace_list=1)["workspace"]
    assert workspace["workspaces"] == [{key: workspace[key] for key in ("id", "name", "slug")}]


def test_lite_leaves_out_what_is_costly_to_count(server: Server) -> None:
    server.saved(picture())
    found = server.get("/api/v1/workspace", lite=1)
    assert found["counts"] == {"assets": 1, "versions": 1}
    assert found["workspace"] == server.get("/api/v1/workspace")["workspace"]


def test_a_file_saved_twice_takes_its_bytes_once(server: Server) -> None:
    def storage() -> int:
        found: int = server.get("/api/v1/workspace")["counts"]["storage_bytes"]
        return found

    server.saved(picture(1), asset_name="one")
    assert storage() == len(picture(1))
    server.saved(picture(1), asset_name="two")
    assert storage() == len(picture(1))
    files = [
        ("image", ("a.png", picture(2))),
        ("input_images", ("b.png", picture(1))),
        ("input_images", ("c.png", picture(3))),
    ]
    server.http.post("/api/v1/generations", files=files)
    assert storage() == len(picture(1)) + len(picture(2)) + len(picture(3))
    counts = server.get("/api/v1/workspace")["counts"]
    assert (counts["assets"], counts["versions"]) == (3, 3)


def test_versions_are_counted_over_all_assets(server: Server) -> None:
    for number in range(5):
        server.saved(picture(number), asset_name=f"asset {number % 2}")
    counts = server.get("/api/v1/workspace")["counts"]
    assert (counts["assets"], counts["versions"]) == (2, 5)


def test_flags_may_be_given_as_words(server: Server) -> None:
    assert "storage_bytes" not in server.get("/api/v1/workspace", lite="true")["counts"]
    assert "storage_bytes" in server.get("/api/v1/workspace", lite="no")["counts"]
    answer = server.http.get("/api/v1/workspace", params={"include_workspace_list": "perhaps"})
    assert (answer.status_code, answer.json()["field"]) == (400, "include_workspace_list")

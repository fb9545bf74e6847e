"""What holds for every answer: JSON with an object at the top, request ids, HEAD, times, ids, unknown parameters."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from raw_http import RawClient

from factories import picture
from server import Server

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
UNKNOWN = "01a20530-0000-7000-8000-000000000000"

READS = ["/api/v1/workspace", "/api/v1/assets", "/api/v1/assets/{asset}", "/api/v1/versions/{version}/load"]
READS += ["/api/v1/tokens", "/healthz", "/readyz"]
ODD_REQUESTS = [
    ("GET", "/", 404),
    ("GET", "/api", 404),
    ("GET", "/api/v1/", 404),
    ("GET", "/api/v1/nothing", 404),
    ("DELETE", "/api/v1/nothing/here", 404),
    ("POST", "/api/v2/generations", 404),
    ("GET", "/api/v1/versions/x", 405),
    ("GET", "/api/v1/generations", 405),
    ("PUT", "/api/v1/assets", 405),
    ("DELETE", "/api/v1/workspace", 405),
    ("POST", "/healthz", 405),
    ("BREW", "/api/v1/assets", 405),
    ("GET", f"/api/v1/assets/{UNKNOWN}", 404),
    ("DELETE", f"/api/v1/assets/{UNKNOWN}", 404),
    ("GET", "/api/v1/assets/%00", 404),
    ("GET", "/api/v1/assets/%ff%fe", 404),
    ("GET", "/api/v1/assets/%ed%a0%80", 404),
    ("GET", "/api/v1/assets/'; DROP TABLE assets; --", 404),
    ("GET", "/api/v1/assets/..%2f..%2fetc%2fpasswd", 404),
    ("GET", "/api/v1/versions/%F0%9F%A6%86/load", 404),
    pytest.param("GET", f"/api/v1/assets/{'x' * 5000}", 404, id="long"),
]


@pytest.fixture
def ids(server: Server) -> dict[str, str]:
    saved = server.saved(picture(), asset_name="Seen")
    return {"asset": saved["asset"]["id"], "version": saved["version"]["id"]}


def is_json_object(answer: Any) -> bool:
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json"
    return isinstance(json.loads(answer.content), dict)


@pytest.mark.parametrize("path", READS)
def test_a_read_answers_with_an_object_and_a_request_id(server: Server, ids: dict[str, str], path: str) -> None:
    answer = server.http.get(path.format(**ids))
    assert answer.status_code == 200
    assert is_json_object(answer)
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-Id"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_request_has_an_id_of_its_own(server: Server) -> None:
    seen = {server.http.get("/api/v1/workspace").headers["X-Request-Id"] for _ in range(5)}
    assert len(seen) == 5


@pytest.mark.parametrize(("method", "path", "status"), ODD_REQUESTS)
def test_a_request_to_nowhere_answers_with_a_sentence(server: Server, method: str, path: str, status: int) -> None:
    answer = server.http.request(method, path)
    assert answer.status_code == status, answer.text
    assert is_json_object(answer)
    assert answer.json()["error"].endswith((".", "API answers to.", "it takes."))
    assert re.fullmatch("[a-z_]+", answer.json()["code"])
    assert "X-Request-Id" in answer.headers


def test_a_refused_method_names_those_that_are_taken(server: Server) -> None:
    answer = server.http.request("PUT", f"/api/v1/assets/{UNKNOWN}")
    assert answer.status_code == 405
    assert {"GET", "PATCH", "DELETE"} <= set(answer.headers["Allow"].replace(" ", "").split(","))


@pytest.mark.parametrize("path", ["/api/v1/assets", f"/api/v1/assets/{UNKNOWN}", "/api/v1/generations"])
def test_a_question_for_the_methods_is_answered_with_an_object(server: Server, path: str) -> None:
    answer = server.http.options(path)
    assert answer.status_code == 200
    assert is_json_object(answer)
    assert "OPTIONS" in answer.headers["Allow"]


def test_what_is_deleted_is_answered_with_an_object(server: Server, ids: dict[str, str]) -> None:
    second = server.saved(picture(1), asset_name="Seen")["version"]["id"]
    for path, gone in ((f"versions/{second}", second), (f"assets/{ids['asset']}", ids["asset"])):
        answer = server.http.delete(f"/api/v1/{path}")
        assert answer.status_code == 200
        assert answer.json() == {"deleted": True, "id": gone}


@pytest.mark.parametrize("path", [*READS, "/api/v1/nothing", f"/api/v1/assets/{UNKNOWN}"])
def test_head_gives_the_headers_of_get_and_no_body(server: Server, ids: dict[str, str], path: str) -> None:
    full, head = server.http.get(path.format(**ids)), server.http.head(path.format(**ids))
    assert head.status_code == full.status_code
    assert head.content == b""
    same = ("Content-Type", "Content-Length", "ETag")
    assert [head.headers.get(name) for name in same] == [full.headers.get(name) for name in same]


def test_after_a_head_the_connection_goes_on(server: Server) -> None:
    headers = {"Authorization": f"Bearer {server.token}"}
    with RawClient(server.url) as client:
        for _ in range(3):
            client.request("HEAD", "/api/v1/workspace", headers)
            head = client._until(b"\r\n\r\n")
            assert b" 200 " in head.partition(b"\r\n")[0]
        client.request("GET", "/api/v1/workspace", headers)
        assert client.answer().json()["workspace"]["name"]


def test_head_where_only_post_is_taken_is_refused(server: Server) -> None:
    assert server.http.head("/api/v1/generations").status_code == 405


def test_unknown_parameters_and_fields_do_not_matter(server: Server, ids: dict[str, str]) -> None:
    for path in READS:
        assert server.http.get(path.format(**ids), params={"utm": "x", "__proto__": "1"}).status_code == 200
    renamed = server.http.patch(f"/api/v1/assets/{ids['asset']}", json={"name": "New", "colour": "red", "id": "x"})
    assert renamed.json()["asset"]["name"] == "New"
    assert server.save(picture(), surprise="x" * 100_000).status_code == 201


def test_ids_are_lower_case_uuids_and_times_are_utc(server: Server, ids: dict[str, str]) -> None:
    files = [("image", ("a.png", picture())), ("input_images", ("b.png", picture(1)))]
    saved = server.http.post("/api/v1/generations", files=files).json()
    answers = [saved, *(server.get(path.format(**ids)) for path in READS)]
    found = [pair for answer in answers for pair in members(answer)]
    ids_found = [value for key, value in found if (key == "id" or key.endswith("_id")) and value is not None]
    times = [value for key, value in found if key.endswith("_at") and value is not None]
    assert len(ids_found) > 12
    assert all(UUID.fullmatch(value) for value in ids_found)
    assert len(times) > 8
    assert all(TIME.fullmatch(value) for value in times)


def members(value: Any) -> Iterator[tuple[str, Any]]:
    """Every (key, value) at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from members(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner)


def test_ids_may_be_asked_for_in_upper_case(server: Server, ids: dict[str, str]) -> None:
    assert server.get(f"/api/v1/assets/{ids['asset'].upper()}")["asset"]["id"] == ids["asset"]
    assert server.get(f"/api/v1/versions/{ids['version'].upper()}/load")["version"]["id"] == ids["version"]


def test_ids_grow_with_time(server: Server) -> None:
    found = [server.saved(picture(n))["version"]["id"] for n in range(5)]
    assert found == sorted(found)


def test_the_probes_need_no_token(server: Server) -> None:
    with server.stranger() as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").json() == {"status": "ready"}


def test_the_server_lives_but_is_not_ready_while_the_database_does_not_answer(own_server: Server) -> None:
    with own_server.library.db.write() as tx:
        tx.exec_driver_sql("ALTER TABLE assets RENAME TO elsewhere")
    for path in ("/readyz", "/api/v1/assets"):
        answer = own_server.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["Retry-After"]
    assert own_server.http.get("/healthz").status_code == 200


def test_the_server_lives_but_is_not_ready_while_the_blobs_are_away(own_server: Server) -> None:
    blobs = own_server.data_dir / "blobs"
    blobs.rename(own_server.data_dir / "away")
    answer = own_server.http.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert own_server.http.get("/healthz").status_code == 200
    (own_server.data_dir / "away").rename(blobs)
    assert own_server.http.get("/readyz").status_code == 200

"""Idempotency-Key over HTTP: a retry gives what the first request made."""

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from factories import picture
from server import Server


def save(server: Server, key: str, image: bytes | None = None, **fields: str) -> httpx2.Response:
    """A save with a key; the client makes a fresh boundary for each request."""
    files = {"image": ("a.png", image or picture())}
    return server.http.post("/api/v1/generations", files=files, data=fields, headers={"Idempotency-Key": key})


def without_urls(saved: dict[str, Any]) -> dict[str, Any]:
    version = {key: value for key, value in saved["version"].items() if not key.endswith("_url")}
    return {**saved, "version": version}


def test_the_same_request_again_gives_the_same_version(server: Server) -> None:
    fields = {"asset_name": "Sea", "prompt": "p", "metadata": '{"a": NaN}'}
    first, again = save(server, "key", **fields), save(server, "key", **fields)
    assert first.request.headers["Content-Type"] != again.request.headers["Content-Type"]
    assert (first.status_code, again.status_code) == (201, 201)
    assert without_urls(again.json()) == without_urls(first.json())
    assert len(again.json()["warnings"]) == 1
    assert again.headers["ETag"] == first.headers["ETag"]
    with server.stranger() as stranger:
        assert stranger.get(again.json()["version"]["signed_preview_url"]).content == picture()
    assert server.get("/api/v1/workspace")["counts"]["versions"] == 1


def test_the_order_of_the_fields_does_not_matter(server: Server) -> None:
    first = save(server, "key", prompt="p", model="m")
    again = save(server, "key", model="m", prompt="p", intent="")
    assert again.json()["version"]["id"] == first.json()["version"]["id"]


@pytest.mark.parametrize(
    ("image", "fields"),
    [
        (None, {"prompt": "q"}),
        (None, {}),
        (None, {"prompt": "p", "tags": "one"}),
        (picture(1), {"prompt": "p"}),
    ],
)
def test_another_request_under_the_key_is_a_conflict(
    server: Server, image: bytes | None, fields: dict[str, str]
) -> None:
    save(server, "key", prompt="p")
    before = server.footprint()
    answer = save(server, "key", image, **fields)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert server.footprint() == before


def test_input_images_are_part_of_the_request(server: Server) -> None:
    def with_input(data: bytes) -> httpx2.Response:
        files = [("image", ("a.png", picture())), ("input_images", ("in.png", data))]
        return server.http.post("/api/v1/generations", files=files, headers={"Idempotency-Key": "key"})

    first = with_input(picture(1))
    assert with_input(picture(1)).json()["version"]["id"] == first.json()["version"]["id"]
    assert with_input(picture(2)).status_code == 409


def test_json_saves_take_a_key_too(server: Server) -> None:
    body = '{"image_base64": "data:image/png;base64,%s", "prompt": "p", "tags": ["a"]}'
    text = body % base64.b64encode(picture()).decode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": "key"}
    first, again = (server.http.post("/api/v1/generations", content=text, headers=headers) for _ in range(2))
    assert first.status_code == 201
    assert again.json()["version"]["id"] == first.json()["version"]["id"]


def test_requests_at_the_same_time_make_one_version(server: Server) -> None:
    start = threading.Barrier(8)

    def retry(_number: int) -> httpx2.Response:
        seen = server.with_token(server.token)
        start.wait(20)
        return save(seen, "key", asset_name="Once", prompt="p")

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(retry, range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["version"]["id"] for answer in answers}) == 1
    assert server.get("/api/v1/workspace")["counts"] | {"storage_bytes": 0} == {
        "assets": 1,
        "versions": 1,
        "storage_bytes": 0,
    }


def test_different_requests_at_the_same_time_under_one_key_make_one_version(server: Server) -> None:
    start = threading.Barrier(4)

    def race(number: int) -> httpx2.Response:
        seen = server.with_token(server.token)
        start.wait(20)
        return save(seen, "key", prompt=str(number))

    with ThreadPoolExecutor(4) as threads:
        statuses = sorted(answer.status_code for answer in threads.map(race, range(4)))
    assert statuses == [201, 409, 409, 409]
    assert server.get("/api/v1/workspace")["counts"]["versions"] == 1


def test_a_key_belongs_to_its_token(server: Server) -> None:
    other = server.with_scope("write")
    first, second = save(server, "key", asset_name="Sea"), save(other, "key", asset_name="Sea", prompt="other")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json()["version"]["version_number"] == 2


def test_a_key_of_a_refused_save_is_free(server: Server) -> None:
    assert save(server, "key", seed="x").status_code == 400
    assert save(server, "key", asset_id="01a20530-0000-7000-8000-000000000000").status_code == 404
    assert save(server, "key", prompt="p").status_code == 201


@pytest.mark.parametrize("path", ["versions/{version}", "assets/{asset}"])
def test_the_key_of_a_deleted_version_is_a_conflict(server: Server, path: str) -> None:
    saved = save(server, "key").json()
    ids = {"version": saved["version"]["id"], "asset": saved["asset"]["id"]}
    server.http.delete(f"/api/v1/{path.format(**ids)}")
    answer = save(server, "key")
    assert (answer.status_code, answer.json()["code"]) == (409, "version_deleted")
    assert server.get("/api/v1/workspace")["counts"]["versions"] == 0


def test_a_key_may_be_any_short_text(server: Server) -> None:
    for key in ("x" * 255, "a b", '"quoted"', "'; DROP TABLE"):
        first, again = save(server, key), save(server, key)
        assert first.json()["version"]["id"] == again.json()["version"]["id"]
    answer = save(server, "x" * 256)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")
    assert "255" in answer.json()["error"]


def test_an_empty_key_is_none(server: Server) -> None:
    numbers = [save(server, "").json()["version"]["version_number"] for _ in range(2)]
    assert numbers == [1, 2]


def test_the_answer_to_a_retry_knows_what_became_of_the_asset(server: Server) -> None:
    first = save(server, "key", asset_name="Sea").json()
    server.http.patch(f"/api/v1/assets/{first['asset']['id']}", json={"name": "Ocean"})
    again = save(server, "key", asset_name="Sea").json()
    assert again["version"]["id"] == first["version"]["id"]
    assert again["asset"]["name"] == "Ocean"

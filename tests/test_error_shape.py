"""Every error is one plain sentence with a code; a 5xx shows no internals and can be found in the log."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from factories import fresh_picture, picture
from genasset import errors
from genasset.blobs import original_key
from server import Server

UNKNOWN = "01a20530-0000-7000-8000-000000000000"
SENTENCE = re.compile(r"[A-Z_a-z].*[^ ]", re.DOTALL)
INTERNALS = re.compile(r"Traceback|sqlite|sqlalchemy|msgspec|litestar|File \"|/tmp|\.py\b|0x[0-9a-f]{6}", re.IGNORECASE)


def refusals(server: Server) -> Iterator[httpx2.Response]:
    """One answer of every kind of refusal."""
    http, saved = server.http, server.saved(picture())
    asset, version = f"/api/v1/assets/{saved['asset']['id']}", f"/api/v1/versions/{saved['version']['id']}"
    server.saved(picture(), asset_name="taken")
    with server.stranger() as stranger:
        yield stranger.get("/api/v1/assets")
        yield stranger.get(f"{asset}", headers={"Authorization": "Bearer ga_x"})
        yield stranger.get(saved["version"]["signed_preview_url"][:-1])
        yield stranger.get(saved["version"]["thumbnail_url"] + "&size=300")
        yield stranger.get(saved["version"]["signed_preview_url"], headers={"Range": "bytes=999999-"})
        yield stranger.get("/healthz/x")
        yield stranger.get("/api/v1/assets", headers={"Host": "evil.example.org"})
    yield server.with_scope("read").save(picture())
    yield server.with_scope("write").http.get("/api/v1/tokens")
    yield http.get(f"/api/v1/assets/{UNKNOWN}")
    yield http.delete(f"/api/v1/tokens/{UNKNOWN}")
    yield http.get("/api/v1/assets", params={"page": 0})
    yield http.get("/api/v1/assets", params={"cursor": "forged"})
    yield http.get("/api/v1/assets", params={"lite": "maybe"})
    yield http.put("/api/v1/assets")
    yield http.patch(asset, content="{")
    yield http.patch(asset, content=b"\xff")
    yield http.patch(asset, content="[]")
    yield http.patch(asset, content="a=b", headers={"Content-Type": "application/x-www-form-urlencoded"})
    yield http.patch(asset, json={"name": "taken"})
    yield http.patch(asset, json={"name": 5})
    yield http.patch(asset, json={"name": "x" * 300})
    yield http.patch(asset, json={"current_version_id": UNKNOWN})
    yield http.patch(asset, json={"name": "y"}, headers={"If-Match": '"stale"'})
    yield http.patch(version, json={"rating": 6})
    yield http.patch(f"{version}/metadata", json={"metadata": []})
    yield server.save(b"")
    yield server.save(b"no picture")
    yield server.save(picture()[:40])
    yield server.save(picture(), seed="x")
    yield server.save(picture(), metadata="[1]")
    yield server.save(picture(), workflow_json="{" * 100_000)
    yield server.save(picture(), prompt="x" * 100_001)
    yield server.save(picture(), asset_id=UNKNOWN)
    yield http.post("/api/v1/generations", content=b"", headers={"Content-Type": "multipart/form-data"})
    yield http.post("/api/v1/generations", json={"image_url": "https://example.org/a.png"})
    yield http.post("/api/v1/generations", json={"image_base64": "%%%"})
    yield http.post("/api/v1/generations", json={"image_base64": 5})


def test_every_refusal_is_a_sentence_with_a_code(server: Server) -> None:
    seen = set()
    for answer in refusals(server):
        body = answer.json()
        where = f"{answer.request.method} {answer.request.url} {answer.status_code} {answer.text}"
        assert 400 <= answer.status_code < 500, where
        assert answer.headers["Content-Type"] == "application/json", where
        assert {"error", "code"} <= set(body) <= {"error", "code", "field"}, where
        assert isinstance(body["error"], str), where
        assert SENTENCE.fullmatch(body["error"]), where
        assert len(body["error"]) < 400, where
        assert not INTERNALS.search(body["error"]), where
        assert re.fullmatch("[a-z][a-z0-9_]+", body["code"]), where
        if "field" in body:
            assert body["field"] in body["error"], where
        seen.add(answer.status_code)
    assert seen == {400, 401, 403, 404, 405, 409, 412, 413, 415, 416}


def test_refusals_leave_no_trace_of_trouble_in_the_log(server: Server) -> None:
    before = len(server.log())
    assert sum(1 for _ in refusals(server)) > 30
    assert "ERROR" not in server.log()[before:]
    assert "Traceback" not in server.log()[before:]


def is_an_honest_5xx(server: Server, answer: httpx2.Response, code: str) -> None:
    """A sentence without internals, whose request id leads to the line in the log."""
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    assert set(body) == {"error", "code", "request_id"}
    assert SENTENCE.fullmatch(body["error"])
    assert not INTERNALS.search(answer.text)
    assert str(server.data_dir) not in answer.text
    assert answer.headers["X-Request-Id"] == body["request_id"]
    assert f"request={body['request_id']}" in server.log()


@pytest.mark.parametrize("damage", ["missing", "cut off"])
def test_a_damaged_original_is_said_to_be_so(server: Server, damage: str) -> None:
    saved = server.saved(fresh_picture())["version"]
    file = server.data_dir / original_key(saved["image"]["sha256"])
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-1])
    answer = server.http.get(saved["signed_preview_url"])
    assert answer.status_code == 500
    is_an_honest_5xx(server, answer, "blob_damaged")


@pytest.mark.parametrize("damage", [b"", b"not a picture any more"])
def test_a_preview_of_a_damaged_picture_says_so(server: Server, damage: bytes) -> None:
    saved = server.saved(fresh_picture())["version"]
    (server.data_dir / original_key(saved["image"]["sha256"])).write_bytes(damage)
    answer = server.http.get(saved["thumbnail_url"])
    assert answer.status_code == 500
    is_an_honest_5xx(server, answer, "blob_damaged")


def test_a_preview_of_a_missing_picture_says_so(server: Server) -> None:
    saved = server.saved(fresh_picture())["version"]
    (server.data_dir / original_key(saved["image"]["sha256"])).unlink()
    answer = server.http.get(saved["thumbnail_url"])
    assert answer.status_code == 500
    is_an_honest_5xx(server, answer, "blob_damaged")


def test_a_save_mends_a_picture_that_was_damaged(server: Server) -> None:
    data = fresh_picture()
    saved = server.saved(data)["version"]
    (server.data_dir / original_key(saved["image"]["sha256"])).unlink()
    server.saved(data)
    assert server.http.get(saved["signed_preview_url"]).content == data


def test_what_nobody_foresaw_is_logged_whole_and_told_without_internals(server: Server) -> None:
    asset_id = server.saved(picture())["asset"]["id"]
    with server.library.db.write() as tx:
        tx.exec_driver_sql("UPDATE assets SET tags = 'no JSON' WHERE id = ?", (asset_id,))
    answer = server.http.get("/api/v1/assets")
    assert answer.status_code == 500
    is_an_honest_5xx(server, answer, "internal_error")
    logged = server.log().partition(f"request={answer.json()['request_id']}")[2]
    assert "Traceback" in logged
    assert "DecodeError" in logged


def test_a_5xx_to_head_has_its_request_id_in_the_header(server: Server) -> None:
    saved = server.saved(fresh_picture())["version"]
    (server.data_dir / original_key(saved["image"]["sha256"])).unlink()
    answer = server.http.head(saved["signed_preview_url"])
    assert (answer.status_code, answer.content) == (500, b"")
    assert f"request={answer.headers['X-Request-Id']}" in server.log()


def test_the_kinds_of_errors_have_a_status_and_a_code_each() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind is not errors.GenAssetError]
    kinds = [kind for kind in kinds if issubclass(kind, errors.GenAssetError)]
    assert len(kinds) >= 12
    for kind in kinds:
        assert 400 <= kind.status < 600
        assert re.fullmatch("[a-z_]+", kind.code)
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_an_error_answer_is_strict_json_whatever_the_client_sent(server: Server) -> None:
    for name in ('quote " and \\', "a\u2028b", "<script>", "ünï"):
        answer = server.http.patch(f"/api/v1/assets/{UNKNOWN}", json={"current_version_id": name})
        assert json.loads(answer.content.decode())["code"] == "asset_not_found"
        answer = server.http.get("/api/v1/assets", params={"page": name})
        assert answer.json()["field"] == "page"

"""Real errors are those that the API's description foresees: status, code, headers and shape."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx2
import pytest

from described import DOCUMENT, OPERATIONS, Json, Operation, Studio, check_answer, check_schema, noise
from factories import picture
from genasset.signing import sign
from genasset.workspaces.tokens import create_token
from server import Server


@pytest.fixture(scope="module")
def studio(session_server: Server) -> Studio:
    return Studio(session_server.with_workspace())


def named(*names: str) -> list[str]:
    """The calls that have a parameter of one of these names."""
    return [name for name, operation in OPERATIONS.items() if any(operation.has(one) for one in names)]


WITH_TOKEN = [name for name, operation in OPERATIONS.items() if operation.described["security"]]
WITH_JSON = [name for name, operation in OPERATIONS.items() if operation.body()]
ABOUT_ONE = named("asset_id", "version_id", "token_id")
SIGNED = named("signature")


def refusal(answer: httpx2.Response, operation: Operation, status: int, code: str) -> Json:
    """The error, which is the one expected and fits the call's description."""
    said: Json = answer.json()
    assert (answer.status_code, said["code"]) == (status, code), answer.text
    check_answer(answer, operation)
    return said


@pytest.mark.parametrize("name", WITH_TOKEN)
def test_a_call_without_a_good_token_is_refused_as_described(studio: Studio, name: str) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    refusal(studio.send(operation, subject, optional=False, client=studio.anybody), operation, 401, "no_token")
    headers = {"Authorization": "Bearer ga_" + "x" * 40}
    refusal(studio.send(operation, subject, optional=False, headers=headers), operation, 401, "unauthorized")


@pytest.mark.parametrize(
    "name", [one for one in WITH_TOKEN if OPERATIONS[one].described["security"] != [{"token": ["read"]}]]
)
def test_a_token_with_a_lesser_scope_is_refused_as_described(studio: Studio, name: str) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    (scope,) = operation.described["security"][0]["token"]
    lesser = ["read"] if scope == "write" else ["read", "write"]
    token = studio.server.http.post("/api/v1/tokens", json={"name": "less", "scopes": lesser}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = studio.send(operation, subject, optional=False, headers=headers)
    assert repr(scope) in refusal(answer, operation, 403, "missing_scope")["error"]


@pytest.mark.parametrize("name", [one for one in ABOUT_ONE if one not in SIGNED])
def test_an_unknown_id_is_answered_as_described(studio: Studio, name: str) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    subject.ids |= dict.fromkeys(("asset_id", "version_id", "token_id"), str(uuid.uuid4()))
    body = {"json": {"metadata": {}, "name": "x"}} if operation.body() else {}
    answer = studio.send(operation, subject, optional=False, **body)
    kind = operation.path.partition("_id}")[0].rpartition("{")[2]
    refusal(answer, operation, 404, f"{kind}_not_found")


@pytest.mark.parametrize("name", named("If-Match"))
def test_a_stale_etag_is_answered_as_described(studio: Studio, name: str) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    body = {"json": {"metadata": {}}} if operation.body() else {}
    answer = studio.send(operation, subject, optional=False, headers={"If-Match": '"stale"'}, **body)
    refusal(answer, operation, 412, "precondition_failed")


@pytest.mark.parametrize("name", WITH_JSON)
def test_a_body_that_is_not_json_is_answered_as_described(studio: Studio, name: str) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    for kind, status, code in (("application/json", 400, "invalid_field"), ("text/plain", 415, "wrong_content_type")):
        headers = {"Content-Type": kind}
        answer = studio.send(operation, subject, optional=False, headers=headers, content=b"{no json")
        refusal(answer, operation, status, code)


@pytest.mark.parametrize("name", SIGNED)
def test_an_altered_link_is_answered_as_described(studio: Studio, name: str) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    answer = studio.send(operation, subject, optional=False, query={"expires": 99999999999})
    refusal(answer, operation, 403, "bad_signature")


@pytest.mark.parametrize("name", SIGNED)
def test_an_expired_link_is_answered_as_described(studio: Studio, name: str) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    kind = urlsplit(operation.path).path.split("/")[4]
    thing = subject.ids["artifact_id" if kind == "artifact" else "version_id"]
    signature = sign(studio.server.library.signing_key, kind, thing, 1_000_000_000)
    expired = {"expires": 1_000_000_000, "signature": signature}
    refusal(studio.send(operation, subject, optional=False, query=expired), operation, 403, "link_expired")


def test_an_expired_token_is_answered_as_described(studio: Studio) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    back_then = replace(studio.server.library, now=lambda: yesterday)
    workspace_id = studio.server.get("/api/v1/workspace")["workspace"]["id"]
    text = create_token(back_then, workspace_id, "old", expires_at=yesterday + timedelta(hours=1)).text
    answer = studio.server.with_token(text).http.get("/api/v1/workspace")
    refusal(answer, OPERATIONS["show_workspace"], 401, "token_expired")


@pytest.mark.parametrize("name", SIGNED)
def test_a_link_to_what_is_in_the_trash_is_answered_as_described(studio: Studio, name: str) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    studio.server.http.delete(f"/api/v1/versions/{subject.ids['version_id']}")
    code = "artifact_not_found" if "artifact_id" in operation.path else "version_not_found"
    refusal(studio.send(operation, subject, optional=False), operation, 404, code)


@pytest.mark.parametrize("name", named("If-None-Match"))
def test_a_copy_at_hand_is_answered_as_described(studio: Studio, name: str) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    tag = studio.send(operation, subject, optional=False).headers["ETag"]
    answer = studio.send(operation, subject, optional=False, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")
    check_answer(answer, operation)


@pytest.mark.parametrize("name", named("Range"))
def test_a_range_beyond_the_file_is_answered_as_described(studio: Studio, name: str) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    answer = studio.send(operation, subject, optional=False, headers={"Range": "bytes=9999999-"})
    refusal(answer, operation, 416, "range_not_satisfiable")


@pytest.mark.parametrize("name", named("cursor", "versions_cursor"))
def test_a_forged_cursor_is_answered_as_described(studio: Studio, name: str) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    parameter = "cursor" if operation.has("cursor") else "versions_cursor"
    answer = studio.send(operation, subject, optional=False, query={parameter: "forged"})
    refusal(answer, operation, 400, "bad_cursor")


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_strange_host_is_answered_as_described(studio: Studio, name: str) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    answer = studio.send(operation, subject, optional=False, headers={"Host": "elsewhere.example"})
    if name in ("alive", "ready"):
        assert answer.status_code == 200
    else:
        refusal(answer, operation, 400, "host_not_allowed")


REFUSED_SAVES = {
    "no picture": ({}, {"prompt": "x"}, {}, 400, "invalid_field"),
    "an empty file": ({"image": ("a.png", b"")}, {}, {}, 400, "empty_image"),
    "a text": ({"image": ("a.png", b"hello")}, {}, {}, 415, "unsupported_media_type"),
    "half a picture": ({"image": ("a.png", picture()[:50])}, {}, {}, 415, "unreadable_image"),
    "an unknown asset": ({"image": ("a.png", picture())}, {"asset_id": str(uuid.uuid4())}, {}, 404, "asset_not_found"),
    "a long key": ({"image": ("a.png", picture())}, {}, {"Idempotency-Key": "k" * 256}, 400, "bad_idempotency_key"),
    "broken metadata": ({"image": ("a.png", picture())}, {"metadata": "{"}, {}, 400, "invalid_field"),
    "a form without boundary": ({}, {}, {"Content-Type": "multipart/form-data"}, 400, "broken_multipart"),
}


@pytest.mark.parametrize("what", REFUSED_SAVES)
def test_a_save_is_refused_as_described(studio: Studio, what: str) -> None:
    files, form, headers, status, code = REFUSED_SAVES[what]
    path = OPERATIONS["save_generation"].path
    content: Json = {"files": files, "data": form} if files else {"data": form} if form else {"content": b"x"}
    if form and not files:
        content = {"files": {key: (None, value) for key, value in form.items()}}
    answer = studio.server.http.post(path, headers=headers, **content)
    refusal(answer, OPERATIONS["save_generation"], status, code)


def test_a_picture_to_be_fetched_is_refused_as_described(studio: Studio) -> None:
    operation = OPERATIONS["save_generation"]
    answer = studio.server.http.post(operation.path, json={"image_url": "https://example.org/a.png"})
    refusal(answer, operation, 403, "fetch_not_allowed")


def test_misused_idempotency_keys_are_answered_as_described(studio: Studio) -> None:
    operation, headers = OPERATIONS["save_generation"], {"Idempotency-Key": uuid.uuid4().hex}
    image = {"image": ("a.png", noise())}
    made = studio.server.http.post(operation.path, files=image, headers=headers).json()
    other = studio.server.http.post(operation.path, files=image, data={"prompt": "another"}, headers=headers)
    refusal(other, operation, 409, "idempotency_key_reused")
    studio.server.http.delete(f"/api/v1/versions/{made['version']['id']}")
    refusal(studio.server.http.post(operation.path, files=image, headers=headers), operation, 409, "version_deleted")


def test_edits_that_conflict_are_answered_as_described(studio: Studio) -> None:
    operation, subject, other = OPERATIONS["change_asset"], studio.subject(), studio.subject()
    taken = studio.server.get(f"/api/v1/assets/{other.ids['asset_id']}")["asset"]["name"]
    answer = studio.send(operation, subject, optional=False, json={"name": taken})
    refusal(answer, operation, 409, "name_taken")
    answer = studio.send(operation, subject, optional=False, json={"current_version_id": other.ids["version_id"]})
    refusal(answer, operation, 404, "version_not_found")
    answer = studio.send(operation, subject, optional=False, json={"name": "n" * 256})
    refusal(answer, operation, 413, "too_large")


@pytest.mark.parametrize("name", ["original", "thumbnail"])
def test_a_picture_that_was_lost_is_answered_as_described(studio: Studio, name: str) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    (stored,) = (studio.server.data_dir / "blobs").rglob(subject.version["image"]["sha256"])
    stored.unlink()
    said = refusal(studio.send(operation, subject, optional=False), operation, 500, "blob_damaged")
    assert said["request_id"]


def test_an_unknown_address_and_a_wrong_method_answer_in_the_same_shape(studio: Studio) -> None:
    nowhere = studio.server.http.get("/api/v1/nowhere")
    wrong = studio.server.http.put("/api/v1/assets")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    for answer in (nowhere, wrong):
        check_schema(answer.json(), {"$ref": "#/components/schemas/ErrorAnswer"})
    assert "Allow" in wrong.headers
    assert DOCUMENT["components"]["securitySchemes"]["token"]["scheme"] == "bearer"

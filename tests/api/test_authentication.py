"""Who may do what: bearer tokens, their scopes and their secrecy."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from factories import picture
from genasset.workspaces.tokens import create_token
from server import Server, wait_until

UNKNOWN = "01a20530-0000-7000-8000-000000000000"
CALLS = {
    "read": [
        ("GET", "/api/v1/workspace"),
        ("GET", "/api/v1/assets"),
        ("GET", f"/api/v1/assets/{UNKNOWN}"),
        ("GET", f"/api/v1/versions/{UNKNOWN}/load"),
    ],
    "write": [
        ("POST", "/api/v1/generations"),
        ("PATCH", f"/api/v1/assets/{UNKNOWN}"),
        ("DELETE", f"/api/v1/assets/{UNKNOWN}"),
        ("PATCH", f"/api/v1/versions/{UNKNOWN}"),
        ("PATCH", f"/api/v1/versions/{UNKNOWN}/metadata"),
        ("DELETE", f"/api/v1/versions/{UNKNOWN}"),
    ],
    "admin": [
        ("GET", "/api/v1/tokens"),
        ("POST", "/api/v1/tokens"),
        ("DELETE", f"/api/v1/tokens/{UNKNOWN}"),
    ],
}
EVERY_CALL = [call for calls in CALLS.values() for call in calls]


def ask(server: Server, method: str, path: str, authorization: str | None) -> httpx2.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    with server.stranger(**headers) as client:
        return client.request(method, path)


def refuses(answer: httpx2.Response, code: str) -> None:
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] == code
    assert set(answer.json()) == {"error", "code"}


@pytest.mark.parametrize(("method", "path"), EVERY_CALL)
def test_a_call_without_a_token_is_refused(server: Server, method: str, path: str) -> None:
    refuses(ask(server, method, path, None), "no_token")


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Basic dXNlcjpwYXNz", "ga_" + "a" * 40, "Token ga_" + "a" * 40],
)
def test_a_header_without_a_bearer_token_counts_as_none(server: Server, authorization: str) -> None:
    refuses(ask(server, "GET", "/api/v1/workspace", authorization), "no_token")


@pytest.mark.parametrize(
    "token",
    [
        "garbage",
        "ga_",
        "ga_" + "a" * 40,
        pytest.param("ga_" + "a" * 1000, id="long"),
        "ga_ünïcödé",
        "ga_" + "a" * 39 + "'",
    ],
)
def test_a_token_that_is_not_known_is_refused(server: Server, token: str) -> None:
    headers = [(b"Authorization", b"Bearer " + token.encode("latin-1"))]
    with server.stranger() as client:
        refuses(client.get("/api/v1/workspace", headers=headers), "unauthorized")


@pytest.mark.parametrize("change", [str.upper, str.swapcase, lambda token: token[:-1], lambda token: token + "a"])
def test_a_token_is_taken_letter_for_letter_only(server: Server, change: object) -> None:
    assert callable(change)
    refuses(ask(server, "GET", "/api/v1/workspace", f"Bearer {change(server.token)}"), "unauthorized")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_word_bearer_may_be_written_in_any_case(server: Server, scheme: str) -> None:
    assert ask(server, "GET", "/api/v1/workspace", f"{scheme} {server.token}").status_code == 200


def test_a_revoked_token_opens_nothing_from_the_next_request_on(server: Server) -> None:
    other = server.with_scope("read")
    assert other.http.get("/api/v1/workspace").status_code == 200
    listed = {one["name"]: one["id"] for one in server.get("/api/v1/tokens")["tokens"]}
    assert server.http.delete(f"/api/v1/tokens/{listed['read']}").status_code == 200
    refuses(other.http.get("/api/v1/workspace"), "unauthorized")
    refuses(other.save(picture()), "unauthorized")


def test_an_expired_token_is_refused_and_told_so(server: Server) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=2)
    made = server.http.post("/api/v1/tokens", json={"name": "short", "expires_at": soon.isoformat()})
    assert made.status_code == 201
    other = server.with_token(made.json()["token"])
    wait_until(lambda: other.http.get("/api/v1/workspace").status_code == 401)
    refuses(other.http.get("/api/v1/workspace"), "token_expired")


@pytest.mark.parametrize(("scope", "needed"), [("read", "write"), ("read", "admin"), ("write", "admin")])
def test_a_token_without_the_scope_is_refused_with_the_scopes_it_has(server: Server, scope: str, needed: str) -> None:
    weak = server.with_scope(scope)
    for method, path in CALLS[needed]:
        answer = weak.http.request(method, path)
        assert answer.status_code == 403, (method, path)
        assert answer.json()["code"] == "missing_scope"
        assert f"'{needed}'" in answer.json()["error"]
        assert scope in answer.json()["error"].partition(";")[2]


@pytest.mark.parametrize("scope", ["read", "write", "admin"])
def test_a_scope_includes_the_weaker_ones(server: Server, scope: str) -> None:
    holder = server.with_scope(scope)
    included = {"read": ["read"], "write": ["read", "write"], "admin": ["read", "write", "admin"]}[scope]
    for needed in included:
        for method, path in CALLS[needed]:
            assert holder.http.request(method, path).status_code not in (401, 403), (method, path)


def test_the_text_of_a_token_is_nowhere_in_the_data_folder_nor_in_the_log(server: Server) -> None:
    made = server.http.post("/api/v1/tokens", json={"name": "hidden"}).json()
    other = server.with_token(made["token"])
    other.saved(picture(), asset_name="seen by a hidden token")
    other.http.get(f"/api/v1/assets/{made['token']}")
    other.http.get("/api/v1/nothing/here")
    secret = made["token"].removeprefix("ga_").encode()
    holding = [path for path in server.data_dir.rglob("*") if path.is_file() and secret in path.read_bytes()]
    assert holding == []


def test_a_list_of_tokens_shows_no_text_and_no_hash(server: Server) -> None:
    server.with_scope("write")
    answer = server.http.get("/api/v1/tokens")
    assert "ga_" not in answer.text
    fields = {"id", "name", "scopes", "created_at", "expires_at", "last_used_at"}
    assert all(set(one) == fields for one in answer.json()["tokens"])


def test_when_a_token_was_last_used_is_known_after_a_while(narrow_server: Server) -> None:
    other = narrow_server.with_scope("read")

    def last_used() -> str | None:
        listed = narrow_server.get("/api/v1/tokens")["tokens"]
        found: str | None = next(one["last_used_at"] for one in listed if one["name"] == "read")
        return found

    assert last_used() is None
    before = datetime.now(UTC) - timedelta(seconds=1)
    other.get("/api/v1/workspace")
    wait_until(last_used)
    moment = last_used()
    assert moment is not None
    assert moment.endswith("Z")
    assert before < datetime.fromisoformat(moment) <= datetime.now(UTC)


def test_a_refused_use_of_a_token_is_no_use(narrow_server: Server) -> None:
    reader = narrow_server.with_scope("read")
    other = narrow_server.with_scope("write")
    assert reader.http.post("/api/v1/generations").status_code == 403
    other.get("/api/v1/workspace")

    def last_used(name: str) -> str | None:
        listed = narrow_server.get("/api/v1/tokens")["tokens"]
        found: str | None = next(one["last_used_at"] for one in listed if one["name"] == name)
        return found

    wait_until(lambda: last_used("write"))
    assert last_used("read") is None


def test_the_last_use_of_a_token_is_kept_when_the_server_stops(own_server: Server) -> None:
    workspace_id = own_server.get("/api/v1/workspace")["workspace"]["id"]
    text = create_token(own_server.library, workspace_id, "brief").text
    own_server.with_token(text).get("/api/v1/workspace")
    own_server.stop()
    assert "brief" in own_server.cli("token", "list")
    line = next(line for line in own_server.cli("token", "list").splitlines() if "brief" in line)
    assert not line.endswith("never")

"""Making, listing and revoking tokens over HTTP."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from factories import picture
from server import Server

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def made(server: Server, **body: Any) -> dict[str, Any]:
    answer = server.http.post("/api/v1/tokens", json={"name": "made", **body})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_new_token_may_read_and_write_for_ever(server: Server) -> None:
    token = made(server)
    assert set(token) == {"token", "id", "name", "scopes", "created_at", "expires_at"}
    assert re.fullmatch(r"ga_[0-9A-Za-z]{40}", token["token"])
    assert UUID.fullmatch(token["id"])
    assert token["scopes"] == ["read", "write"]
    assert token["expires_at"] is None
    assert TIME.fullmatch(token["created_at"])
    other = server.with_token(token["token"])
    other.saved(picture())
    assert other.http.get("/api/v1/tokens").status_code == 403


def test_two_tokens_of_one_name_are_different(server: Server) -> None:
    first, second = made(server), made(server)
    assert first["token"] != second["token"]
    assert first["id"] != second["id"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2040-01-31T12:00:00Z", "2040-01-31T12:00:00Z"),
        ("2040-01-31T12:00:00+02:00", "2040-01-31T10:00:00Z"),
        ("2040-01-31T12:00:00.25-07:00", "2040-01-31T19:00:00.250000Z"),
        ("2040-01-31", "2040-01-31T00:00:00Z"),
        ("2040-01-31T12:00:00", "2040-01-31T12:00:00Z"),
    ],
)
def test_the_end_of_a_token_is_said_in_utc(server: Server, sent: str, kept: str) -> None:
    token = made(server, expires_at=sent)
    assert token["expires_at"] == kept
    assert [one["expires_at"] for one in server.get("/api/v1/tokens")["tokens"] if one["name"] == "made"] == [kept]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": None}, "name"),
        ({"name": 5}, "name"),
        ({"name": ["x"]}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "nul\0"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"scopes": "read"}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["root"]}, "scopes"),
        ({"scopes": ["read", "Write"]}, "scopes"),
        ({"scopes": [1]}, "scopes"),
        ({"scopes": [["read"]]}, "scopes"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": 1893456000}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "0001-01-01T00:00:00+23:00"}, "expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-23:00"}, "expires_at"),
        ({"expires_at": "2040-02-31"}, "expires_at"),
    ],
)
def test_a_field_that_can_not_be_taken_is_named(server: Server, body: dict[str, Any], field: str) -> None:
    before = server.footprint()
    answer = server.http.post("/api/v1/tokens", content=json.dumps({"name": "fine", **body}))
    assert answer.status_code == 400, answer.text
    assert answer.json()["field"] == field
    assert field in answer.json()["error"]
    assert server.footprint() == before


def test_a_name_over_the_limit_is_too_large(server: Server) -> None:
    assert made(server, name="é" * 255)["name"] == "é" * 255
    answer = server.http.post("/api/v1/tokens", json={"name": "é" * 256})
    assert answer.status_code == 413
    assert "255" in answer.json()["error"]


def test_tokens_are_listed_newest_first_and_revoked_ones_are_not(server: Server) -> None:
    first, second, third = (made(server, name=name) for name in ("first", "second", "third"))
    assert server.http.delete(f"/api/v1/tokens/{second['id']}").json() == {"deleted": True, "id": second["id"]}
    names = [one["name"] for one in server.get("/api/v1/tokens")["tokens"]]
    assert names == ["third", "first", "test"]
    assert third["id"] > first["id"]


def test_a_token_is_revoked_once(server: Server) -> None:
    token = made(server)
    assert server.http.delete(f"/api/v1/tokens/{token['id'].upper()}").status_code == 200
    again = server.http.delete(f"/api/v1/tokens/{token['id']}")
    assert (again.status_code, again.json()["code"]) == (404, "token_not_found")


def test_a_token_may_revoke_itself(server: Server) -> None:
    token = made(server, scopes=["admin"])
    other = server.with_token(token["token"])
    assert other.http.delete(f"/api/v1/tokens/{token['id']}").status_code == 200
    assert other.http.get("/api/v1/workspace").status_code == 401


def test_scopes_are_kept_in_their_own_order_without_doubles(server: Server) -> None:
    assert made(server, scopes=["write", "read", "write"])["scopes"] == ["read", "write"]
    assert made(server, scopes=["admin"])["scopes"] == ["admin"]


def test_a_token_text_sent_as_a_name_is_not_kept(server: Server) -> None:
    secret = made(server)["token"]
    assert made(server, name=f"copy of {secret}")["name"] == "copy of [redacted]"


def test_what_a_token_does_carries_its_name(server: Server) -> None:
    other = server.with_token(made(server, name="Ana's laptop")["token"])
    saved = other.saved(picture())
    assert saved["version"]["created_by"] == {"name": "Ana's laptop"}
    assert saved["asset"]["created_by"] == saved["asset"]["updated_by"] == {"name": "Ana's laptop"}
    age = datetime.now(UTC) - datetime.fromisoformat(saved["version"]["created_at"])
    assert -1 < age.total_seconds() < 60

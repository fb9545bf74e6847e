"""PATCH /versions/{id}/metadata: merged deeply, kept as history, and never at the cost of what was saved first."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from factories import picture
from genasset.db.tables import metadata_patches, versions
from server import Server

FIRST = {"steps": 20, "performance": {"cfg": 7, "list": [1, 2]}, "keep": {"a": {"b": 1}}, "text": "x"}


@pytest.fixture
def version(server: Server) -> str:
    saved = server.saved(picture(), asset_name="Sea", model="m", metadata=json.dumps(FIRST))
    found: str = saved["version"]["id"]
    return found


def patch(server: Server, version: str, metadata: Any) -> httpx2.Response:
    body = json.dumps({"metadata": metadata})
    return server.http.patch(f"/api/v1/versions/{version}/metadata", content=body)


def patched(server: Server, version: str, metadata: Any) -> dict[str, Any]:
    answer = patch(server, version, metadata)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["version"]
    assert server.get(f"/api/v1/versions/{version}/load")["version"] == found
    return found


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, FIRST),
        ({"new": 1}, {**FIRST, "new": 1}),
        ({"keep": {"a": {"c": 2}}}, {**FIRST, "keep": {"a": {"b": 1, "c": 2}}}),
        ({"performance": {"list": [3]}}, {**FIRST, "performance": {"cfg": 7, "list": [3]}}),
        ({"keep": None}, {**FIRST, "keep": None}),
        ({"text": {"now": "an object"}}, {**FIRST, "text": {"now": "an object"}}),
        ({"keep": "a text"}, {**FIRST, "keep": "a text"}),
        ({"keep": {"a": []}}, {**FIRST, "keep": {"a": []}}),
        ({"keep": {}}, FIRST),
        ({"half": "\ud800"}, {**FIRST, "half": "\ud800"}),
    ],
)
def test_objects_merge_deeply_and_other_values_replace(
    server: Server, version: str, change: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert patched(server, version, change)["metadata"] == expected


def test_null_stays_null(server: Server, version: str) -> None:
    patched(server, version, {"keep": None, "deep": {"x": None}})
    metadata = patched(server, version, {"other": 1})["metadata"]
    assert metadata["keep"] is None
    assert metadata["deep"] == {"x": None}


def test_a_patch_answers_with_the_version_and_its_warnings(server: Server, version: str) -> None:
    answer = patch(server, version, {"a": float("nan"), "b": float("inf")})
    assert set(answer.json()) == {"version", "warnings"}
    assert answer.json()["version"]["metadata"] == {**FIRST, "a": None, "b": None}
    assert len(answer.json()["warnings"]) == 1
    assert patch(server, version, {"c": 1}).json()["warnings"] == []


def test_integers_of_a_patch_are_exact(server: Server, version: str) -> None:
    number = 2**64 + 12345
    assert patched(server, version, {"n": number})["metadata"]["n"] == number


def test_patches_at_the_same_time_are_all_kept(server: Server, version: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: patch(server, version, {"many": {str(n): n}, "last": n}), range(40)))
    assert {answer.status_code for answer in answers} == {200}
    metadata = server.get(f"/api/v1/versions/{version}/load")["version"]["metadata"]
    assert metadata["many"] == {str(n): n for n in range(40)}
    with server.library.db.read() as tx:
        history = tx.execute(select(metadata_patches).where(metadata_patches.c.version_id == version)).all()
    assert len(history) == 40


@pytest.mark.parametrize(
    ("change", "field", "value", "at"),
    [
        ({"steps": 30}, "steps", 30, "metadata.steps"),
        ({"cfg": 4.5}, "cfg", 4.5, "metadata.cfg"),
        ({"sampler": "Euler a"}, "sampler", "Euler a", "metadata.sampler"),
        ({"scheduler": "karras"}, "scheduler", "karras", "metadata.scheduler"),
        ({"denoise": 0.4}, "denoise", 0.4, "metadata.denoise"),
        ({"performance": {"steps": 9}}, "steps", 9, "metadata.performance.steps"),
        ({"model": {"checkpoint": "other"}}, "model", "other", "metadata.model.checkpoint"),
    ],
)
def test_recipe_keys_of_a_patch_show_in_the_recipe(
    server: Server, version: str, change: dict[str, Any], field: str, value: Any, at: str
) -> None:
    found = patched(server, version, change)
    assert found["recipe"][field] == value
    assert found["evidence"][field] == {"source": "patch", "reader": "metadata", "at": at}
    others = {"model": "m", "steps": 20, "cfg": 7} | {field: value}
    assert found["recipe"] == others
    assert found["model"] == "m"
    listed = server.get("/api/v1/assets")["assets"][0]["current_version"]
    assert (listed["recipe"], listed["evidence"]) == (found["recipe"], found["evidence"])


def test_what_was_saved_first_stays_as_it_was_with_every_patch_beside_it(server: Server, version: str) -> None:
    def row() -> bytes:
        with server.library.db.read() as tx:
            return repr(tuple(tx.execute(select(versions).where(versions.c.id == version)).one())).encode()

    first, began = row(), datetime.now(UTC)
    other = server.with_scope("write")
    patched(server, version, {"steps": 1})
    patched(other, version, {"steps": None, "password": "hush"})
    server.http.patch(f"/api/v1/versions/{version}", json={"rating": 5, "version_label": "best"})
    assert row() == first
    with server.library.db.read() as tx:
        wanted = select(metadata_patches).where(metadata_patches.c.version_id == version)
        history = tx.execute(wanted.order_by(metadata_patches.c.id)).all()
    assert [json.loads(one.patch) for one in history] == [{"steps": 1}, {"steps": None, "password": "[redacted]"}]
    assert [one.created_by for one in history] == ["test", "write"]
    assert all(began <= one.created_at <= datetime.now(UTC) for one in history)


def test_a_patch_moves_the_asset_to_the_top_of_lists(server: Server, version: str) -> None:
    before = server.get("/api/v1/assets")["assets"][0]["updated_at"]
    server.saved(picture(), asset_name="Sky")
    other = server.with_scope("write")
    patched(other, version, {"a": 1})
    top = server.get("/api/v1/assets")["assets"][0]
    assert top["name"] == "Sea"
    assert top["updated_at"] > before
    assert top["updated_by"] == {"name": "write"}


def test_a_version_that_is_not_current_is_patched_too(server: Server, version: str) -> None:
    server.saved(picture(1), asset_name="Sea")
    assert patched(server, version, {"a": 1})["metadata"] == {**FIRST, "a": 1}
    assert server.get("/api/v1/assets")["assets"][0]["current_version"]["metadata"] == {}


@pytest.mark.parametrize("metadata", [[], None, 5, "text", True, [{"a": 1}]], ids=repr)
def test_metadata_that_is_no_object_is_refused(server: Server, version: str, metadata: Any) -> None:
    answer = patch(server, version, metadata)
    assert (answer.status_code, answer.json()["field"]) == (400, "metadata")


def test_a_body_without_metadata_is_refused(server: Server, version: str) -> None:
    for body in ("", "{}", '{"steps": 5}'):
        answer = server.http.patch(f"/api/v1/versions/{version}/metadata", content=body)
        assert (answer.status_code, answer.json()["field"]) == (400, "metadata")


def test_metadata_may_not_grow_over_its_limit_patch_by_patch(narrow_server: Server) -> None:
    version = narrow_server.saved(picture())["version"]["id"]
    for key in ("a", "b"):
        assert patch(narrow_server, version, {key: "x" * 9000}).status_code == 200
    answer = patch(narrow_server, version, {"c": "x" * 9000})
    assert (answer.status_code, answer.json()["field"]) == (413, "metadata")
    assert "20000" in answer.json()["error"]
    metadata = narrow_server.get(f"/api/v1/versions/{version}/load")["version"]["metadata"]
    assert set(metadata) == {"a", "b"}
    assert patch(narrow_server, version, {"a": ""}).status_code == 200
    assert patch(narrow_server, version, {"c": "x" * 9000}).status_code == 200


@pytest.mark.parametrize("depth", [400, 498])
def test_a_patch_may_be_as_deep_as_what_is_saved(server: Server, version: str, depth: int) -> None:
    document = '{"a":' * depth + "1" + "}" * depth
    body = f'{{"metadata": {document}}}'
    for _ in range(2):
        answer = server.http.patch(f"/api/v1/versions/{version}/metadata", content=body)
        assert answer.status_code == 200, answer.text


def test_a_patch_too_deep_is_refused(server: Server, version: str) -> None:
    for depth in (600, 100_000):
        document = '{"a":' * depth + "1" + "}" * depth
        answer = server.http.patch(f"/api/v1/versions/{version}/metadata", content=f'{{"metadata": {document}}}')
        assert answer.status_code == 400

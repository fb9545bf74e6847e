"""POST /generations as JSON, for clients that have no file at hand."""

import base64
import json
from typing import Any

import httpx2
import pytest

from factories import picture
from server import Server

PICTURE = base64.b64encode(picture()).decode()
JSON = {"Content-Type": "application/json"}


def post(server: Server, body: Any, content_type: str = "application/json") -> httpx2.Response:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return server.http.post("/api/v1/generations", content=text, headers={"Content-Type": content_type})


def test_every_field_is_taken_as_from_a_form(server: Server) -> None:
    fields: dict[str, Any] = {
        "asset_name": "Sea",
        "prompt": "waves",
        "negative_prompt": "people",
        "model": "m",
        "seed": 2**64 - 1,
        "intent": "cover",
        "source": "script",
        "workflow_json": {"b": 0.5, "a": [1]},
        "metadata": {"steps": 4},
        "tags": ["one", " two ", "ONE"],
        "notes_md": "notes",
        "version_label": "label",
    }
    answer = post(server, {"image_base64": PICTURE, **fields})
    assert answer.status_code == 201, answer.text
    version, asset = answer.json()["version"], answer.json()["asset"]
    for field in (
        "prompt",
        "negative_prompt",
        "model",
        "intent",
        "source",
        "workflow_json",
        "metadata",
        "version_label",
    ):
        assert version[field] == fields[field]
    assert (version["seed"], version["tags"]) == (str(2**64 - 1), ["one", "two"])
    assert (asset["name"], asset["notes_md"], asset["tags"]) == ("Sea", "notes", ["one", "two"])
    with server.stranger() as stranger:
        assert stranger.get(version["signed_preview_url"]).content == picture()


def test_a_workflow_in_a_json_body_keeps_its_digits(server: Server) -> None:
    document = '{"cfg": 0.10, "big": 1e400,  "seed": 18446744073709551615, "z": 1, "a": 2}'
    answer = post(server, f'{{"image_base64": "{PICTURE}", "workflow_json": {document}}}')
    assert f'"workflow_json":{document}' in answer.text


@pytest.mark.parametrize(("sent", "answered"), [(5, 5), ("5", 5), (0, 0), ("", None), (None, None)])
def test_a_seed_may_be_a_number_or_a_text(server: Server, sent: Any, answered: Any) -> None:
    assert post(server, {"image_base64": PICTURE, "seed": sent}).json()["version"]["seed"] == answered


@pytest.mark.parametrize("tags", ["one,two", ["one", "two"]])
def test_tags_may_be_a_list_or_a_text(server: Server, tags: Any) -> None:
    assert post(server, {"image_base64": PICTURE, "tags": tags}).json()["version"]["tags"] == ["one", "two"]


def test_a_tag_in_a_list_may_hold_a_comma(server: Server) -> None:
    assert post(server, {"image_base64": PICTURE, "tags": ["a, b"]}).json()["version"]["tags"] == ["a, b"]


def test_null_and_empty_mean_not_given(server: Server) -> None:
    fields = ("asset_id", "asset_name", "prompt", "negative_prompt", "model", "intent", "source", "notes_md")
    for nothing in (None, ""):
        body = {"image_base64": PICTURE, "filename": "a.png", **dict.fromkeys(fields, nothing)}
        version = post(server, {**body, "workflow_json": None, "metadata": None, "tags": None}).json()["version"]
        assert (version["prompt"], version["workflow_json"], version["metadata"]) == (None, {}, {})
    assert server.get("/api/v1/assets")["assets"][0]["name"] == "a"


def test_a_file_name_names_the_asset(server: Server) -> None:
    assert post(server, {"image_base64": PICTURE, "filename": "sea (1).png"}).json()["asset"]["name"] == "sea (1)"
    assert post(server, {"image_base64": PICTURE}).json()["asset"]["name"].startswith("Untitled ")


def test_a_data_url_is_taken_as_base64(server: Server) -> None:
    assert post(server, {"image_base64": f"data:image/png;base64,{PICTURE}"}).status_code == 201


def test_input_images_may_be_sent_as_base64(server: Server) -> None:
    inputs = [base64.b64encode(picture(n)).decode() for n in (1, 2)]
    version = post(server, {"image_base64": PICTURE, "input_images_base64": inputs}).json()["version"]
    assert [one["bytes"] for one in version["input_artifacts"]] == [len(picture(1)), len(picture(2))]


@pytest.mark.parametrize("field", ["workflow_json", "metadata"])
def test_nan_in_a_json_body_is_null_with_a_warning(server: Server, field: str) -> None:
    answer = post(server, {"image_base64": PICTURE, field: {"a": float("nan"), "b": [float("-inf")]}})
    assert answer.status_code == 201
    assert answer.json()["version"][field] == {"a": None, "b": [None]}
    assert len(answer.json()["warnings"]) == 1
    assert "null" in answer.json()["warnings"][0]


def test_a_picture_is_fetched_from_no_address(server: Server) -> None:
    before = server.footprint()
    for url in ("https://example.org/a.png", "http://127.0.0.1/a.png", "file:///etc/passwd", "x"):
        answer = post(server, {"image_url": url, "asset_name": "fetched"})
        assert (answer.status_code, answer.json()["code"]) == (403, "fetch_not_allowed")
    assert server.footprint() == before


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "image"),
        ({"image_base64": ""}, 400, "image"),
        ({"image_base64": "not base64!"}, 400, "image_base64"),
        ({"image_base64": "ü"}, 400, "image_base64"),
        ({"image_base64": "AAAA"}, 415, "image"),
        ({"image_base64": PICTURE[:40]}, 415, "image"),
        ({"image_base64": 5}, 400, "image_base64"),
        ({"image_base64": [PICTURE]}, 400, "image_base64"),
        ({"image_base64": PICTURE, "seed": -1}, 400, "seed"),
        ({"image_base64": PICTURE, "seed": 2**64}, 400, "seed"),
        ({"image_base64": PICTURE, "seed": 10**30}, 400, "seed"),
        ({"image_base64": PICTURE, "seed": 1.5}, 400, "seed"),
        ({"image_base64": PICTURE, "seed": True}, 400, "seed"),
        ({"image_base64": PICTURE, "prompt": 5}, 400, "prompt"),
        ({"image_base64": PICTURE, "prompt": "x" * 100_001}, 413, "prompt"),
        ({"image_base64": PICTURE, "asset_name": {"a": 1}}, 400, "asset_name"),
        ({"image_base64": PICTURE, "tags": 5}, 400, "tags"),
        ({"image_base64": PICTURE, "tags": [5]}, 400, "tags"),
        ({"image_base64": PICTURE, "tags": [f"tag {n}" for n in range(10_000)]}, 413, "tags"),
        ({"image_base64": PICTURE, "metadata": []}, 400, "metadata"),
        ({"image_base64": PICTURE, "metadata": "text"}, 400, "metadata"),
        ({"image_base64": PICTURE, "workflow_json": [1]}, 400, "workflow_json"),
        ({"image_base64": PICTURE, "workflow_json": 5}, 400, "workflow_json"),
        ({"image_base64": PICTURE, "input_images_base64": ["%"]}, 400, "input_images_base64"),
        ({"image_base64": PICTURE, "input_images_base64": [PICTURE] * 33}, 413, "input_images"),
        ({"image_base64": PICTURE, "prompt": "nul\0"}, 400, "prompt"),
        ({"image_base64": PICTURE, "asset_name": "two\nlines"}, 400, "asset_name"),
    ],
)
def test_what_can_not_be_taken_is_refused_and_nothing_is_stored(
    server: Server, body: dict[str, Any], status: int, field: str | None
) -> None:
    before = server.footprint()
    answer = post(server, body)
    assert answer.status_code == status, answer.text
    assert answer.json().get("field") == field
    assert server.footprint() == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        f'{{"image_base64": "{PICTURE}"',
        f'{{"image_base64": "{PICTURE}",}}',
        f'{{"image_base64": "{PICTURE}", "prompt": "\\ud800"}}',
        f'{{"image_base64": "{PICTURE}", "metadata": ' + '{"a":' * 100_000 + "1" + "}" * 100_001,
        '{"a":' * 100_000,
        b"\xff\xfe{}",
    ],
)
def test_a_body_that_is_no_json_object_is_refused(server: Server, text: str | bytes) -> None:
    before = server.footprint()
    answer = post(server, text)
    assert answer.status_code == 400, answer.text
    assert server.footprint() == before


@pytest.mark.parametrize("depth", [499, 500])
def test_documents_in_a_json_body_may_be_as_deep_as_in_a_form(server: Server, depth: int) -> None:
    document = '{"a":' * depth + "1" + "}" * depth
    answer = post(server, f'{{"image_base64": "{PICTURE}", "workflow_json": {document}}}')
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("field", "limit"), [("workflow_json", 50_000), ("metadata", 20_000)], ids=["workflow", "metadata"]
)
def test_documents_in_a_json_body_have_the_limits_of_a_form(narrow_server: Server, field: str, limit: int) -> None:
    answer = post(narrow_server, {"image_base64": PICTURE, field: {"pad": "x" * limit}})
    assert (answer.status_code, answer.json()["field"]) == (413, field)
    assert str(limit) in answer.json()["error"]
    assert post(narrow_server, {"image_base64": PICTURE, field: {"pad": "x" * (limit - 100)}}).status_code == 201

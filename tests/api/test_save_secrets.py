"""Secrets in what a client sends: replaced before anything is stored, wherever they stand."""

import base64
import json
import uuid
from typing import Any

import pytest

from factories import fresh_picture, picture
from genasset.recipes.redact import SECRET_KEYS
from server import Server

OWN_TOKEN = "ga_" + "Zz9" * 13 + "Q"


def nowhere_in(server: Server, *secrets: str) -> bool:
    """Whether no file of the data folder (database, log, blobs, uploads) holds any of the texts."""
    files = [path.read_bytes() for path in server.data_dir.rglob("*") if path.is_file()]
    found = [secret for secret in secrets if any(secret.encode() in data for data in files)]
    assert found == []
    return True


def fresh_secret() -> str:
    return f"hush-{uuid.uuid4().hex}"


@pytest.mark.parametrize("field", ["workflow_json", "metadata"])
@pytest.mark.parametrize("key", sorted(SECRET_KEYS))
def test_a_text_under_a_telling_key_is_redacted_at_any_depth_and_in_any_case(
    server: Server, field: str, key: str
) -> None:
    secret = fresh_secret()
    document = {key: secret, "deep": [{"er": {key.upper(): secret}}, [{key.title(): secret}]], "kept": "text"}
    saved = server.saved(picture(), **{field: json.dumps(document)})
    expected = json.loads(json.dumps(document).replace(secret, "[redacted]"))
    assert saved["version"][field] == expected
    assert len(saved["warnings"]) == 1
    assert field in saved["warnings"][0]
    assert "[redacted]" in saved["warnings"][0]
    loaded = server.get(f"/api/v1/versions/{saved['version']['id']}/load")
    assert loaded["version"][field] == expected
    assert nowhere_in(server, secret)


@pytest.mark.parametrize("field", ["workflow_json", "metadata"])
def test_what_is_no_text_stays_under_a_telling_key(server: Server, field: str) -> None:
    document: dict[str, Any] = {
        "token": 5,
        "secret": ["5", 0],
        "password": None,
        "api_key": {"inner": "kept"},
        "authorization": True,
        "apikey": "",
        "access_token": 0.5,
    }
    saved = server.saved(picture(), **{field: json.dumps(document)})
    assert saved["version"][field] == document
    assert saved["warnings"] == []


@pytest.mark.parametrize("key", ["tokens", "token_count", "max_tokens", "my_token", "passwords", "key", "secrets"])
def test_a_key_that_only_resembles_one_is_left_alone(server: Server, key: str) -> None:
    saved = server.saved(picture(), workflow_json=json.dumps({key: "text"}), metadata=json.dumps({key: "text"}))
    assert saved["version"]["workflow_json"] == saved["version"]["metadata"] == {key: "text"}


def test_around_a_secret_a_workflow_keeps_every_character(server: Server) -> None:
    text = '{ "cfg": 0.10,  "token" : "hush hush", "big": 1e400 }'
    answer = server.save(picture(), workflow_json=text)
    assert f'"workflow_json":{text.replace("hush hush", "[redacted]")}' in answer.text


def test_a_token_of_ours_is_redacted_wherever_it_stands(server: Server) -> None:
    fields = ("asset_name", "prompt", "negative_prompt", "model", "intent", "source", "notes_md", "version_label")
    saved = server.saved(
        fresh_picture(),
        f"{OWN_TOKEN}.png",
        tags=f"one,{OWN_TOKEN},x{OWN_TOKEN}",
        workflow_json=json.dumps({"text": f"use {OWN_TOKEN} here", OWN_TOKEN: [OWN_TOKEN]}),
        metadata=json.dumps({"note": OWN_TOKEN, OWN_TOKEN: 1, "performance": {"sampler": OWN_TOKEN}}),
        **dict.fromkeys(fields, f"say {OWN_TOKEN}!"),
    )
    assert OWN_TOKEN not in json.dumps(saved)
    version, asset = saved["version"], saved["asset"]
    assert version["prompt"] == version["recipe"]["prompt"] == asset["name"] == "say [redacted]!"
    assert version["tags"] == ["one", "[redacted]", "x[redacted]"]
    assert version["workflow_json"]["text"] == "use [redacted] here"
    server.http.patch(
        f"/api/v1/assets/{asset['id']}", json={"name": OWN_TOKEN, "tags": [OWN_TOKEN], "notes_md": OWN_TOKEN}
    )
    server.http.patch(f"/api/v1/versions/{version['id']}", json={"version_label": OWN_TOKEN})
    patched = server.http.patch(
        f"/api/v1/versions/{version['id']}/metadata", json={"metadata": {"sampler": OWN_TOKEN, "token": "hushhush"}}
    )
    assert patched.json()["version"]["metadata"]["token"] == "[redacted]"
    server.http.get("/api/v1/assets", params={"search": OWN_TOKEN})
    server.http.get(f"/api/v1/assets/{OWN_TOKEN}")
    assert nowhere_in(server, OWN_TOKEN, OWN_TOKEN.lower())


def test_a_file_name_with_a_token_of_ours_names_neither_asset_nor_input(server: Server) -> None:
    files = [("image", (f"{OWN_TOKEN}.png", picture())), ("input_images", (f"in {OWN_TOKEN}.png", picture(1)))]
    saved = server.http.post("/api/v1/generations", files=files).json()
    assert saved["asset"]["name"] == "[redacted]"
    assert saved["version"]["input_artifacts"][0]["filename"] == "in [redacted].png"
    assert nowhere_in(server, OWN_TOKEN)


def test_the_pictures_own_bytes_are_never_altered(own_server: Server) -> None:
    data = picture() + OWN_TOKEN.encode()
    version = own_server.saved(data)["version"]
    assert own_server.http.get(version["signed_preview_url"]).content == data
    holding = [
        path for path in own_server.data_dir.rglob("*") if path.is_file() and OWN_TOKEN.encode() in path.read_bytes()
    ]
    assert [path.name for path in holding] == [version["image"]["sha256"]]


def test_a_patch_is_kept_without_its_secrets(server: Server) -> None:
    secret = fresh_secret()
    version = server.saved(picture())["version"]["id"]
    body = {"metadata": {"login": {"Password": secret, "user": "ana"}, "steps": 5}}
    answer = server.http.patch(f"/api/v1/versions/{version}/metadata", json=body)
    assert answer.json()["version"]["metadata"] == {"login": {"Password": "[redacted]", "user": "ana"}, "steps": 5}
    assert nowhere_in(server, secret)


def test_a_refused_save_leaves_none_of_its_secrets(server: Server) -> None:
    secret = fresh_secret()
    answer = server.save(picture(), workflow_json=json.dumps({"token": secret}), metadata="{", prompt=secret)
    assert answer.status_code == 400
    assert nowhere_in(server, secret)


def test_json_saves_are_redacted_like_forms(server: Server) -> None:
    secret = fresh_secret()
    answer = server.http.post(
        "/api/v1/generations",
        json={
            "image_base64": base64.b64encode(picture()).decode(),
            "workflow_json": {"a": {"Api_Key": secret}},
            "metadata": {"token": secret, "n": 1},
        },
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["version"]["workflow_json"] == {"a": {"Api_Key": "[redacted]"}}
    assert len(answer.json()["warnings"]) == 2
    assert nowhere_in(server, secret)

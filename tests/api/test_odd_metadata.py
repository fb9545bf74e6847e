"""Metadata that is valid JSON and yet odd: taken, and never a fault of the server."""

import json
import os
import stat
from pathlib import Path

import pytest

from factories import picture
from server import Server


@pytest.mark.parametrize(
    "metadata",
    [
        '{"cfg": 1' + "0" * 400 + "}",
        '{"performance": {"steps": -1' + "0" * 400 + "}}",
        '{"steps": 1e308, "denoise": "1e999", "cfg": "nan", "sampler": "\\ud800"}',
        '{"sampler": {"steps": true, "cfg": [], "scheduler": {}}, "model": {"checkpoint": 5}}',
        '{"source_version_id": "' + "\\ud800" * 36 + '"}',
        '{"branch": {"parent_version_id": "' + "\\u0000" * 36 + '"}, "fork": {"from_version_id": 7}}',
    ],
)
def test_odd_metadata_is_kept_and_names_no_recipe(server: Server, metadata: str) -> None:
    saved = server.save(picture(), metadata=metadata)
    assert saved.status_code == 201, saved.text
    version = saved.json()["version"]
    assert version["recipe"] == {}
    assert version["parent_version_id"] is None
    path = f"/api/v1/versions/{version['id']}/metadata"
    body = '{"metadata": ' + metadata + "}"
    patched = server.http.patch(path, content=body, headers={"Content-Type": "application/json"})
    assert patched.status_code == 200, patched.text
    assert patched.json()["version"]["recipe"] == {}


def test_many_empty_input_images_are_refused_before_any_is_kept(server: Server) -> None:
    body = json.dumps({"image_base64": "AA==", "input_images_base64": [""] * 10_000})
    answer = server.http.post("/api/v1/generations", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["field"] == "input_images"


@pytest.mark.parametrize(
    "host", ["localhost:80@evil.example", "[::1]@evil.example", "localhost/x", "a b", "localhost:x"]
)
def test_a_host_header_that_is_no_host_is_refused(server: Server, host: str) -> None:
    answer = server.http.get("/api/v1/assets", headers={"Host": host})
    assert answer.status_code == 400
    assert answer.json()["code"] == "host_not_allowed"


def test_what_lies_in_the_data_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir(mode=0o755)
    with Server(folder) as server:
        server.saved(picture())
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if name != "server.log":
                assert stat.S_IMODE(Path(parent, name).stat().st_mode) & 0o077 == 0, name

"""Real workflow files go through a server and come back as they were sent."""

import json
from pathlib import Path

import httpx2
import pytest
from curl_form import File, curl_save

from factories import picture
from real_data import SAMPLE, each_file, workflows
from server import Server


def assert_holds(answer: httpx2.Response, text: str, *path: str | int) -> None:
    """The answer has, at the path, a version with the workflow: the same JSON, and the same characters."""
    assert answer.status_code == 200, answer.text
    assert f'"workflow_json":{text.strip()}' in answer.text
    version = answer.json()
    for step in path:
        version = version[step]
    assert version["workflow_json"] == json.loads(text)


@pytest.mark.parametrize("real_file", each_file(workflows), indirect=True)
def test_a_real_workflow_comes_back_as_it_was_sent_from_load_list_and_detail(studio: Server, real_file: Path) -> None:
    text = real_file.read_text(encoding="utf-8")
    name = str(real_file)[-200:]
    saved = curl_save(
        studio, ("asset_name", name), ("workflow_json", text), File("image", "from comfy.png", picture(len(text)))
    )
    assert saved.status_code == 201, saved.text
    assert saved.json()["warnings"] == []
    asset, version = saved.json()["asset"], saved.json()["version"]
    loaded = studio.http.get(f"/api/v1/versions/{version['id']}/load")
    newest = studio.http.get("/api/v1/assets", params={"page_size": 1})
    detail = studio.http.get(f"/api/v1/assets/{asset['id']}")
    assert newest.json()["assets"][0]["name"] == name
    assert_holds(loaded, text, "version")
    assert_holds(newest, text, "assets", 0, "current_version")
    assert_holds(detail, text, "versions", 0)


def test_a_real_workflow_with_a_secret_loses_the_secret_alone(studio: Server) -> None:
    path = workflows(SAMPLE)[0]
    workflow = json.loads(path.read_text(encoding="utf-8"))
    workflow["extra"] = {**workflow.get("extra", {}), "api_key": "sk-1234567890", "kept": [0.10, 2**64 - 1]}
    saved = curl_save(studio, ("workflow_json", json.dumps(workflow)), File("image", "secret.png", picture(7)))
    assert saved.status_code == 201, saved.text
    assert saved.json()["warnings"]
    loaded = studio.http.get(f"/api/v1/versions/{saved.json()['version']['id']}/load")
    workflow["extra"]["api_key"] = "[redacted]"
    assert "sk-1234567890" not in loaded.text
    assert loaded.json()["version"]["workflow_json"] == workflow


def test_the_full_set_has_all_57_workflows(full_data: Path) -> None:
    assert len(workflows(full_data)) == 57

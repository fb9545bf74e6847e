"""The pictures that went into a version, and the version it came from."""

import hashlib
import json

import pytest

from factories import picture
from server import Server


def saved_with_inputs(server: Server, *inputs: tuple[str, bytes], **fields: str) -> dict[str, object]:
    files = [("image", ("out.png", picture(9))), *(("input_images", one) for one in inputs)]
    answer = server.http.post("/api/v1/generations", files=files, data=fields)
    assert answer.status_code == 201, answer.text
    version: dict[str, object] = answer.json()["version"]
    return version


def test_input_images_come_back_in_order_with_their_names_and_bytes(server: Server) -> None:
    jpeg = picture(0xFF0000, (30, 20), "JPEG")
    inputs = [("pose (1) [x].png", picture(1)), ("深度.jpg", jpeg), ("pose (1) [x].png", picture(1)), ("", picture(9))]
    version = saved_with_inputs(server, *inputs)
    artifacts = version["input_artifacts"]
    assert isinstance(artifacts, list)
    assert [one["filename"] for one in artifacts] == ["pose (1) [x].png", "深度.jpg", "pose (1) [x].png", "input 4"]
    assert len({one["id"] for one in artifacts}) == 4
    with server.stranger() as stranger:
        for artifact, (_name, data) in zip(artifacts, inputs, strict=True):
            assert set(artifact) == {"id", "filename", "bytes", "sha256", "signed_url"}
            assert artifact["bytes"] == len(data)
            assert artifact["sha256"] == hashlib.sha256(data).hexdigest()
            answer = stranger.get(artifact["signed_url"])
            assert answer.content == data
        assert answer.headers["Content-Type"] == "image/png"
        assert stranger.get(artifacts[1]["signed_url"]).headers["Content-Type"] == "image/jpeg"


def test_input_images_are_in_every_answer_that_has_the_version(server: Server) -> None:
    version = saved_with_inputs(server, ("in.png", picture(1)))
    ids = [one["id"] for one in version["input_artifacts"]]  # type: ignore[attr-defined]
    listed = server.get("/api/v1/assets")["assets"][0]["current_version"]
    detail = server.get(f"/api/v1/assets/{version['asset_id']}")["versions"][0]
    loaded = server.get(f"/api/v1/versions/{version['id']}/load")["version"]
    for found in (listed, detail, loaded):
        assert [one["id"] for one in found["input_artifacts"]] == ids


def test_thirty_two_input_images_are_taken_and_one_more_is_not(server: Server) -> None:
    inputs = [(f"{n}.png", picture(n)) for n in range(32)]
    assert len(saved_with_inputs(server, *inputs)["input_artifacts"]) == 32  # type: ignore[arg-type]
    before = server.footprint()
    for more in (1, 5):
        files = [
            ("image", ("out.png", picture())),
            *[("input_images", ("in.png", picture(n))) for n in range(32 + more)],
        ]
        answer = server.http.post("/api/v1/generations", files=files)
        assert (answer.status_code, answer.json()["field"]) == (413, "input_images")
        assert "32" in answer.json()["error"]
    assert server.footprint() == before


@pytest.mark.parametrize("bad", [b"no picture", picture()[:50]])
def test_an_input_that_is_no_picture_refuses_the_whole_save(server: Server, bad: bytes) -> None:
    before = server.footprint()
    files = [
        ("image", ("out.png", picture())),
        ("input_images", ("a.png", picture(1))),
        ("input_images", ("b.png", bad)),
    ]
    assert server.http.post("/api/v1/generations", files=files).status_code == 415
    assert server.footprint() == before


def test_an_empty_file_field_is_no_input(server: Server) -> None:
    assert saved_with_inputs(server, ("", b""))["input_artifacts"] == []
    answer = server.http.post(
        "/api/v1/generations", files=[("image", ("out.png", picture())), ("input_images", ("named.png", b""))]
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "empty_image")


def test_without_signed_artifacts_their_urls_are_left_out(server: Server) -> None:
    version = saved_with_inputs(server, ("in.png", picture(1)))
    path = f"/api/v1/assets/{version['asset_id']}"
    unsigned = server.get(path, signed_artifacts=0)["versions"][0]
    assert [one["signed_url"] for one in unsigned["input_artifacts"]] == [None]
    assert unsigned["signed_preview_url"]
    assert server.get(path, signed_artifacts=1)["versions"][0]["input_artifacts"][0]["signed_url"]


@pytest.mark.parametrize(
    "metadata",
    ['{"source_version_id": "%s"}', '{"branch": {"parent_version_id": "%s"}}', '{"fork": {"from_version_id": "%s"}}'],
)
def test_the_parent_is_found_where_clients_name_it(server: Server, metadata: str) -> None:
    parent = server.saved(picture(), asset_name="Parent")["version"]["id"]
    for spelled in (parent, parent.upper()):
        child = server.saved(picture(1), asset_name="Child", metadata=metadata % spelled)["version"]
        assert child["parent_version_id"] == parent
        assert server.get(f"/api/v1/versions/{child['id']}/load")["version"]["parent_version_id"] == parent


def test_a_name_that_is_no_version_here_is_passed_over_for_the_next(server: Server) -> None:
    parent = server.saved(picture(), asset_name="Parent")["version"]["id"]
    metadata = {
        "source_version_id": "01a20530-0000-7000-8000-000000000000",
        "branch": {"parent_version_id": ["not", "a text"]},
        "fork": {"from_version_id": parent},
    }
    assert server.saved(picture(1), metadata=json.dumps(metadata))["version"]["parent_version_id"] == parent


@pytest.mark.parametrize(
    "metadata",
    [
        '{"source_version_id": null}',
        '{"source_version_id": 5}',
        '{"source_version_id": "x"}',
        '{"source_version_id": "\\u0000"}',
        '{"branch": "x"}',
        '{"fork": []}',
        '{"fork": {"parent_version_id": "%s"}}',
        '{"other": {"source_version_id": "%s"}}',
    ],
)
def test_anything_else_names_no_parent(server: Server, metadata: str) -> None:
    parent = server.saved(picture(), asset_name="Parent")["version"]["id"]
    text = metadata % parent if "%" in metadata else metadata
    assert server.saved(picture(1), metadata=text)["version"]["parent_version_id"] is None


def test_a_parent_may_be_of_the_same_asset(server: Server) -> None:
    first = server.saved(picture(), asset_name="Sea")["version"]["id"]
    second = server.saved(picture(1), asset_name="Sea", metadata=json.dumps({"source_version_id": first}))["version"]
    assert (second["version_number"], second["parent_version_id"]) == (2, first)

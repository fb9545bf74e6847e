"""POST /generations as a form: every field, its default, and what the asset and the version become."""

import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from factories import picture
from server import Server

ASSET = {
    *("id", "name", "slug", "tags", "notes_md", "current_version_id", "version_count", "created_at", "updated_at"),
    *("created_by", "updated_by", "metadata"),
}
VERSION = {
    *("id", "asset_id", "version_number", "version_label", "rating", "prompt", "negative_prompt", "model", "seed"),
    *("intent", "source", "tags", "workflow_json", "recipe", "evidence", "metadata", "image", "signed_preview_url"),
    *("thumbnail_url", "input_artifacts", "parent_version_id", "created_at", "created_by"),
}


def test_every_field_of_a_save_is_answered_and_read_again(server: Server) -> None:
    data = picture(7, (20, 10))
    saved = server.saved(
        data,
        asset_name="Lighthouse",
        prompt="a lighthouse\nat dawn",
        negative_prompt="blurry",
        model="sd_xl_base_1.0.safetensors",
        seed="42",
        intent="cover",
        source="ComfyUI",
        workflow_json='{"3": {"class_type": "KSampler"}}',
        metadata='{"steps": 20}',
        tags="Sea, Light",
        notes_md="# Notes\n",
        version_label="first light",
    )
    asset, version = saved["asset"], saved["version"]
    assert set(saved) == {"asset", "version", "warnings"}
    assert saved["warnings"] == []
    assert set(asset) == ASSET
    assert set(version) == VERSION
    assert (asset["name"], asset["slug"], asset["tags"]) == ("Lighthouse", "lighthouse", ["Sea", "Light"])
    assert (asset["notes_md"], asset["version_count"], asset["metadata"]) == ("# Notes\n", 1, {})
    assert asset["current_version_id"] == version["id"]
    assert version["asset_id"] == asset["id"]
    assert (version["version_number"], version["version_label"], version["rating"]) == (1, "first light", None)
    assert (version["prompt"], version["negative_prompt"]) == ("a lighthouse\nat dawn", "blurry")
    assert (version["model"], version["seed"]) == ("sd_xl_base_1.0.safetensors", 42)
    assert (version["intent"], version["source"], version["tags"]) == ("cover", "ComfyUI", ["Sea", "Light"])
    assert version["workflow_json"] == {"3": {"class_type": "KSampler"}}
    assert version["metadata"] == {"steps": 20}
    image = {key: version["image"][key] for key in ("width", "height", "format", "bytes")}
    assert image == {"width": 20, "height": 10, "format": "png", "bytes": len(data)}
    assert (version["input_artifacts"], version["parent_version_id"]) == ([], None)
    loaded = server.get(f"/api/v1/versions/{version['id']}/load")
    assert loaded["version"] == version
    assert loaded["asset"] == {**asset, "current_version": version}


def test_nothing_but_a_picture_is_needed(server: Server) -> None:
    version = server.saved(picture(), "Sea at night (3) [final].tar.png")["version"]
    nothing = ("version_label", "rating", "prompt", "negative_prompt", "model", "seed", "intent", "source")
    assert [version[key] for key in nothing] == [None] * len(nothing)
    assert (version["tags"], version["workflow_json"], version["metadata"]) == ([], {}, {})
    assert (version["recipe"], version["evidence"]) == ({}, {})
    assert server.get("/api/v1/assets")["assets"][0]["name"] == "Sea at night (3) [final].tar"


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("ComfyUI_00001_.png", "ComfyUI_00001_"),
        ("noextension", "noextension"),
        ("C:\\pictures\\sea.png", "sea"),
        ("/home/ana/sea.png", "sea"),
        ("../../etc/passwd", "passwd"),
        ("猫.webp", "猫"),
        ("  padded .png", "padded"),
        ("two.dots.png", "two.dots"),
        ("cafe\u0301.png", "café"),
        ("x" * 400 + ".png", "x" * 251),
    ],
)
def test_without_a_name_the_files_name_is_taken(server: Server, filename: str, name: str) -> None:
    assert server.saved(picture(), filename)["asset"]["name"] == name


@pytest.mark.parametrize("filename", [".png", "   .png", "folder/"])
def test_without_any_name_the_time_is_taken(server: Server, filename: str) -> None:
    name = server.saved(picture(), filename)["asset"]["name"]
    assert re.fullmatch(r"Untitled \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", name)


def test_an_image_part_without_a_file_name_is_a_picture_too(server: Server) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="image"\r\n\r\n' + picture() + b"\r\n--b--\r\n"
    answer = server.http.post(
        "/api/v1/generations", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code == 201
    assert answer.json()["asset"]["name"].startswith("Untitled ")


def test_empty_texts_mean_not_given(server: Server) -> None:
    fields = ("asset_id", "asset_name", "prompt", "negative_prompt", "model", "seed", "intent", "source")
    fields += ("workflow_json", "metadata", "tags", "notes_md", "version_label")
    first = server.saved(picture(), "a.png", notes_md="kept", tags="kept")
    saved = server.saved(picture(), "a.png", **dict.fromkeys(fields, ""))
    assert saved["asset"]["id"] == first["asset"]["id"]
    assert (saved["asset"]["notes_md"], saved["asset"]["tags"]) == ("kept", ["kept"])
    version = saved["version"]
    assert version["version_number"] == 2
    assert [version[key] for key in ("prompt", "negative_prompt", "model", "seed", "intent", "source")] == [None] * 6
    assert (version["workflow_json"], version["metadata"], version["tags"]) == ({}, {}, [])


def test_a_name_is_trimmed_and_composed_and_then_compared_letter_for_letter(server: Server) -> None:
    first = server.saved(picture(), asset_name="  Café \t")["asset"]
    assert first["name"] == "Café"
    again = server.saved(picture(1), asset_name=unicodedata.normalize("NFD", "Café"))["asset"]
    assert again["id"] == first["id"]
    others = [server.saved(picture(2), asset_name=name)["asset"] for name in ("café", "Cafe", "Café 2", "CAFÉ")]
    assert len({first["id"], *(one["id"] for one in others)}) == 5
    slugs = [first["slug"], *(one["slug"] for one in others)]
    assert len(set(slugs)) == 5
    assert slugs[0] == "cafe"


def test_a_save_by_name_makes_the_next_version_current(server: Server) -> None:
    first = server.saved(picture(1), asset_name="Sea", prompt="one")
    second = server.saved(picture(2), asset_name="Sea", prompt="two")
    assert second["asset"]["id"] == first["asset"]["id"]
    assert second["version"]["version_number"] == 2
    assert second["asset"]["version_count"] == 2
    assert second["asset"]["current_version_id"] == second["version"]["id"]
    assert second["asset"]["created_at"] == first["asset"]["created_at"]
    assert second["asset"]["updated_at"] >= first["asset"]["updated_at"]


def test_an_asset_id_wins_over_a_name(server: Server) -> None:
    sea, sky = (server.saved(picture(), asset_name=name)["asset"] for name in ("Sea", "Sky"))
    saved = server.saved(picture(1), asset_id=f" {sea['id'].upper()} ", asset_name="Sky")
    assert (saved["asset"]["id"], saved["asset"]["name"]) == (sea["id"], "Sea")
    assert server.get(f"/api/v1/assets/{sky['id']}")["asset"]["version_count"] == 1


def test_an_asset_in_the_trash_takes_no_version(server: Server) -> None:
    asset = server.saved(picture())["asset"]
    server.http.delete(f"/api/v1/assets/{asset['id']}")
    before = server.footprint()
    for asset_id in (asset["id"], "01a20530-0000-7000-8000-000000000000", "no-id", "x" * 500):
        answer = server.save(picture(), asset_id=asset_id)
        assert (answer.status_code, answer.json()["code"]) == (404, "asset_not_found"), asset_id
    assert server.footprint() == before


def test_tags_are_trimmed_and_without_doubles_in_their_order(server: Server) -> None:
    saved = server.saved(picture(), asset_name="Sea", tags=" Sea , night,SEA,, night sky ,Straße,STRASSE,")
    assert saved["version"]["tags"] == saved["asset"]["tags"] == ["Sea", "night", "night sky", "Straße"]
    again = server.saved(picture(1), asset_name="Sea", tags="Boat,SEA")
    assert again["version"]["tags"] == ["Boat", "SEA"]
    assert again["asset"]["tags"] == ["Sea", "night", "night sky", "Straße", "Boat"]


def test_notes_replace_those_of_the_asset_when_they_are_given(server: Server) -> None:
    assert server.saved(picture(), asset_name="Sea")["asset"]["notes_md"] == ""
    assert server.saved(picture(), asset_name="Sea", notes_md=" one \n")["asset"]["notes_md"] == " one \n"
    assert server.saved(picture(), asset_name="Sea")["asset"]["notes_md"] == " one \n"
    assert server.saved(picture(), asset_name="Sea", notes_md="two")["asset"]["notes_md"] == "two"


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("0", 0),
        (" 7 ", 7),
        ("007", 7),
        (str(2**53 - 1), 2**53 - 1),
        (str(2**53), str(2**53)),
        (str(2**63), str(2**63)),
        (str(2**64 - 1), str(2**64 - 1)),
    ],
)
def test_a_seed_keeps_all_its_digits(server: Server, sent: str, answered: Any) -> None:
    version = server.saved(picture(), seed=sent)["version"]
    assert version["seed"] == version["recipe"]["seed"] == answered
    assert type(version["seed"]) is type(answered)
    listed = server.get("/api/v1/assets")["assets"][0]["current_version"]
    assert listed["seed"] == answered


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "GIF"])
def test_pictures_of_five_kinds_are_kept_byte_for_byte(server: Server, kind: str) -> None:
    data = picture(0x336699, (33, 17), kind)
    version = server.saved(data, "wrong-extension.txt")["version"]
    image = version["image"]
    assert (image["format"], image["width"], image["height"]) == (kind.lower(), 33, 17)
    with server.stranger() as stranger:
        answer = stranger.get(version["signed_preview_url"])
    assert answer.content == data
    assert answer.headers["Content-Type"] == f"image/{kind.lower()}"


def test_two_clients_with_fifty_saves_each_make_one_asset_with_a_hundred_numbers(server: Server) -> None:
    def save_fifty(client: int) -> list[dict[str, Any]]:
        seen = server.with_token(server.token)
        return [seen.saved(picture(1000 * client + n), asset_name="Both") for n in range(50)]

    with ThreadPoolExecutor(2) as clients:
        saved = [one for batch in clients.map(save_fifty, (1, 2)) for one in batch]
    assert sorted(one["version"]["version_number"] for one in saved) == list(range(1, 101))
    assert len({one["asset"]["id"] for one in saved}) == 1
    assert server.get("/api/v1/workspace")["counts"]["versions"] == 100


def test_text_parts_of_many_megabytes_are_normal(server: Server) -> None:
    workflow = '{"pad": "' + "x" * 12_000_000 + '"}'
    saved = server.http.post(
        "/api/v1/generations", files={"image": ("a.png", picture())}, data={"workflow_json": workflow}
    )
    assert saved.status_code == 201
    assert len(saved.json()["version"]["workflow_json"]["pad"]) == 12_000_000


def test_tags_in_several_fields_are_taken_together(server: Server) -> None:
    saved = server.http.post(
        "/api/v1/generations", files={"image": ("a.png", picture())}, data={"tags": ["one,two", "three", "ONE"]}
    )
    assert saved.json()["version"]["tags"] == ["one", "two", "three"]

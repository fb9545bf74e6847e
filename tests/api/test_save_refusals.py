"""Saves that are refused: with a sentence that says what to mend, and nothing is stored."""

import pytest

from factories import picture
from server import Server

FORM = "multipart/form-data; boundary=b"


def part(name: str, data: bytes, filename: str | None = None) -> bytes:
    file = f'; filename="{filename}"' if filename is not None else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + data + b"\r\n"


END = b"--b--\r\n"
IMAGE = part("image", picture(), "a.png")


def refused(server: Server, body: bytes, status: int, field: str | None = None, kind: str = FORM) -> str:
    """The code of the refusal of a body that was sent as it is; nothing was stored."""
    before = server.footprint()
    answer = server.http.post("/api/v1/generations", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.json().get("field") == field, answer.text
    assert server.footprint() == before
    code: str = answer.json()["code"]
    return code


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"seed": "-1"}, 400, "seed"),
        ({"seed": str(2**64)}, 400, "seed"),
        ({"seed": "9" * 100}, 400, "seed"),
        ({"seed": "1.5"}, 400, "seed"),
        ({"seed": "1e3"}, 400, "seed"),
        ({"seed": "random"}, 400, "seed"),
        ({"seed": "0x10"}, 400, "seed"),
        ({"seed": "٣"}, 400, "seed"),
        ({"seed": "1_000"}, 400, "seed"),
        ({"seed": "NaN"}, 400, "seed"),
        ({"workflow_json": "{"}, 400, "workflow_json"),
        ({"workflow_json": "[]"}, 400, "workflow_json"),
        ({"workflow_json": "null"}, 400, "workflow_json"),
        ({"workflow_json": '"{}"'}, 400, "workflow_json"),
        ({"workflow_json": "{'a': 1}"}, 400, "workflow_json"),
        ({"workflow_json": '{"a": 01}'}, 400, "workflow_json"),
        ({"workflow_json": '{"a": "' + "x" * 5_000_000}, 400, "workflow_json"),
        ({"workflow_json": '{"a":' * 100_000 + "1" + "}" * 100_000}, 400, "workflow_json"),
        ({"workflow_json": '{"a":' * 501 + "1" + "}" * 501}, 400, "workflow_json"),
        ({"workflow_json": "{}{}"}, 400, "workflow_json"),
        ({"workflow_json": '{"a": "\0"}'}, 400, "workflow_json"),
        ({"metadata": "{"}, 400, "metadata"),
        ({"metadata": "[1, 2]"}, 400, "metadata"),
        ({"metadata": "5"}, 400, "metadata"),
        ({"metadata": "[" * 100_000}, 400, "metadata"),
        ({"metadata": '{"a":' * 100_000 + "1" + "}" * 100_000}, 400, "metadata"),
        ({"metadata": '{"a": ' + "9" * 5000 + "}"}, 400, "metadata"),
        ({"metadata": '{"pad": "' + "x" * 4 * 1024 * 1024 + '"}'}, 413, "metadata"),
        ({"workflow_json": '{"pad": "' + "x" * 32 * 1024 * 1024 + '"}'}, 413, "workflow_json"),
        ({"asset_name": "x" * 256}, 413, "asset_name"),
        ({"asset_name": "é" * 5000}, 413, "asset_name"),
        ({"asset_name": "two\nlines"}, 400, "asset_name"),
        ({"asset_name": "nul\0"}, 400, "asset_name"),
        ({"prompt": "x" * 100_001}, 413, "prompt"),
        ({"prompt": "nul\0"}, 400, "prompt"),
        ({"negative_prompt": "x" * 100_001}, 413, "negative_prompt"),
        ({"notes_md": "x" * 100_001}, 413, "notes_md"),
        ({"model": "x" * 256}, 413, "model"),
        ({"intent": "x" * 256}, 413, "intent"),
        ({"source": "\x1b[31m"}, 400, "source"),
        ({"version_label": "x" * 256}, 413, "version_label"),
        ({"tags": ",".join(f"tag {n}" for n in range(10_000))}, 413, "tags"),
        ({"tags": ",".join(f"tag {n}" for n in range(201))}, 413, "tags"),
        ({"tags": "x" * 101}, 413, "tags"),
        ({"tags": "a,b\0"}, 400, "tags"),
    ],
)
def test_a_field_that_can_not_be_taken_is_named(
    server: Server, fields: dict[str, str], status: int, field: str
) -> None:
    before = server.footprint()
    answer = server.save(picture(), **fields)
    assert (answer.status_code, answer.json()["field"]) == (status, field), answer.text
    assert field in answer.json()["error"]
    assert server.footprint() == before
    assert server.http.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({"asset_name": "x" * 256}, "255"),
        ({"prompt": "x" * 100_001}, "100000"),
        ({"notes_md": "x" * 100_001}, "100000"),
        ({"tags": "x" * 101}, "100"),
        ({"tags": ",".join(f"tag {n}" for n in range(201))}, "200"),
        ({"metadata": '{"pad": "' + "x" * 4 * 1024 * 1024 + '"}'}, str(4 * 1024 * 1024)),
    ],
)
def test_a_limit_that_is_passed_is_in_the_sentence(server: Server, fields: dict[str, str], limit: str) -> None:
    answer = server.save(picture(), **fields)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert limit in answer.json()["error"]


@pytest.mark.parametrize(
    "fields",
    [
        {"asset_name": "é" * 255},
        {"prompt": "😀" * 100_000},
        {"notes_md": "字" * 100_000},
        {"tags": ",".join(f"{'字' * 96}{n:04}" for n in range(200))},
        {"workflow_json": '{"a":' * 499 + "{}" + "}" * 499},
        {"metadata": '{"a":' * 499 + "{}" + "}" * 499},
        {"model": "m" * 255, "intent": "i" * 255, "source": "s" * 255, "version_label": "l" * 255},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_what_just_fits_is_taken(server: Server, fields: dict[str, str]) -> None:
    answer = server.save(picture(), **fields)
    assert answer.status_code == 201, answer.text
    assert server.http.get("/api/v1/assets").json()["pagination"]["total"] == 1


def test_the_tags_of_an_asset_have_a_limit_over_all_its_saves(server: Server) -> None:
    server.saved(picture(), asset_name="Sea", tags=",".join(f"tag {n}" for n in range(200)))
    before = server.footprint()
    answer = server.save(picture(1), asset_name="Sea", tags="one more")
    assert (answer.status_code, answer.json()["field"]) == (413, "tags")
    assert server.footprint() == before
    assert server.saved(picture(1), asset_name="Sea", tags="TAG 5")["version"]["version_number"] == 2


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"just text", 415),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
        (b"%PDF-1.7\n", 415),
        (picture()[:60], 415),
        (picture(0, (8, 8), "JPEG")[:300], 415),
        (picture(0, (64, 64), "WEBP")[:40], 415),
        (picture(0, (8, 8), "BMP"), 415),
        (picture(0, (8, 8), "TIFF"), 415),
        (picture(0, (8, 8), "ICO"), 415),
    ],
    ids=lambda data: repr(data[:10]) if isinstance(data, bytes) else str(data),
)
def test_a_file_that_is_no_whole_picture_is_refused(server: Server, data: bytes, status: int) -> None:
    refused(server, part("image", data, "a.png") + END, status, "image")
    refused(server, IMAGE + part("input_images", data, "a.png") + END, status, "input_images")


def test_a_picture_over_the_pixel_limit_is_too_large(narrow_server: Server) -> None:
    before = narrow_server.footprint()
    answer = narrow_server.save(picture(0, (101, 100)))
    assert answer.status_code == 413
    assert "10,000" in answer.json()["error"]
    assert narrow_server.footprint() == before
    assert narrow_server.save(picture(0, (100, 100))).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [(END, "image"), (part("prompt", b"p") + END, "image"), (part("file", picture(), "a.png") + END, "image")],
)
def test_a_save_without_a_picture_names_the_field_to_send(server: Server, body: bytes, field: str) -> None:
    refused(server, body, 400, field)


def test_two_pictures_in_one_save_are_refused(server: Server) -> None:
    refused(server, IMAGE + part("image", picture(1), "b.png") + END, 400, "image")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no multipart at all",
        b"--b",
        b"--b\r\n",
        b"--b\r\n\r\n",
        IMAGE,
        IMAGE[:-20],
        IMAGE + b"--b-",
        IMAGE.replace(b"--b", b"--c") + END,
        IMAGE.replace(b"Content-Disposition", b"Content-Dis\r\nposition") + END,
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END,
        b'--b\r\nContent-Disposition: form-data; name="\xff\xfe"\r\n\r\nx\r\n' + IMAGE + END,
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="\xff.png"\r\n\r\n' + picture() + b"\r\n" + END,
        b"--b\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        part("prompt", b"p") * 1001 + IMAGE + END,
    ],
)
def test_a_broken_form_is_refused(server: Server, body: bytes) -> None:
    before = server.footprint()
    answer = server.http.post("/api/v1/generations", content=body, headers={"Content-Type": FORM})
    assert answer.status_code in (400, 413), answer.text
    assert server.footprint() == before


@pytest.mark.parametrize("field", ["prompt", "workflow_json", "metadata", "asset_name", "tags", "seed"])
@pytest.mark.parametrize("data", [b"\xff\xfe", b"\xed\xa0\x80", b"caf\xe9", b"\x80"], ids=repr)
def test_text_that_is_not_utf_8_is_refused(server: Server, field: str, data: bytes) -> None:
    assert refused(server, part(field, data) + IMAGE + END, 400, field) == "invalid_field"


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("multipart/form-data", 400, "broken_multipart"),
        ("multipart/form-data; boundary=", 400, "broken_multipart"),
        pytest.param("multipart/form-data; boundary=" + "x" * 5000, 400, "broken_multipart", id="long boundary"),
        ("multipart/mixed; boundary=b", 415, "wrong_content_type"),
        ("application/x-www-form-urlencoded", 415, "wrong_content_type"),
        ("image/png", 415, "wrong_content_type"),
        ("text/plain", 415, "wrong_content_type"),
        ("", 415, "wrong_content_type"),
        ("application/jsonp", 415, "wrong_content_type"),
    ],
)
def test_a_wrong_content_type_is_refused(server: Server, kind: str, status: int, code: str) -> None:
    assert refused(server, IMAGE + END, status, kind=kind) == code


def test_a_content_type_may_be_written_in_any_case(server: Server) -> None:
    answer = server.http.post(
        "/api/v1/generations", content=IMAGE + END, headers={"Content-Type": "Multipart/Form-Data; BOUNDARY=b"}
    )
    assert answer.status_code == 201


def test_a_body_over_its_limit_stores_nothing(narrow_server: Server) -> None:
    before = narrow_server.footprint()
    answer = narrow_server.save(picture(), prompt="p", unknown="x" * 8_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "8000000" in answer.json()["error"]
    assert narrow_server.footprint() == before


def test_a_part_over_its_limit_is_refused_before_the_rest_has_come(narrow_server: Server) -> None:
    before = narrow_server.footprint()
    refused(narrow_server, part("workflow_json", b"{" + b" " * 50_000) + IMAGE, 413, "workflow_json")
    assert narrow_server.footprint() == before

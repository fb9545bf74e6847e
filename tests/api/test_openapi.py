"""The API's description: it is whole, it is valid, and what it says is what the server does."""

import base64
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from described import DOCUMENT, OPERATIONS, SCHEMAS, Json, Studio, check_answer, check_schema, noise
from genasset.api import docs
from genasset.api.generations import JsonSave
from genasset.api.openapi import document
from genasset.api.upload import FILE_FIELDS
from genasset.app import HANDLERS
from genasset.assets.draft import TEXT_FIELDS
from genasset.recipes import sent
from genasset.settings import Settings
from server import Server

PAGE = Path(__file__).parents[2] / "docs" / "http-api.md"
PICTURE_FIELDS = ("image_base64", "image_url", "input_images_base64", "filename")


@pytest.fixture(scope="module")
def studio(session_server: Server) -> Studio:
    return Studio(session_server.with_workspace())


def json_examples() -> Iterator[Any]:
    """Every example of a JSON body: the call's name, the example's name and its value."""
    for name, operation in OPERATIONS.items():
        body = operation.body()
        for title, example in body["examples"].items() if body else ():
            yield pytest.param(name, example["value"], id=f"{name}: {title}")


def numbers() -> Iterator[Any]:
    """Every query parameter that is a number with a range."""
    for name, operation in OPERATIONS.items():
        for parameter in operation.parameters():
            if "maximum" in parameter["schema"]:
                yield pytest.param(name, parameter["name"], parameter["schema"], id=f"{name}: {parameter['name']}")


def choices() -> Iterator[Any]:
    """Every query parameter that is one of some values."""
    for name, operation in OPERATIONS.items():
        for parameter in operation.parameters():
            if parameter["in"] == "query" and "enum" in parameter["schema"]:
                yield pytest.param(
                    name, parameter["name"], parameter["schema"]["enum"], id=f"{name}: {parameter['name']}"
                )


def text_limits() -> Iterator[Any]:
    """Every text of the form that has a limit."""
    for name, schema in SCHEMAS["MultipartSave"]["properties"].items():
        if "maxLength" in schema:
            yield pytest.param(name, schema["maxLength"], id=name)


def test_the_served_document_is_a_valid_openapi_3_1_document(server: Server) -> None:
    served = server.get("/openapi.json")
    OpenAPIV31SpecValidator(served).validate()
    assert served["openapi"].startswith("3.1.")
    assert served == DOCUMENT


def test_the_document_is_kept_by_clients_and_asked_for_again(server: Server) -> None:
    first = server.http.get("/openapi.json")
    again = server.http.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    check_answer(first, OPERATIONS["openapi_json"])
    check_answer(again, OPERATIONS["openapi_json"])


def test_every_call_of_the_application_is_described_and_no_other() -> None:
    pages = {docs.docs_page, docs.docs_file}
    calls = {
        (re.sub(r":\w+}", "}", path), method, handler.fn.__name__)
        for handler in HANDLERS
        if handler not in pages
        for path in handler.paths
        for method in handler.http_methods
    }
    assert {(one.path, one.method, name) for name, one in OPERATIONS.items()} == calls


def test_the_start_of_the_server_does_not_pay_for_the_document() -> None:
    code = "import sys, genasset.serve; sys.exit('genasset.api.openapi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_limits_are_those_of_the_server() -> None:
    described = document(Settings(prompt_limit=77, page_size_limit=33))
    assert described["components"]["schemas"]["MultipartSave"]["properties"]["prompt"]["maxLength"] == 77
    sizes = next(one for one in described["paths"]["/api/v1/assets"]["get"]["parameters"] if one["name"] == "page_size")
    assert sizes["schema"]["maximum"] == 33


def test_a_server_under_a_path_describes_its_calls_there() -> None:
    assert document(Settings(public_url="https://example.org/art/"))["servers"] == [{"url": "/art"}]
    assert DOCUMENT["servers"] == [{"url": "/"}]


def test_the_form_has_the_fields_that_the_parser_takes() -> None:
    assert set(SCHEMAS["MultipartSave"]["properties"]) == {*TEXT_FIELDS, *FILE_FIELDS}


def test_the_json_save_has_the_fields_that_the_parser_takes() -> None:
    described = set(SCHEMAS["JsonSave"]["properties"])
    assert described == {field.name for field in msgspec.structs.fields(JsonSave)}
    assert described == {*TEXT_FIELDS, *PICTURE_FIELDS}


def test_every_recipe_field_that_a_reader_finds_is_described() -> None:
    found = {field for keys in (sent.PLAIN, sent.GROUPED, sent.MODEL) for field, _read in keys.values()}
    assert {*found, *sent.FORM_FIELDS} <= set(SCHEMAS["Recipe"]["properties"])


def test_every_example_of_an_answer_fits_its_schema() -> None:
    checked = 0
    for operation in OPERATIONS.values():
        for response in operation.described["responses"].values():
            content = response.get("content", {}).get("application/json", {})
            examples = [content["example"]] if "example" in content else []
            for example in (*examples, *(one["value"] for one in content.get("examples", {}).values())):
                check_schema(example, content["schema"])
                checked += 1
    assert checked > 100


@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if not operation.body()])
def test_a_call_without_a_body_answers_as_described(studio: Studio, name: str) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    client = studio.server.http if operation.described["security"] else studio.anybody
    plain = studio.send(operation, subject, optional=False, client=client)
    assert plain.status_code == operation.success, plain.text
    check_answer(plain, operation)
    full = studio.send(operation, studio.subject(), client=client)
    assert full.status_code == (206 if operation.has("Range") else operation.success), full.text
    check_answer(full, operation)


@pytest.mark.parametrize(("name", "example"), list(json_examples()))
def test_an_example_of_a_json_body_works_as_described(studio: Studio, name: str, example: Json) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    body = operation.body()
    assert body
    check_schema(example, body["schema"])
    answer = studio.send(operation, subject, json=subject.fill(example))
    assert answer.status_code == operation.success, answer.text
    check_answer(answer, operation)


def test_the_example_of_the_form_works_as_described(studio: Studio) -> None:
    operation, subject = OPERATIONS["save_generation"], studio.subject()
    properties = SCHEMAS["MultipartSave"]["properties"]
    form = subject.fill({name: schema["examples"][0] for name, schema in properties.items() if "examples" in schema})
    answer = studio.send(operation, subject, data=form, files={"image": ("lighthouse.png", noise())})
    assert answer.status_code == operation.success, answer.text
    check_answer(answer, operation)
    version = answer.json()["version"]
    for name in ("prompt", "negative_prompt", "model", "intent", "source", "version_label"):
        assert version[name] == form[name]
    assert version["workflow_json"] == json.loads(form["workflow_json"])
    assert version["parent_version_id"] == subject.ids["earlier_id"]
    assert answer.json()["asset"]["name"] == form["asset_name"]


def test_the_example_of_an_answer_is_what_the_example_of_the_form_gives(studio: Studio) -> None:
    operation, subject = OPERATIONS["save_generation"], studio.subject()
    body = operation.body()
    assert body
    sent_example = subject.fill(body["examples"]["everything"]["value"]) | {"asset_name": uuid.uuid4().hex}
    got = studio.send(operation, subject, json=sent_example).json()["version"]
    shown = operation.described["responses"]["201"]["content"]["application/json"]["example"]["version"]
    same = (
        "prompt",
        "negative_prompt",
        "model",
        "seed",
        "intent",
        "source",
        "tags",
        "version_label",
        "recipe",
        "evidence",
    )
    assert {name: got[name] for name in same} == {name: shown[name] for name in same}


@pytest.mark.parametrize("seed", [0, 2**53 - 1, str(2**53), str(2**64 - 1)])
def test_the_schema_of_a_seed_tells_numbers_from_texts(studio: Studio, seed: int | str) -> None:
    saved = studio.server.saved(noise(), seed=str(seed))
    assert saved["version"]["seed"] == seed
    check_schema(saved["version"], {"$ref": "#/components/schemas/Version"})


@pytest.mark.parametrize("seed", [2**53, str(2**53 - 1)[:-1], -1, 1.5])
def test_the_schema_of_a_seed_refuses_what_no_answer_holds(seed: object) -> None:
    with pytest.raises(Exception, match="is not valid under any"):
        check_schema(seed, SCHEMAS["Version"]["properties"]["seed"])


@pytest.mark.parametrize(("name", "limit"), list(text_limits()))
def test_a_text_of_the_form_is_taken_up_to_its_limit_and_no_further(studio: Studio, name: str, limit: int) -> None:
    longest = (uuid.uuid4().hex * (limit // 32 + 1))[:limit]
    assert studio.server.save(noise(8), **{name: longest}).status_code == 201
    refused = studio.server.save(noise(8), **{name: longest + "x"})
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (413, "too_large", name)


@pytest.mark.parametrize(("name", "parameter", "schema"), list(numbers()))
def test_a_number_is_taken_within_its_range_and_not_beyond(
    studio: Studio, name: str, parameter: str, schema: Json
) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    others = {"page_size": 1} if parameter == "page" else {}

    def status(number: int) -> int:
        answer = studio.send(operation, subject, optional=False, query={**others, parameter: number})
        check_answer(answer, operation)
        return answer.status_code

    assert [status(schema["minimum"]), status(schema["maximum"])] == [200, 200]
    assert [status(schema["minimum"] - 1), status(schema["maximum"] + 1)] == [400, 400]


@pytest.mark.parametrize(("name", "parameter", "values"), list(choices()))
def test_a_parameter_takes_its_values_and_no_other(
    studio: Studio, name: str, parameter: str, values: list[object]
) -> None:
    operation, subject = OPERATIONS[name], studio.subject()
    for value in values:
        assert studio.send(operation, subject, optional=False, query={parameter: value}).status_code == 200
    other = studio.send(operation, subject, optional=False, query={parameter: "7"})
    assert (other.status_code, other.json()["field"]) == (400, parameter)
    check_answer(other, operation)


def test_an_example_of_a_picture_is_one() -> None:
    properties = SCHEMAS["JsonSave"]["properties"]
    body = OPERATIONS["save_generation"].body()
    assert body
    assert properties["image_base64"]["contentEncoding"] == "base64"
    assert base64.b64decode(body["examples"]["the_least"]["value"]["image_base64"]).startswith(b"\x89PNG")


def test_the_page_for_people_has_every_call() -> None:
    text = PAGE.read_text()
    for operation in OPERATIONS.values():
        assert f"`{operation.method} {operation.path}`" in text

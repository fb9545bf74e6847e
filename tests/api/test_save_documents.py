"""Workflow and metadata of a save: kept as they came, strict when they leave; the recipe that is named in them."""

import json
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories import picture
from server import Server

EXACT = [
    '{"cfg": 0.10, "big": 1e400, "seed": 18446744073709551615, "small": -0.0, "e": 1E+2}',
    '{"z": 1, "a": 2, "m": {"z": 1, "a": 2}}',
    '{ "spaced" :\t[ 1 ,2 ],\n\n"lines": { } }',
    '{"twice": 1, "twice": 2}',
    '{"digits": 123456789012345678901234567890.123456789012345678901234567890}',
    '{"escapes": "\\u00e9\\/\\ud83d\\ude00 \\u0000", "plain": "é😀"}',
    '{"half": "\\ud800"}',
    '{"links": ["5", 0], "none": null, "yes": true}',
]


def raw_document(answer: httpx2.Response, key: str) -> str:
    """The text of a JSON document in the first version of an answer, as it stands there."""
    _, _, rest = answer.text.partition(f'"{key}":')
    depth, quoted, escaped = 0, False, False
    for place, mark in enumerate(rest):
        if quoted:
            quoted, escaped = escaped or mark != '"', mark == "\\" and not escaped
        elif mark == '"':
            quoted = True
        else:
            depth += (mark in "{[") - (mark in "}]")
            if depth == 0:
                return rest[: place + 1]
    raise AssertionError(f"no {key} in {answer.text[:200]}")


@pytest.mark.parametrize("text", EXACT)
def test_a_workflow_comes_back_character_for_character(server: Server, text: str) -> None:
    answer = server.save(picture(), workflow_json=text)
    assert answer.status_code == 201
    assert answer.json()["warnings"] == []
    version = answer.json()["version"]["id"]
    reads = [f"versions/{version}/load", f"assets/{answer.json()['asset']['id']}", "assets"]
    answers = [answer, *(server.http.get(f"/api/v1/{path}") for path in reads)]
    assert [raw_document(one, "workflow_json") for one in answers] == [text] * 4


@pytest.mark.parametrize("text", ["", " ", "\n", "{}"])
def test_no_workflow_is_an_empty_object(server: Server, text: str) -> None:
    answer = server.save(picture(), workflow_json=text, metadata=text)
    assert raw_document(answer, "workflow_json") == "{}"
    assert raw_document(answer, "metadata") == "{}"


def test_a_byte_order_mark_is_no_part_of_a_workflow(server: Server) -> None:
    assert raw_document(server.save(picture(), workflow_json='\ufeff{"a": 1}'), "workflow_json") == '{"a": 1}'


@pytest.mark.parametrize("field", ["workflow_json", "metadata"])
def test_nan_and_infinities_are_answered_as_null_with_a_warning(server: Server, field: str) -> None:
    text = '{"a": NaN, "b": [Infinity, -Infinity, "NaN"], "c": 1.5}'
    answer = server.save(picture(), **{field: text})
    saved = answer.json()
    assert saved["version"][field] == {"a": None, "b": [None, None, "NaN"], "c": 1.5}
    assert len(saved["warnings"]) == 1
    assert saved["warnings"][0].startswith(field)
    loaded = server.http.get(f"/api/v1/versions/{saved['version']['id']}/load")
    json.loads(loaded.text, parse_constant=lambda name: pytest.fail(f"{name} in an answer"))


def test_metadata_keeps_integers_exactly_and_floats_in_value(server: Server) -> None:
    text = '{"int": 123456789012345678901234567890, "float": 0.10, "neg": -7, "deep": {"seed": 18446744073709551615}}'
    saved = server.saved(picture(), metadata=text)
    assert saved["version"]["metadata"] == json.loads(text)
    assert type(saved["version"]["metadata"]["int"]) is int
    assert saved["warnings"] == []


def test_a_number_beyond_a_double_is_null_in_metadata_with_a_warning(server: Server) -> None:
    saved = server.saved(picture(), metadata='{"a": 1e400, "b": -1e999, "c": 1e308}')
    assert saved["version"]["metadata"] == {"a": None, "b": None, "c": 1e308}
    assert len(saved["warnings"]) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=6), json_values, max_size=4), st.booleans())
def test_any_documents_come_back_equal(server: Server, value: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=1)
    saved = server.saved(picture(), workflow_json=text, metadata=text)
    finite = json.loads(text, parse_constant=lambda name: None)
    assert saved["version"]["workflow_json"] == finite
    assert saved["version"]["metadata"] == finite


def test_a_sent_field_of_the_recipe_says_where_it_came_from(server: Server) -> None:
    version = server.saved(picture(), prompt="p", negative_prompt="n", model="m", seed="5")["version"]
    assert version["recipe"] == {"prompt": "p", "negative_prompt": "n", "model": "m", "seed": 5}
    form = {"source": "client", "reader": "form"}
    assert version["evidence"] == {
        field: {**form, "at": field} for field in ("prompt", "negative_prompt", "model", "seed")
    }


@pytest.mark.parametrize(
    ("metadata", "recipe", "at"),
    [
        ({"steps": 20}, {"steps": 20}, "metadata.steps"),
        ({"steps": "20"}, {"steps": 20}, "metadata.steps"),
        ({"cfg": 7.5}, {"cfg": 7.5}, "metadata.cfg"),
        ({"sampler": "Euler a"}, {"sampler": "Euler a"}, "metadata.sampler"),
        ({"scheduler": "karras"}, {"scheduler": "karras"}, "metadata.scheduler"),
        ({"denoise": 0.5}, {"denoise": 0.5}, "metadata.denoise"),
        ({"performance": {"steps": 8}}, {"steps": 8}, "metadata.performance.steps"),
        ({"performance": {"cfg": 1}}, {"cfg": 1}, "metadata.performance.cfg"),
        ({"sampler": {"sampler_name": "euler"}}, {"sampler": "euler"}, "metadata.sampler.sampler_name"),
        ({"sampler": {"scheduler": "normal"}}, {"scheduler": "normal"}, "metadata.sampler.scheduler"),
        ({"model": {"checkpoint": "m.safetensors"}}, {"model": "m.safetensors"}, "metadata.model.checkpoint"),
    ],
)
def test_metadata_names_fields_of_the_recipe(
    server: Server, metadata: dict[str, Any], recipe: dict[str, Any], at: str
) -> None:
    version = server.saved(picture(), metadata=json.dumps(metadata))["version"]
    assert version["recipe"] == recipe
    assert version["evidence"] == {next(iter(recipe)): {"source": "client", "reader": "metadata", "at": at}}
    assert version["metadata"] == metadata


def test_a_form_field_wins_over_metadata(server: Server) -> None:
    metadata = {"model": {"checkpoint": "other"}, "steps": 5, "performance": {"steps": 9}}
    version = server.saved(picture(), model="mine", metadata=json.dumps(metadata))["version"]
    assert (version["model"], version["recipe"]["model"], version["recipe"]["steps"]) == ("mine", "mine", 5)
    assert version["evidence"]["model"]["reader"] == "form"


def test_without_a_sent_model_the_versions_is_the_recipes(server: Server) -> None:
    version = server.saved(picture(), metadata='{"model": {"checkpoint": "dream.safetensors"}}')["version"]
    assert version["model"] == version["recipe"]["model"] == "dream.safetensors"
    assert server.get("/api/v1/assets", search="dream")["pagination"]["total"] == 1


@pytest.mark.parametrize(
    "metadata",
    [
        {"steps": "many"},
        {"steps": -1},
        {"steps": 2.5},
        {"steps": True},
        {"steps": [20]},
        {"steps": 2**80},
        {"cfg": "x" * 100},
        {"sampler": 5},
        {"sampler": ""},
        {"sampler": ["5", 0]},
        {"performance": [1]},
        {"model": "text"},
        {"model": {"checkpoint": None}},
        {"denoise": None},
    ],
)
def test_what_can_not_be_read_is_left_out_of_the_recipe(server: Server, metadata: dict[str, Any]) -> None:
    version = server.saved(picture(), metadata=json.dumps(metadata))["version"]
    assert (version["recipe"], version["evidence"]) == ({}, {})
    assert version["metadata"] == metadata

"""Every error code of the source is described, with its status, to programs and to people."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import genasset
from described import OPERATIONS, SCHEMAS
from genasset import errors
from genasset.api.answers import ROUTING
from genasset.api.openapi.codes import CODES

SOURCE = Path(genasset.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "http-api.md"
NOT_OVER_HTTP = {"client.py"}
"""The client's own errors are no answers of the server."""


def codes_in_source() -> Iterator[tuple[str, int | None]]:
    """Every code that the source gives an error, with the status of the error's kind where it says one."""
    for path in SOURCE.rglob("*.py"):
        if path.name in NOT_OVER_HTTP:
            continue
        tree = ast.parse(path.read_text())
        constants = {
            node.targets[0].id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            yield from _codes_of_call(call, constants)


def _codes_of_call(call: ast.Call, constants: dict[str, Any]) -> Iterator[tuple[str, int | None]]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    if name == "ErrorAnswer":
        given += call.args[1:2]
    kind = getattr(errors, name, None)
    for value in given:
        code = value.value if isinstance(value, ast.Constant) else constants.get(ast.unparse(value))
        if isinstance(code, str):
            yield code, kind.status if kind else None


def kinds(kind: type[errors.GenAssetError] = errors.GenAssetError) -> Iterator[type[errors.GenAssetError]]:
    """All kinds of error."""
    yield kind
    for narrower in kind.__subclasses__():
        if narrower.__module__ == errors.__name__:
            yield from kinds(narrower)


def test_every_code_in_the_source_is_described_with_its_status() -> None:
    found = set(codes_in_source())
    assert len(found) > 20
    found |= {(kind.code, kind.status) for kind in kinds()}
    found |= {(code, status) for status, (code, _sentence) in ROUTING.items()}
    for code, status in found:
        assert code in CODES, f"{code} is not described"
        assert status in (CODES[code].status, None), f"{code} is answered with {status}"
    assert {code for code, _status in found} == set(CODES), "a code is described that the source does not know"


def test_the_document_and_the_page_for_people_list_every_code() -> None:
    text = PAGE.read_text()
    assert SCHEMAS["ErrorCode"]["enum"] == list(CODES)
    for code, known in CODES.items():
        assert f"| `{code}` | {known.status} |" in text


def test_a_call_describes_each_code_under_its_own_status() -> None:
    for operation in OPERATIONS.values():
        for status, response in operation.described["responses"].items():
            if int(status) >= 400:
                schema = response["content"]["application/json"]["schema"]
                listed = schema["allOf"][1]["properties"]["code"]["enum"]
                assert listed
                assert {CODES[code].status for code in listed} == {int(status)}
                assert set(response["content"]["application/json"]["examples"]) == set(listed)

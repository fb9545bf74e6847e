"""The building blocks of an operation: parameters, bodies, answers and errors."""

from collections.abc import Iterable, Sequence
from typing import Any

from litestar.handlers import HTTPRouteHandler
from msgspec import UNSET, to_builtins

from genasset.api.openapi.codes import CODES, of_status
from genasset.api.openapi.schemas import Json, reference
from genasset.shapes import ErrorAnswer

REQUEST_ID = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
ETAG = {"ETag": {"$ref": "#/components/headers/ETag"}}

ANYWHERE = ("host_not_allowed", "internal_error")
"""What every call may answer but the two that say how the server is."""
WITH_TOKEN = ("no_token", "unauthorized", "token_expired", "unavailable")
WITH_BODY = ("invalid_field", "upload_stalled", "too_large", "wrong_content_type")
WITH_CHANGE = ("missing_scope", "storage_full")

MEANINGS = {
    400: "The request says something that can't be taken.",
    401: "There is no token, or none that is known and still good.",
    403: "The token or the signature does not allow it.",
    404: "There is no such thing in the token's workspace.",
    408: "The body stopped coming.",
    409: "It conflicts with what is stored.",
    412: "The If-Match of the request is not the thing's ETag.",
    413: "A limit is passed; the sentence names it.",
    415: "The body is of a wrong type.",
    416: "The range lies outside the file.",
    500: "Something went wrong on the server.",
    503: "A store does not answer now.",
    507: "There is no room left to store what was sent.",
}

SERVER_ERROR = 500

PATH_PARAMETERS = {
    "asset_id": "The asset's id.",
    "version_id": "The version's id.",
    "artifact_id": "The input picture's id.",
    "token_id": "The token's id.",
    "filename": "What the file is called when it is saved; any name will do.",
}


def operation(
    handler: HTTPRouteHandler,
    tag: str,
    text: str,
    *,
    scope: str | None,
    answers: Json,
    codes: Iterable[str],
    parameters: Sequence[Json] = (),
    body: Json | None = None,
) -> Json:
    """What a handler does, under its own path and method. `scope` is the token's; None for a call without a token."""
    (path,), (method,) = handler.paths, handler.http_methods
    described: Json = {
        "operationId": handler.fn.__name__,
        "tags": [tag],
        "summary": (handler.fn.__doc__ or "").partition("\n")[0].rstrip("."),
        "description": f"{text}\n\nNeeds a token with the scope `{scope}`." if scope else f"{text}\n\nNeeds no token.",
        "security": [{"token": [scope]}] if scope else [],
        "parameters": [*_path_parameters(handler), *parameters],
        "responses": {**answers, **errors(frozenset(codes))},
    }
    if body:
        described["requestBody"] = body
    return {path.replace(":str}", "}"): {method.lower(): described}}


def query(name: str, text: str, schema: Json, example: Any = None, *, required: bool = False) -> Json:
    """A query parameter."""
    # In the schema, for Swagger UI would send an `example` beside it, unasked.
    shown = schema if example is None else {**schema, "examples": [example]}
    return {"name": name, "in": "query", "required": required, "description": text, "schema": shown}


def flag(name: str, text: str, *, default: str = "0") -> Json:
    """A query parameter that says yes or no."""
    schema = {"type": "string", "enum": ["1", "0", "true", "false", "yes", "no"], "default": default}
    return query(name, text, schema, "0" if default == "1" else "1")


def header(name: str, text: str, schema: Json, example: str) -> Json:
    """A request header."""
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": text,
        "schema": {"type": "string", **schema, "examples": [example]},
    }


def if_match() -> Json:
    """The header that makes a change depend on what its client has seen."""
    text = "ETags of the thing; 412 when it is at none of them. Without it the last write wins."
    return header("If-Match", text, {}, '"019a5b1c-7d2e-7c3a-9f10-2b6d5e8a4c71.2"')


def json_body(schema: str, examples: Json, text: str = "") -> Json:
    """A request body of a JSON object of the named schema. `examples`: name → value."""
    return {"required": True, "description": text, "content": json_content(schema, examples)}


def json_content(schema: str, examples: Json) -> Json:
    """JSON of the named schema. `examples`: name → value."""
    shown = {name.replace(" ", "_"): {"summary": name, "value": value} for name, value in examples.items()}
    return {"application/json": {"schema": reference(schema), "examples": shown}}


def json_answer(text: str, schema: str, example: Json, *, status: int = 200, etag: bool = False) -> Json:
    """An answer of a JSON object of the named schema, under its status."""
    content = {"application/json": {"schema": reference(schema), "example": example}}
    return {str(status): {"description": text, "headers": REQUEST_ID | (ETAG if etag else {}), "content": content}}


def errors(codes: frozenset[str]) -> Json:
    """The error answers that have these codes, by status."""
    return {str(status): _error(status, of_status(codes, status)) for status in MEANINGS if of_status(codes, status)}


def _error(status: int, codes: Sequence[str]) -> Json:
    lines = [f"- `{code}`: {CODES[code].remedy}" for code in codes]
    schema = {"allOf": [reference("ErrorAnswer"), {"properties": {"code": {"enum": list(codes)}}}]}
    examples = {code: {"summary": code, "value": _example(code)} for code in codes}
    return {
        "description": "\n".join([MEANINGS[status], "", *lines]),
        "headers": REQUEST_ID | _error_headers(status),
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }


def _error_headers(status: int) -> Json:
    names = {401: "WWW-Authenticate", 416: "Content-Range", 503: "Retry-After"}
    return {names[status]: {"$ref": f"#/components/headers/{names[status]}"}} if status in names else {}


def _example(code: str) -> Json:
    known = CODES[code]
    shown = ErrorAnswer(known.sentence, code, known.field or UNSET)
    if known.status >= SERVER_ERROR:
        shown.request_id = "6f1c0e5d9b8a4c7fb2d3a1e4f5968778"
    example: Json = to_builtins(shown)
    return example


def _path_parameters(handler: HTTPRouteHandler) -> list[Json]:
    (path,) = handler.paths
    names = [part[1:].partition(":")[0] for part in path.split("/") if part.startswith("{")]
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def path_parameters() -> Json:
    """The parameters that stand in paths, by name."""
    uuid = {"type": "string", "format": "uuid"}
    return {
        name: {
            "name": name,
            "in": "path",
            "required": True,
            "description": text,
            "schema": {"type": "string"} if name == "filename" else uuid,
        }
        for name, text in PATH_PARAMETERS.items()
    }

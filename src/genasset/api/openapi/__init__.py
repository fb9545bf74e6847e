"""The API's own description: a document of the OpenAPI Specification 3.1.0.

Paths, methods and names come from the handlers, answers from the shapes of `shapes.py`, limits from
the settings; what no code can tell is written here, and tests/api/test_openapi.py holds it to what
the server really does.
"""

from functools import lru_cache
from importlib.metadata import version
from urllib.parse import urlsplit

import msgspec

from genasset.api.openapi import assets, files, save, server, versions, workspace
from genasset.api.openapi.operation import path_parameters
from genasset.api.openapi.requests import request_schemas
from genasset.api.openapi.schemas import Json, answer_schemas
from genasset.settings import Settings

ABOUT = """Keeps each generated picture together with its full recipe, as an asset with immutable, numbered versions.

- Send your token as `Authorization: Bearer ga_…`. Ids of another workspace answer as unknown ones do: 404. The scope \
`admin` includes `write`, which includes `read`; each call names the one it needs.
- Every answer is a JSON object, errors too: `{"error": "<a sentence>", "code": "<snake_case>"}`, with `field` where \
one is meant and `request_id` with a 5xx. Programs look at `code`, people read `error`.
- Ids are lower-case UUIDs, times RFC 3339 in UTC. Seeds go up to 2^64-1: numbers up to 2^53-1, decimal strings above.
- Unknown query parameters and fields are ignored; empty texts mean 'not given'.
- NaN and Infinity in sent JSON are stored as null. Every GET answers HEAD too. An unknown address answers 404 \
`not_found`, a method that an address does not take 405 `method_not_allowed`.
- URLs of pictures are signed: they need no header and expire."""

TAGS = {
    "Saving": "A picture and its recipe become a version.",
    "Assets": "Named things with numbered versions.",
    "Versions": "Immutable results with their recipes.",
    "Files": "Pictures by signed URL.",
    "Workspace": "What the token opens.",
    "Tokens": "Who may do what; for tokens with the scope `admin`.",
    "Server": "How the server is, and what it can do.",
}

HEADERS = {
    "X-Request-Id": "Names this request in the server's log.",
    "ETag": "What `If-Match` and `If-None-Match` take (RFC 9110).",
    "WWW-Authenticate": "Always `Bearer` (RFC 6750).",
    "Retry-After": "Seconds after which the same request may work.",
    "Content-Range": "Which bytes of how many (RFC 9110).",
    "Accept-Ranges": "Always `bytes`.",
    "Cache-Control": "A file never changes: it may be kept for a year.",
    "Content-Disposition": "The file's name, made safe.",
}


def document(settings: Settings) -> Json:
    """The description of a server with these settings."""
    paths: Json = {}
    for operation in _operations(settings):
        for path, methods in operation.items():
            paths.setdefault(path, {}).update(methods)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "GenAsset",
            "version": version("genasset"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": urlsplit(settings.public_url).path.rstrip("/") or "/"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": _components(settings),
    }


@lru_cache(maxsize=1)
def document_bytes(settings: Settings) -> bytes:
    """`document` as JSON, made once."""
    return msgspec.json.encode(document(settings))


def _operations(settings: Settings) -> list[Json]:
    return [
        *save.operations(settings),
        *assets.operations(settings),
        *versions.operations(),
        *files.operations(),
        *workspace.operations(),
        *server.operations(),
    ]


def _components(settings: Settings) -> Json:
    text = "A token made by `POST /api/v1/tokens` or `genasset token create`."
    return {
        "schemas": {**answer_schemas(), **request_schemas(settings)},
        "parameters": path_parameters(),
        "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "ga_…", "description": text}},
    }

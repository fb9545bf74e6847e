"""How the server is, and this document itself, described."""

from genasset import shapes
from genasset.api import docs, health
from genasset.api.openapi.examples import shown
from genasset.api.openapi.operation import ETAG, REQUEST_ID, header, json_answer, operation
from genasset.api.openapi.schemas import Json


def operations() -> list[Json]:
    """The calls of those who watch the server, and of those who read what it can do."""
    return [_alive(), _ready(), _description()]


def _alive() -> Json:
    return operation(
        health.alive,
        "Server",
        "200 while the process lives, whatever the Host header says.",
        scope=None,
        answers=json_answer("It lives.", "Health", shown(shapes.Health("ok"))),
        codes=(),
    )


def _ready() -> Json:
    return operation(
        health.ready,
        "Server",
        "200 when the database and the blob store answer, else 503; whatever the Host header says.",
        scope=None,
        answers=json_answer("The stores answer.", "Health", shown(shapes.Health("ready"))),
        codes=("unavailable", "internal_error"),
    )


def _description() -> Json:
    known = header("If-None-Match", "The ETag of a copy at hand; 304 when it is still good.", {}, '"11261b79bc546511"')
    return operation(
        docs.openapi_json,
        "Server",
        "Limits in it are those of this server.",
        scope=None,
        parameters=[known],
        answers={
            "200": {
                "description": "This document.",
                "headers": REQUEST_ID | ETAG,
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            "304": {"description": "The copy at hand is still good.", "headers": REQUEST_ID | ETAG},
        },
        codes=("host_not_allowed", "internal_error"),
    )

"""The HTTP API (docs/http-api.md): a handler turns a request into one verb call and its result into an answer."""

PREFIX = "/api/v1"

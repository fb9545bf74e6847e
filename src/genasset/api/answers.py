"""Answers: shapes as JSON, entity tags, and errors as one sentence each."""

import logging
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import UNSET, Struct

from genasset.api.transport import REQUEST_ID, Send
from genasset.assets.edit import Revision
from genasset.errors import GenAssetError, RangeNotSatisfiable, Unauthorized
from genasset.shapes import ErrorAnswer
from genasset.wire import encode

AnyRequest = Request[Any, Any, Any]

log = logging.getLogger("genasset.http")

ROUTING = {
    404: ("not_found", "There is nothing at this address; see /docs for what the API answers to."),
    405: ("method_not_allowed", "This address does not take this method; see /docs for those it takes."),
    413: ("too_large", "The body is larger than this address takes."),
    400: ("bad_request", "The request can't be understood; check its address and headers."),
}


class ClientGone(Exception):
    """The client hung up before it had sent its request."""


class JsonResponse(Response[bytes]):
    """JSON that lies ready, sent as it is.

    The framework's own way to the same two messages goes through serializers, cookies and header objects; that takes
    as long as a whole load does here.
    """

    def __init__(self, content: bytes, status: int, headers: Mapping[str, str]) -> None:
        self.content = content
        self.status_code = status
        self.headers = dict(headers)

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """It sends itself."""
        return self

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:  # noqa: ARG002 - called by these names
        """The answer is sent."""
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(self.content)).encode()),
            *((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()),
        ]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.content})


def answer(shape: Struct, status: int = 200, headers: Mapping[str, str] | None = None) -> JsonResponse:
    """A shape as the JSON answer."""
    return JsonResponse(encode(shape), status, headers or {})


def etag(thing_id: str, revision: int) -> dict[str, str]:
    """The ETag header (RFC 9110) of an asset or version."""
    return {"ETag": f'"{thing_id}.{revision}"'}


def if_match(request: AnyRequest) -> Revision | None:
    """What the request's If-Match demands of the thing it changes; None when it demands nothing."""
    header = request.headers.get("if-match")
    if not header:
        return None
    tags = {tag.strip() for tag in header.split(",")}
    return lambda thing_id, revision: "*" in tags or etag(thing_id, revision)["ETag"] in tags


def is_known(request: AnyRequest, tag: str) -> bool:
    """Whether the request's If-None-Match (RFC 9110) says that the client has what the ETag stands for."""
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    return tag in known or "*" in known


def known_error(request: AnyRequest, error: GenAssetError) -> JsonResponse:
    """An error of ours as its sentence, code and status."""
    shape = ErrorAnswer(str(error), error.code, error.field or UNSET)
    if error.status >= 500:
        shape.request_id = request.scope[REQUEST_ID]  # type: ignore[literal-required]
        log.error("%s: %s request=%s", error.code, error, shape.request_id)
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthorized) else {}
    if isinstance(error, RangeNotSatisfiable):
        headers["Content-Range"] = f"bytes */{error.size}"
    if error.status == 503:
        headers["Retry-After"] = "2"
    return answer(shape, error.status, headers)


def routing_error(_request: AnyRequest, error: HTTPException) -> JsonResponse:
    """What the framework refuses before a handler runs."""
    code, sentence = ROUTING.get(error.status_code, ("bad_request", str(error.detail)))
    return answer(ErrorAnswer(sentence, code), error.status_code, error.headers)


def client_gone(request: AnyRequest, _error: ClientGone) -> JsonResponse:
    """Nobody is there to read it; the log says what happened."""
    log.info("client hung up while sending %s %r", request.method, request.scope["path"])
    return answer(ErrorAnswer("The client hung up before it had sent its request.", "client_gone"), 400)


async def never_empty(response: Response[Any]) -> Response[Any]:
    """The framework answers OPTIONS with nothing (204); here every answer has an object.

    It is async because the framework runs a plain function in a thread, once more for every request.
    """
    if response.status_code != 204:
        return response
    return Response(b"{}", status_code=200, media_type="application/json", headers=response.headers)


def last_resort(request: AnyRequest, error: Exception) -> JsonResponse:
    """Anything that nobody foresaw: logged whole, told without internals."""
    request_id = request.scope[REQUEST_ID]  # type: ignore[literal-required]
    log.error("unforeseen error request=%s", request_id, exc_info=error)
    sentence = "Something went wrong on the server; its log has the details under this request_id."
    return answer(ErrorAnswer(sentence, "internal_error", request_id=request_id), 500)

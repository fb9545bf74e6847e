"""The API's own description, as a document for programs and as a page for people that needs no internet."""

import hashlib
import re
from functools import lru_cache
from html import escape
from importlib.resources import files
from urllib.parse import urlsplit

from litestar import Response, get

from genasset.api.answers import AnyRequest, is_known
from genasset.api.auth import library_of
from genasset.errors import NotFound
from genasset.settings import Settings

STATIC = files("genasset.api").joinpath("static")
JAVASCRIPT, STYLES, TEXT = "text/javascript", "text/css", "text/plain"
FILES = {
    "docs.js": ("docs.js", JAVASCRIPT),
    "swagger-ui-bundle.js": ("swagger-ui/swagger-ui-bundle.js", JAVASCRIPT),
    "swagger-ui.css": ("swagger-ui/swagger-ui.css", STYLES),
    "swagger-ui-bundle.js.LICENSE.txt": ("swagger-ui/swagger-ui-bundle.js.LICENSE.txt", TEXT),
    "LICENSE": ("swagger-ui/LICENSE", TEXT),
    "NOTICE": ("swagger-ui/NOTICE", TEXT),
}
"""All that there is under /docs/: name → path in the folder of static files, media type."""

# Swagger UI's own icons are data: URLs; a picture that the page fetched is shown as a blob: URL.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
UNCHANGED_FOR_A_YEAR = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


@get("/openapi.json", sync_to_thread=True)
def openapi_json(request: AnyRequest) -> Response[bytes]:
    """Show the OpenAPI 3.1 document."""
    # Made at the first look, so that the server's start does not pay for it.
    from genasset.api.openapi import document_bytes

    return _cached(request, document_bytes(library_of(request).settings), "application/json", ASK_AGAIN)


@get("/docs", sync_to_thread=True)
def docs_page(request: AnyRequest) -> Response[bytes]:
    """Show the reference as a page."""
    answer = _cached(request, _page(library_of(request).settings), "text/html", ASK_AGAIN)
    answer.headers.update({"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"})
    return answer


@get("/docs/{name:str}", sync_to_thread=True)
def docs_file(request: AnyRequest, name: str) -> Response[bytes]:
    """Give a file of the page."""
    if name not in FILES:
        raise NotFound("There is no such file of the reference page; see /docs.")
    right_version = request.query_params.get("v") == _digest(_content(name))
    return _cached(request, _content(name), FILES[name][1], UNCHANGED_FOR_A_YEAR if right_version else ASK_AGAIN)


def _cached(request: AnyRequest, content: bytes, media_type: str, keep: str) -> Response[bytes]:
    """The content with its ETag, or 304 (RFC 9110) for a client that has it."""
    headers = {"ETag": f'"{_digest(content)}"', "Cache-Control": keep}
    if is_known(request, headers["ETag"]):
        return Response(b"", status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


@lru_cache(maxsize=1)
def _page(settings: Settings) -> bytes:
    """The page, its references under the public URL's path and with the version of what they name."""
    root = urlsplit(settings.public_url).path.rstrip("/")
    places = {name: f"{root}/docs/{name}?v={_digest(_content(name))}" for name in FILES}
    places["openapi.json"] = f"{root}/openapi.json"
    page = STATIC.joinpath("docs.html").read_text("utf-8")
    return re.sub(r"\$\{([^}]+)\}", lambda place: escape(places[place[1]]), page).encode()


@lru_cache(maxsize=len(FILES))
def _content(name: str) -> bytes:
    return STATIC.joinpath(FILES[name][0]).read_bytes()


@lru_cache(maxsize=2 * len(FILES))
def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]

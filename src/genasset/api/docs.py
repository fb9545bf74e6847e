"""The API's own description."""

from litestar import Response, get


@get("/openapi.json", sync_to_thread=False)
def openapi_json() -> Response[bytes]:
    """The OpenAPI 3.1 document."""
    return Response(b"{}", media_type="application/json")


@get("/docs", sync_to_thread=False)
def docs_page() -> Response[bytes]:
    """A page."""
    return Response(b"", media_type="text/html")


@get("/docs/{name:str}", sync_to_thread=False)
def docs_file(name: str) -> Response[bytes]:
    """A file of the page."""
    return Response(name.encode(), media_type="text/plain")

"""Whether the server lives and its stores answer, for those who watch it."""

from litestar import get

from genasset.api.answers import AnyRequest, JsonResponse, answer
from genasset.api.auth import library_of
from genasset.errors import Unavailable
from genasset.shapes import Health


@get("/healthz")
async def alive() -> JsonResponse:
    """The process lives."""
    return answer(Health("ok"))


@get("/readyz", sync_to_thread=True)
def ready(request: AnyRequest) -> JsonResponse:
    """The stores answer."""
    library = library_of(request)
    library.db.check()
    try:
        library.blobs.check()
    except OSError as error:
        raise Unavailable("The blob store does not answer.") from error
    return answer(Health("ready"))

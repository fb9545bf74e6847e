"""Versions over HTTP: loaded, labelled, rated, patched, moved to the trash."""

from typing import Any

from litestar import delete, get, patch
from litestar.concurrency import sync_to_thread

from genasset import wire
from genasset.api import PREFIX
from genasset.api.answers import AnyRequest, JsonResponse, answer, etag, if_match
from genasset.api.auth import caller_of, library_of, links_of
from genasset.api.bodies import read_object, text_in
from genasset.assets.edit import UNSET, Unset, edit_version, patch_metadata, trash_version
from genasset.assets.read import load
from genasset.errors import Invalid
from genasset.shapes import Deleted, LoadAnswer, VersionAnswer


@get(f"{PREFIX}/versions/{{version_id:str}}/load", sync_to_thread=True)
def load_version(request: AnyRequest, version_id: str) -> JsonResponse:
    """All that is needed to run a version again."""
    caller = caller_of(request, "read")
    asset, version = load(library_of(request), caller, version_id.lower())
    links = links_of(request)
    shape = wire.version(version, links)
    current = shape if asset.current is version else None
    return answer(LoadAnswer(wire.asset(asset, links, current), shape), headers=etag(version.id, version.revision))


@patch(f"{PREFIX}/versions/{{version_id:str}}")
async def change_version(request: AnyRequest, version_id: str) -> JsonResponse:
    """Label or rate a version."""
    library = library_of(request)
    caller = await sync_to_thread(caller_of, request, "write")
    body, warnings = await read_object(request, library)
    label = text_in(body, "version_label") if "version_label" in body else UNSET
    version = await sync_to_thread(
        edit_version,
        library,
        caller,
        version_id.lower(),
        label=label,
        rating=_rating(body),
        seen=if_match(request),
    )
    shape = VersionAnswer(wire.version(version, links_of(request)), warnings)
    return answer(shape, headers=etag(version.id, version.revision))


@patch(f"{PREFIX}/versions/{{version_id:str}}/metadata")
async def change_metadata(request: AnyRequest, version_id: str) -> JsonResponse:
    """Merge a patch into a version's metadata."""
    library = library_of(request)
    caller = await sync_to_thread(caller_of, request, "write")
    body, warnings = await read_object(request, library)
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        raise Invalid('metadata must be a JSON object: send {"metadata": {…}}.', field="metadata")
    version = await sync_to_thread(patch_metadata, library, caller, version_id.lower(), metadata, if_match(request))
    shape = VersionAnswer(wire.version(version, links_of(request)), warnings)
    return answer(shape, headers=etag(version.id, version.revision))


@delete(f"{PREFIX}/versions/{{version_id:str}}", status_code=200, sync_to_thread=True)
def delete_version(request: AnyRequest, version_id: str) -> JsonResponse:
    """Move the version to the trash."""
    caller = caller_of(request, "write")
    trash_version(library_of(request), caller, version_id.lower(), if_match(request))
    return answer(Deleted(True, version_id.lower()))


def _rating(body: dict[str, Any]) -> int | Unset | None:
    if "rating" not in body:
        return UNSET
    rating = body["rating"]
    if rating is not None and (isinstance(rating, bool) or not isinstance(rating, int)):
        raise Invalid("rating must be a whole number from 0 to 5, or null.", field="rating")
    return rating

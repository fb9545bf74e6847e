"""Assets over HTTP: listed, shown, edited, moved to the trash."""

from litestar import delete, get, patch
from litestar.concurrency import sync_to_thread

from genasset import wire
from genasset.api import PREFIX, parameters
from genasset.api.answers import AnyRequest, JsonResponse, answer, etag, if_match
from genasset.api.auth import caller_of, library_of, links_of
from genasset.api.bodies import read_object, text_in, texts_in
from genasset.assets.edit import AssetEdit, edit_asset, trash_asset
from genasset.assets.read import show
from genasset.assets.search import AssetList, find
from genasset.shapes import Asset as AssetShape
from genasset.shapes import AssetAnswer, AssetDetail, Deleted, Pagination
from genasset.shapes import AssetList as AssetListShape

PAGE_SIZE = 24
VERSIONS_LIMIT = 200


@get(f"{PREFIX}/assets", sync_to_thread=True)
def list_assets(request: AnyRequest) -> JsonResponse:
    """One page of assets, most recently updated first."""
    caller, library = caller_of(request, "read"), library_of(request)
    page_size = parameters.whole(request, "page_size", PAGE_SIZE, least=1, most=library.settings.page_size_limit)
    reach = library.settings.page_reach // page_size + 1
    page = parameters.whole(request, "page", 1, least=1, most=reach)
    found = find(
        library,
        caller,
        search=parameters.text(request, "search"),
        page=page,
        page_size=page_size,
        cursor=parameters.text(request, "cursor") or None,
        lite=bool(parameters.flag(request, "lite")),
    )
    links = links_of(request)
    shapes = [wire.asset(one, links) for one in found.assets]
    return answer(AssetListShape(shapes, _pagination(found, page, page_size)))


@get(f"{PREFIX}/assets/{{asset_id:str}}", sync_to_thread=True)
def show_asset(request: AnyRequest, asset_id: str) -> JsonResponse:
    """An asset with its versions, highest number first."""
    caller, library = caller_of(request, "read"), library_of(request)
    page = show(
        library,
        caller,
        asset_id.lower(),
        limit=parameters.whole(request, "versions_limit", VERSIONS_LIMIT, least=1, most=VERSIONS_LIMIT),
        cursor=parameters.text(request, "versions_cursor") or None,
        lite=bool(parameters.flag(request, "lite")),
    )
    links = links_of(request)
    sign = parameters.flag(request, "signed_artifacts") is not False
    versions = [wire.version(one, links, sign_artifacts=sign) for one in page.versions]
    shape = AssetDetail(wire.asset(page.asset, links), versions, page.asset.version_count, page.next_cursor)
    return answer(shape, headers=etag(page.asset.id, page.asset.revision))


@patch(f"{PREFIX}/assets/{{asset_id:str}}")
async def change_asset(request: AnyRequest, asset_id: str) -> JsonResponse:
    """Rename, tag, annotate or promote."""
    library = library_of(request)
    caller = await sync_to_thread(caller_of, request, "write")
    body, warnings = await read_object(request, library)
    edit = AssetEdit(
        name=text_in(body, "name"),
        tags=texts_in(body, "tags"),
        notes_md=text_in(body, "notes_md"),
        current_version_id=text_in(body, "current_version_id"),
    )
    asset = await sync_to_thread(edit_asset, library, caller, asset_id.lower(), edit, if_match(request))
    shape: AssetShape = wire.asset(asset, links_of(request))
    return answer(AssetAnswer(shape, warnings), headers=etag(asset.id, asset.revision))


@delete(f"{PREFIX}/assets/{{asset_id:str}}", status_code=200, sync_to_thread=True)
def delete_asset(request: AnyRequest, asset_id: str) -> JsonResponse:
    """Move the asset to the trash."""
    caller = caller_of(request, "write")
    trash_asset(library_of(request), caller, asset_id.lower(), if_match(request))
    return answer(Deleted(True, asset_id.lower()))


def _pagination(found: AssetList, page: int, page_size: int) -> Pagination:
    pagination = Pagination(
        page=page,
        page_size=page_size,
        total=found.total,
        total_pages=-(-found.total // page_size),
        has_more=found.has_more,
        next_cursor=found.next_cursor,
    )
    if found.capped:
        pagination.total_capped = True
    return pagination

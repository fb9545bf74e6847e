"""Assets, described."""

from genasset import shapes
from genasset.api import assets
from genasset.api.openapi.examples import ASSET_ID, CURSOR, EARLIER_ID, asset_shape, shown, version_shape
from genasset.api.openapi.operation import (
    ANYWHERE,
    WITH_BODY,
    WITH_CHANGE,
    WITH_TOKEN,
    flag,
    if_match,
    json_answer,
    json_body,
    operation,
    query,
)
from genasset.api.openapi.schemas import Json
from genasset.settings import Settings

LITE = flag("lite", "Leave out `workflow_json`, `metadata` and `evidence`.")


def operations(settings: Settings) -> list[Json]:
    """The calls on assets."""
    return [_list_assets(settings), _show_asset(), _change_asset(), _delete_asset()]


def _list_assets(settings: Settings) -> Json:
    pages = shapes.Pagination(1, assets.PAGE_SIZE, 60, 3, True, CURSOR)
    example = shown(shapes.AssetList([asset_shape(with_current=True)], pages))
    return operation(
        assets.list_assets,
        "Assets",
        "Each asset has its whole current version. In an answer that would grow too large, later rows carry "
        "`workflow_json: null, workflow_omitted: true`; load has it.",
        scope="read",
        parameters=_list_parameters(settings),
        answers=json_answer("A page of assets.", "AssetList", example),
        codes=(*ANYWHERE, *WITH_TOKEN, "invalid_field", "bad_cursor"),
    )


def _list_parameters(settings: Settings) -> list[Json]:
    reach = f"Pages may skip {settings.page_reach:,} assets; cursors go deeper, at no cost."
    words = (
        "Words that must all be found in one asset: in its name, tags, notes, or the prompts and models of its "
        f"versions, taken together. Case and accents do not count. At most {settings.search_limit} bytes."
    )
    most = settings.page_reach + 1
    sizes = {"type": "integer", "minimum": 1, "maximum": settings.page_size_limit, "default": assets.PAGE_SIZE}
    return [
        query("search", words, {"type": "string"}, "lighthouse dawn"),
        query("page", reach, {"type": "integer", "minimum": 1, "maximum": most, "default": 1}, 1),
        query("page_size", "Assets of a page.", sizes, 24),
        query("cursor", "`next_cursor` of the page before, with the same search; it wins over `page`.", _TEXT, CURSOR),
        LITE,
    ]


def _show_asset() -> Json:
    detail = shapes.AssetDetail(asset_shape(), [version_shape()], 2, CURSOR)
    most = assets.VERSIONS_LIMIT
    sizes = {"type": "integer", "minimum": 1, "maximum": most, "default": most}
    return operation(
        assets.show_asset,
        "Assets",
        "The newest versions come first; the first answer always has the current one, wherever it stands.",
        scope="read",
        parameters=[
            query("versions_limit", "Versions of an answer.", sizes, 50),
            query("versions_cursor", "`next_cursor` of the answer before.", _TEXT, CURSOR),
            flag("signed_artifacts", "0 leaves out the signed URLs of input pictures.", default="1"),
            LITE,
        ],
        answers=json_answer("The asset and its versions.", "AssetDetail", shown(detail), etag=True),
        codes=(*ANYWHERE, *WITH_TOKEN, "invalid_field", "bad_cursor", "asset_not_found"),
    )


def _change_asset() -> Json:
    bodies: Json = {
        "rename": {"name": "Lighthouse at dawn"},
        "tag and annotate": {"tags": ["sea", "cover"], "notes_md": "Chosen for the **cover**."},
        "promote a version": {"current_version_id": EARLIER_ID},
    }
    example = shapes.AssetAnswer(asset_shape(name="Lighthouse at dawn", slug="lighthouse-at-dawn"), [])
    return operation(
        assets.change_asset,
        "Assets",
        "Rename, tag, annotate, or promote a version to be the current one; several at once are one change.",
        scope="write",
        parameters=[if_match()],
        body=json_body("AssetEdit", bodies),
        answers=json_answer("The asset as it is now.", "AssetAnswer", shown(example), etag=True),
        codes=(*ANYWHERE, *WITH_TOKEN, *WITH_BODY, *WITH_CHANGE, *_GONE, "version_not_found", "name_taken"),
    )


def _delete_asset() -> Json:
    return operation(
        assets.delete_asset,
        "Assets",
        "Lists, search, counts, names and signed URLs know nothing of it from then on.",
        scope="write",
        parameters=[if_match()],
        answers=json_answer("The asset is in the trash.", "Deleted", shown(shapes.Deleted(True, ASSET_ID))),
        codes=(*ANYWHERE, *WITH_TOKEN, *WITH_CHANGE, *_GONE),
    )


_TEXT: Json = {"type": "string"}
_GONE = ("asset_not_found", "precondition_failed")

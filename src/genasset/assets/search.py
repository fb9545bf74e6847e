"""Lists of assets: all of a workspace or those that a search finds, most recently updated first."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Select, func, select

from genasset.assets.cursor import read_cursor, write_cursor
from genasset.assets.rows import (
    ASSET_COLUMNS,
    VERSION_COLUMNS,
    VERSIONS,
    AnyRow,
    asset_of,
    read_documents,
    read_inputs,
    version_of,
)
from genasset.assets.words import query_words, workspace_word
from genasset.db.tables import assets, versions
from genasset.errors import Invalid
from genasset.library import Library
from genasset.model import Asset, Caller


class AssetList(Struct, frozen=True):
    """A page of a list. `total` is exact unless `capped`."""

    assets: tuple[Asset, ...]
    total: int
    capped: bool
    has_more: bool
    next_cursor: str | None


def find(
    library: Library,
    caller: Caller,
    *,
    search: str = "",
    page: int = 1,
    page_size: int = 24,
    cursor: str | None = None,
    lite: bool = False,
) -> AssetList:
    """The assets that have every word of `search`, each with its whole current version.

    A cursor wins over `page`. Raises Invalid for a cursor that is not of this list or a page out of reach.
    """
    if len(search.encode("utf-8", "replace")) > library.settings.search_limit:
        limit = library.settings.search_limit
        raise Invalid(f"search is longer than {limit} bytes; use fewer words.", field="search")
    hits = _hits(library, caller.workspace_id, query_words(search))
    position = hits.selected_columns[0]
    positions = hits.order_by(position.desc()).limit(page_size + 1)
    owner = f"{caller.workspace_id}\n{search}"
    if cursor:
        positions = positions.where(position < read_cursor(library, "assets", owner, cursor))
    else:
        positions = positions.offset(_offset(library, page, page_size))
    with library.db.read() as tx:
        rows = tx.execute(_rows_at(positions)).all()
        total = tx.scalar(select(func.count()).select_from(hits.limit(library.settings.count_limit + 1).subquery()))
        has_more = len(rows) > page_size
        found = _assets(library, tx, rows[:page_size], lite=lite)
    next_cursor = write_cursor(library, "assets", owner, rows[page_size - 1].position) if has_more else None
    limit = library.settings.count_limit
    return AssetList(found, min(total or 0, limit), (total or 0) > limit, has_more, next_cursor)


def _hits(library: Library, workspace_id: str, words: list[str]) -> Select[int]:
    if words:
        return library.db.matching([workspace_word(workspace_id), *words])
    return select(assets.c.position).where(assets.c.workspace_id == workspace_id, assets.c.deleted_at.is_(None))


def _offset(library: Library, page: int, page_size: int) -> int:
    offset = (page - 1) * page_size
    reach = library.settings.page_reach
    if page < 1 or offset > reach:
        raise Invalid(
            f"page must be from 1 to {reach // page_size + 1} at this page_size; to go deeper, follow next_cursor.",
            field="page",
        )
    return offset


def _rows_at(positions: Select[int]) -> Select[Any]:
    return (
        select(*ASSET_COLUMNS, *VERSION_COLUMNS)
        .select_from(assets.join(VERSIONS, versions.c.id == assets.c.current_version_id))
        .where(assets.c.position.in_(positions))
        .order_by(assets.c.position.desc())
    )


def _assets(library: Library, tx: Connection, rows: Sequence[AnyRow], *, lite: bool) -> tuple[Asset, ...]:
    if not rows:
        return ()
    inputs = read_inputs(tx, [row.version_id for row in rows])
    documents = {} if lite else read_documents(tx, rows, library.settings.list_limit)
    return tuple(asset_of(row, version_of(row, inputs, documents.get(row.version_id), lite=lite)) for row in rows)

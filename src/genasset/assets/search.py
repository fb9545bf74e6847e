"""Lists of assets: all of a workspace or those that a search finds, most recently updated first."""

from collections.abc import Sequence
from functools import cache

from msgspec import Struct
from sqlalchemy import Connection, Select, bindparam, func, select

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
from genasset.db.query import Query, asking
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
    words = query_words(search)
    lists = _lists(library.db.hits if words else ALL)
    whose = _whose(library, caller.workspace_id, words)
    owner = f"{caller.workspace_id}\n{search}"
    start = _start(library, owner, page, page_size, cursor)
    with library.db.read() as tx:
        rows = (lists.below if cursor else lists.page).all(tx, **whose, **start, limit=page_size + 1)
        total, capped = _total(tx, lists, whose, library.settings.count_limit)
        has_more = len(rows) > page_size
        found = _assets(library, tx, rows[:page_size], lite=lite)
    next_cursor = write_cursor(library, "assets", owner, rows[page_size - 1].position) if has_more else None
    return AssetList(found, total, capped, has_more, next_cursor)


def _whose(library: Library, workspace_id: str, words: list[str]) -> dict[str, str]:
    if words:
        return {"words": library.db.all_of([workspace_word(workspace_id), *words])}
    return {"workspace_id": workspace_id}


def _start(library: Library, owner: str, page: int, page_size: int, cursor: str | None) -> dict[str, int]:
    if cursor:
        return {"below": read_cursor(library, "assets", owner, cursor)}
    return {"offset": _offset(library, page, page_size)}


def _offset(library: Library, page: int, page_size: int) -> int:
    offset = (page - 1) * page_size
    reach = library.settings.page_reach
    if page < 1 or offset > reach:
        raise Invalid(
            f"page must be from 1 to {reach // page_size + 1} at this page_size; to go deeper, follow next_cursor.",
            field="page",
        )
    return offset


def _total(tx: Connection, lists: "Lists", whose: dict[str, str], limit: int) -> tuple[int, bool]:
    """How many there are, up to `limit`, and whether there are more: a look behind the limit is the quicker half."""
    if lists.behind.first(tx, **whose, limit=limit):
        return limit, True
    return lists.count.first(tx, **whose).total, False


class Lists(Struct, frozen=True):
    """The statements of a list, fixed so that they are compiled once."""

    page: Query
    below: Query
    behind: Query
    count: Query


ALL = select(assets.c.position).where(assets.c.workspace_id == bindparam("workspace_id"), assets.c.deleted_at.is_(None))
"""Positions of all assets of a workspace."""


@cache
def _lists(hits: Select[int]) -> Lists:
    """The statements over the positions that `hits` selects."""
    position = hits.selected_columns[0]
    newest = hits.order_by(position.desc()).limit(bindparam("limit"))
    return Lists(
        page=_rows_at(newest.offset(bindparam("offset"))),
        below=_rows_at(newest.where(position < bindparam("below"))),
        behind=Query(hits.limit(1).offset(bindparam("limit"))),
        count=Query(hits.with_only_columns(func.count().label("total"), maintain_column_froms=True)),
    )


def _rows_at(positions: Select[int]) -> Query:
    return Query(
        select(*ASSET_COLUMNS, *VERSION_COLUMNS)
        .select_from(assets.join(VERSIONS, versions.c.id == assets.c.current_version_id))
        .where(assets.c.position.in_(positions))
        .order_by(assets.c.position.desc())
    )


def _assets(library: Library, tx: Connection, rows: Sequence[AnyRow], *, lite: bool) -> tuple[Asset, ...]:
    if not rows:
        return ()
    inputs = read_inputs(asking(tx), rows)
    documents = {} if lite else read_documents(tx, rows, library.settings.list_limit)
    return tuple(asset_of(row, version_of(row, inputs, documents.get(row.version_id), lite=lite)) for row in rows)

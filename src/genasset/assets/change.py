"""Changing an asset: its row, its place in lists and the words that search knows of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from genasset.assets.rows import ASSET_COLUMNS, SAID_COLUMNS, VERSIONS, AnyRow, living_asset, said_in
from genasset.assets.words import words_of, workspace_word
from genasset.db.tables import asset_words, assets, version_states, versions
from genasset.library import Library
from genasset.model import Caller


def lock_asset(tx: Connection, workspace_id: str, asset_id: str) -> AnyRow | None:
    """The living asset, which nobody else changes until this transaction ends."""
    return tx.execute(
        select(*ASSET_COLUMNS).where(assets.c.id == asset_id, *living_asset(workspace_id)).with_for_update()
    ).first()


def change_asset(
    library: Library,
    tx: Connection,
    caller: Caller,
    row: AnyRow,
    now: datetime,
    *,
    new_texts: Iterable[str | None] | None = None,
    **columns: Any,
) -> AnyRow:
    """The asset with the given columns, at the top of lists, as its new row.

    Search learns `new_texts` besides what it knew; without them it reads all living versions again.
    """
    position = library.db.next_position(tx)
    changed = tx.execute(
        update(assets)
        .where(assets.c.id == row.id)
        .values(position=position, revision=row.revision + 1, updated_at=now, updated_by=caller.name, **columns)
        .returning(*ASSET_COLUMNS)
    ).one()
    if new_texts is None:
        words = _words(library, _texts(tx, changed))
    else:
        words = _known_words(tx, row.id) | _words(library, new_texts)
    _index(library, tx, caller.workspace_id, row, position, words)
    return changed


def move_asset(library: Library, tx: Connection, caller: Caller, row: AnyRow, now: datetime, **columns: Any) -> AnyRow:
    """`change_asset` for what search does not look at."""
    return change_asset(library, tx, caller, row, now, new_texts=(), **columns)


def forget_words(library: Library, tx: Connection, row: AnyRow) -> None:
    """Search does not find the asset any more."""
    library.db.index_words(tx, row.position, None, "")


def _index(library: Library, tx: Connection, workspace_id: str, row: AnyRow, position: int, words: set[str]) -> None:
    text = " ".join(sorted(words))
    insert = library.db.insert(asset_words).values(asset_id=row.id, words=text)
    tx.execute(insert.on_conflict_do_update(index_elements=["asset_id"], set_={"words": text}))
    library.db.index_words(tx, row.position, position, f"{workspace_word(workspace_id)} {text}")


def _known_words(tx: Connection, asset_id: str) -> set[str]:
    known = tx.scalar(select(asset_words.c.words).where(asset_words.c.asset_id == asset_id))
    return set(known.split(" ")) if known else set()


def _words(library: Library, texts: Iterable[str | None]) -> set[str]:
    settings = library.settings
    return words_of(texts, characters=settings.indexed_text, most=settings.indexed_words)


def _texts(tx: Connection, asset: AnyRow) -> Iterable[str | None]:
    yield from (asset.name, asset.notes_md, *asset.tags)
    living = (
        select(*SAID_COLUMNS)
        .select_from(VERSIONS)
        .where(versions.c.asset_id == asset.id, version_states.c.deleted_at.is_(None))
        .order_by(versions.c.number.desc())
    )
    for row in tx.execute(living):
        said = said_in(row)
        yield from (said.prompt, said.model)

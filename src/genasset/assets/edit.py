"""Changing what may change: names, tags, notes, promotion, labels, ratings, metadata patches and the trash."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Select, insert, select, update

from genasset.assets.change import change_asset, forget_words, lock_asset, move_asset
from genasset.assets.fields import long_text, one_line, tag_list
from genasset.assets.naming import find_by_name, free_slug, name_sha256
from genasset.assets.read import load_in, no_asset, no_version
from genasset.assets.rows import VERSIONS, AnyRow, asset_of
from genasset.db.tables import assets, metadata_patches, version_states, versions
from genasset.errors import Conflict, Invalid, NotFound, PreconditionFailed, TooLarge
from genasset.jsontext import dump, merge
from genasset.library import Library, new_id
from genasset.model import Asset, Caller, Version
from genasset.recipes.redact import redact_value
from genasset.recipes.sent import patch_recipe

Revision = Callable[[str, int], bool]
"""Whether a thing (its id and revision) is the one that the client has seen."""


class AssetEdit(Struct, frozen=True, kw_only=True):
    """What of an asset is to change; None leaves a field as it is."""

    name: str | None = None
    tags: tuple[str, ...] | None = None
    notes_md: str | None = None
    current_version_id: str | None = None


class Unset(Struct, frozen=True):
    """A field that is left as it is, where None has a meaning of its own."""


UNSET = Unset()


def edit_asset(library: Library, caller: Caller, asset_id: str, edit: AssetEdit, seen: Revision | None = None) -> Asset:
    """The asset with the edit. Raises NotFound, Conflict for a name in use, PreconditionFailed when `seen` says no."""
    settings = library.settings
    with library.db.write() as tx:
        row = _asset_row(tx, caller, asset_id, seen)
        columns: dict[str, Any] = {}
        if edit.name is not None:
            columns.update(_renamed(library, tx, caller, row, edit.name))
        if edit.tags is not None:
            columns["tags"] = tag_list(edit.tags, settings)
        if edit.notes_md is not None:
            columns["notes_md"] = long_text(edit.notes_md, "notes_md", settings.notes_limit)
        if edit.current_version_id is not None:
            columns["current_version_id"] = _promotable(tx, row, edit.current_version_id)
        if not columns:
            return asset_of(row)
        only_promoted = set(columns) == {"current_version_id"}
        change = move_asset if only_promoted else change_asset
        return asset_of(change(library, tx, caller, row, library.now(), **columns))


def edit_version(
    library: Library,
    caller: Caller,
    version_id: str,
    *,
    label: str | None | Unset = UNSET,
    rating: int | None | Unset = UNSET,
    seen: Revision | None = None,
) -> Version:
    """The version with another label or rating (0 … 5, None for none). Raises NotFound or PreconditionFailed."""
    values: dict[str, object] = {}
    if not isinstance(label, Unset):
        values["label"] = one_line(label or "", "version_label", library.settings.name_limit) or None
    if not isinstance(rating, Unset):
        if rating is not None and not 0 <= rating <= BEST:
            raise Invalid(f"rating must be a whole number from 0 to {BEST}, or null.", field="rating")
        values["rating"] = rating
    with library.db.write() as tx:
        _asset, version = _lock_version(tx, caller, version_id, seen)
        if values:
            _set_state(tx, version, **values)
        return load_in(tx, caller.workspace_id, version_id)[1]


def patch_metadata(
    library: Library, caller: Caller, version_id: str, patch: Mapping[str, object], seen: Revision | None = None
) -> Version:
    """The version with the patch merged into its metadata; the patch itself is kept, with who and when.

    Objects merge deeply, other values replace. Raises NotFound, TooLarge or PreconditionFailed.
    """
    clean, _redacted = redact_value(dict(patch))
    sent = dump(clean)
    _check_size(library, sent)
    with library.db.write() as tx:
        asset, version = _lock_version(tx, caller, version_id, seen)
        now = library.now()
        _noun_asset, noun = load_in(tx, caller.workspace_id, version_id)
        before = noun.metadata or "{}"
        after = dump(merge(json.loads(before), clean))
        _check_size(library, after)
        recipe, evidence = patch_recipe(json.loads(noun.recipe), json.loads(noun.evidence or "{}"), clean)
        _set_state(
            tx,
            version,
            metadata=after,
            recipe=dump(recipe),
            evidence=dump(evidence),
            document_bytes=version.document_bytes + len(after.encode()) - len(before.encode()),
        )
        _record_patch(tx, caller, version_id, sent, now)
        new_model = recipe.get("model") != noun.model
        (change_asset if new_model else move_asset)(library, tx, caller, asset, now)
        return load_in(tx, caller.workspace_id, version_id)[1]


def trash_asset(library: Library, caller: Caller, asset_id: str, seen: Revision | None = None) -> None:
    """The asset and all its versions are in the trash. Raises NotFound or PreconditionFailed."""
    with library.db.write() as tx:
        row = _asset_row(tx, caller, asset_id, seen)
        _trash(library, tx, row, library.now())


def trash_version(library: Library, caller: Caller, version_id: str, seen: Revision | None = None) -> None:
    """The version is in the trash, with its asset when it was the last one. Its number is never given again.

    When it was current, the highest remaining number becomes so. Raises NotFound or PreconditionFailed.
    """
    with library.db.write() as tx:
        asset, version = _lock_version(tx, caller, version_id, seen)
        now = library.now()
        _set_state(tx, version, deleted_at=now)
        highest = tx.scalar(_living_ids(asset.id).order_by(versions.c.number.desc()).limit(1))
        if highest is None:
            _trash(library, tx, asset, now)
            return
        current = highest if asset.current_version_id == version_id else asset.current_version_id
        change_asset(library, tx, caller, asset, now, current_version_id=current, version_count=asset.version_count - 1)


BEST = 5


def _asset_row(tx: Connection, caller: Caller, asset_id: str, seen: Revision | None) -> AnyRow:
    row = lock_asset(tx, caller.workspace_id, asset_id)
    if row is None:
        raise no_asset()
    _check_seen(seen, row.id, row.revision)
    return row


def _lock_version(tx: Connection, caller: Caller, version_id: str, seen: Revision | None) -> tuple[AnyRow, AnyRow]:
    """The living asset, locked, and the id, revision and document_bytes of its living version."""
    version = tx.execute(
        select(versions.c.id, versions.c.asset_id, version_states.c.revision, version_states.c.document_bytes)
        .select_from(VERSIONS)
        .where(
            versions.c.id == version_id,
            versions.c.workspace_id == caller.workspace_id,
            version_states.c.deleted_at.is_(None),
        )
    ).first()
    asset = lock_asset(tx, caller.workspace_id, version.asset_id) if version else None
    if version is None or asset is None:
        raise no_version()
    _check_seen(seen, version.id, version.revision)
    return asset, version


def _check_seen(seen: Revision | None, thing_id: str, revision: int) -> None:
    if seen and not seen(thing_id, revision):
        raise PreconditionFailed("It was changed since you read it; load it again and repeat your change.")


def _renamed(library: Library, tx: Connection, caller: Caller, row: AnyRow, text: str) -> dict[str, object]:
    name = one_line(text, "name", library.settings.name_limit)
    if not name:
        raise Invalid("name must not be empty.", field="name")
    other = find_by_name(tx, caller.workspace_id, name)
    if other is not None and other.id != row.id:
        raise Conflict(
            f"Another asset is already named {name!r}; choose another name.", code="name_taken", field="name"
        )
    slug = free_slug(tx, caller.workspace_id, name, row.id)
    return {"name": name, "name_sha256": name_sha256(name), "slug": slug}


def _promotable(tx: Connection, row: AnyRow, version_id: str) -> str:
    found = tx.scalar(_living_ids(row.id).where(versions.c.id == version_id.strip().lower()))
    if found is None:
        raise NotFound(
            "current_version_id is not a version of this asset; take one from its list of versions.",
            code="version_not_found",
            field="current_version_id",
        )
    return str(found)


def _living_ids(asset_id: str) -> Select[str]:
    return (
        select(versions.c.id)
        .select_from(VERSIONS)
        .where(versions.c.asset_id == asset_id, version_states.c.deleted_at.is_(None))
    )


def _set_state(tx: Connection, version: AnyRow, **values: object) -> None:
    tx.execute(
        update(version_states)
        .where(version_states.c.version_id == version.id)
        .values(revision=version_states.c.revision + 1, **values)
    )


def _check_size(library: Library, metadata: str) -> None:
    limit = library.settings.metadata_limit
    if len(metadata.encode()) > limit:
        raise TooLarge(f"metadata would grow over the limit of {limit} bytes.", field="metadata")


def _record_patch(tx: Connection, caller: Caller, version_id: str, patch: str, now: datetime) -> None:
    tx.execute(
        insert(metadata_patches).values(
            id=new_id(), version_id=version_id, patch=patch, created_at=now, created_by=caller.name
        )
    )


def _trash(library: Library, tx: Connection, row: AnyRow, now: datetime) -> None:
    tx.execute(update(assets).where(assets.c.id == row.id).values(deleted_at=now, revision=row.revision + 1))
    forget_words(library, tx, row)

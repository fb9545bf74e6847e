"""Names of assets: unique among the living of a workspace, each with a slug for reading."""

import hashlib
import re
from datetime import datetime

from sqlalchemy import Connection, select

from genasset.assets.rows import ASSET_COLUMNS, AnyRow, living_asset
from genasset.assets.words import fold
from genasset.db.tables import assets
from genasset.errors import Conflict
from genasset.library import Library, new_id
from genasset.model import Caller

SLUG_LENGTH = 80
"""Most characters of a slug, before what makes it unique."""


def name_sha256(name: str) -> str:
    """What stands for a name in the index that keeps names unique, however long they are."""
    return hashlib.sha256(name.encode()).hexdigest()


def free_slug(tx: Connection, workspace_id: str, name: str, asset_id: str) -> str:
    """The name in lower case with hyphens, with the end of the asset's id where another asset has that already."""
    slug = re.sub(r"[\W_]+", "-", fold(name)).strip("-")[:SLUG_LENGTH].strip("-") or "asset"
    taken = tx.scalar(
        select(assets.c.id).where(*living_asset(workspace_id), assets.c.slug == slug, assets.c.id != asset_id)
    )
    return f"{slug}-{asset_id[-8:]}" if taken else slug


def find_by_name(tx: Connection, workspace_id: str, name: str) -> AnyRow | None:
    """The living asset of that name, locked for change."""
    return tx.execute(
        select(*ASSET_COLUMNS)
        .where(*living_asset(workspace_id), assets.c.name_sha256 == name_sha256(name))
        .with_for_update()
    ).first()


def make_asset(
    library: Library, tx: Connection, caller: Caller, name: str, version_id: str, now: datetime
) -> AnyRow | None:
    """A new asset without versions, or None when somebody made one of that name meanwhile."""
    asset_id = new_id()
    values = {
        "id": asset_id,
        "workspace_id": caller.workspace_id,
        "name": name,
        "name_sha256": name_sha256(name),
        "slug": free_slug(tx, caller.workspace_id, name, asset_id),
        "tags": (),
        "notes_md": "",
        "metadata": "{}",
        "current_version_id": version_id,
        "version_count": 0,
        "last_number": 0,
        "position": library.db.next_position(tx),
        "revision": 0,
        "created_at": now,
        "updated_at": now,
        "created_by": caller.name,
        "updated_by": caller.name,
    }
    return tx.execute(
        library.db.insert(assets).values(values).on_conflict_do_nothing().returning(*ASSET_COLUMNS)
    ).first()


def find_or_make(library: Library, tx: Connection, caller: Caller, name: str, version_id: str, now: datetime) -> AnyRow:
    """The living asset of that name; made when there is none."""
    for _attempt in range(3):
        row = find_by_name(tx, caller.workspace_id, name)
        row = row or make_asset(library, tx, caller, name, version_id, now)
        if row is not None:
            return row
    raise Conflict(f"The name {name!r} was taken and freed several times just now; try again.", code="name_busy")

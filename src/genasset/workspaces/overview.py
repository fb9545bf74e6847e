"""Workspaces themselves: made, listed, and what one holds."""

import re

from msgspec import Struct
from sqlalchemy import Select, func, insert, select, union

from genasset.assets.fields import one_line
from genasset.assets.words import fold
from genasset.db.tables import artifacts, assets, blobs, versions, workspaces
from genasset.errors import Conflict, Invalid, NotFound
from genasset.library import Library, new_id
from genasset.model import Caller, Workspace

FIRST_NAME = "My library"
"""What the first workspace is called until somebody says otherwise."""


class Overview(Struct, frozen=True):
    """A workspace and what it holds; `storage_bytes` counts each stored file once, and is None where not asked for."""

    workspace: Workspace
    assets: int
    versions: int
    storage_bytes: int | None


def create_workspace(library: Library, name: str) -> Workspace:
    """A new empty workspace. Raises Conflict when its slug is taken."""
    clean = one_line(name, "name", library.settings.name_limit)
    slug = re.sub(r"[^a-z0-9]+", "-", fold(clean)).strip("-")[:60]
    if not slug:
        raise Invalid("name needs at least one letter or digit of the Latin alphabet, for the slug.", field="name")
    workspace = Workspace(new_id(), clean, slug, library.now())
    with library.db.write() as tx:
        if tx.scalar(select(workspaces.c.id).where(workspaces.c.slug == slug)):
            raise Conflict(f"There is already a workspace {slug!r}; choose another name.", code="workspace_exists")
        tx.execute(insert(workspaces).values({name: getattr(workspace, name) for name in Workspace.__struct_fields__}))
    return workspace


def list_workspaces(library: Library) -> list[Workspace]:
    """All workspaces, oldest first."""
    with library.db.read() as tx:
        return [Workspace(*row) for row in tx.execute(select(*COLUMNS).order_by(workspaces.c.id))]


def find_workspace(library: Library, slug: str | None) -> Workspace:
    """The workspace of that slug, or the first one. Raises NotFound."""
    wanted = select(*COLUMNS).order_by(workspaces.c.id).limit(1)
    if slug:
        wanted = wanted.where(workspaces.c.slug == slug)
    with library.db.read() as tx:
        row = tx.execute(wanted).first()
    if row is None:
        what = f"There is no workspace {slug!r}" if slug else "There is no workspace yet"
        raise NotFound(f"{what}; see: genasset workspace list", code="workspace_not_found")
    return Workspace(*row)


def first_workspace(library: Library) -> Workspace:
    """The first workspace; it is made in a library that has none."""
    for workspace in list_workspaces(library):
        return workspace
    return create_workspace(library, FIRST_NAME)


def overview(library: Library, caller: Caller, *, lite: bool = False) -> Overview:
    """The caller's workspace and what it holds; `lite` leaves out the stored bytes, which are costly to add up."""
    mine = caller.workspace_id
    counts = select(func.count(), func.coalesce(func.sum(assets.c.version_count), 0)).where(
        assets.c.workspace_id == mine, assets.c.deleted_at.is_(None)
    )
    with library.db.read() as tx:
        workspace = Workspace(*tx.execute(select(*COLUMNS).where(workspaces.c.id == mine)).one())
        asset_count, version_count = tx.execute(counts).one()
        storage = None if lite else tx.scalar(_stored_bytes(mine))
    return Overview(workspace, asset_count, version_count, storage)


COLUMNS = tuple(workspaces.c[name] for name in Workspace.__struct_fields__)


def _stored_bytes(workspace_id: str) -> Select[int]:
    mine = union(
        select(versions.c.sha256).where(versions.c.workspace_id == workspace_id),
        select(artifacts.c.sha256).where(artifacts.c.workspace_id == workspace_id),
    )
    return select(func.coalesce(func.sum(blobs.c.bytes), 0)).where(blobs.c.sha256.in_(mine))

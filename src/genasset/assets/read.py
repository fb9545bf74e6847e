"""Reading one asset or version."""

from msgspec import Struct
from sqlalchemy import Connection, bindparam, or_, select

from genasset.assets.cursor import read_cursor, write_cursor
from genasset.assets.rows import (
    ASSET_COLUMNS,
    DOCUMENT_COLUMNS,
    VERSION_COLUMNS,
    VERSIONS,
    WITH_DOCUMENTS,
    AnyRow,
    asset_of,
    living_asset,
    read_documents,
    read_inputs,
    version_of,
)
from genasset.db.query import Ask, Query, asking
from genasset.db.tables import artifacts, assets, version_states, versions
from genasset.errors import NotFound
from genasset.library import Library
from genasset.model import Artifact, Asset, Caller, Picture, Version


class AssetPage(Struct, frozen=True):
    """An asset with some of its versions, highest number first."""

    asset: Asset
    versions: tuple[Version, ...]
    next_cursor: str | None


def load(library: Library, caller: Caller, version_id: str) -> tuple[Asset, Version]:
    """The version with its asset, whose current version is whole. Raises NotFound."""
    # Input pictures are made with their version and never change, so that a second query needs no common view.
    return _load(library.db.ask, caller.workspace_id, version_id)


def load_in(tx: Connection, workspace_id: str, version_id: str) -> tuple[Asset, Version]:
    """`load` inside a transaction."""
    return _load(asking(tx), workspace_id, version_id)


def _load(ask: Ask, workspace_id: str, version_id: str) -> tuple[Asset, Version]:
    """One query, and one more where a version has input pictures."""
    rows = ask(LOAD, version_id=version_id, workspace_id=workspace_id)
    wanted = next((row for row in rows if row.version_id == version_id), None)
    if wanted is None:
        raise no_version()
    inputs = read_inputs(ask, rows)
    found = {row.version_id: version_of(row, inputs, row) for row in rows}
    return asset_of(wanted, found[wanted.current_version_id]), found[version_id]


def show(
    library: Library, caller: Caller, asset_id: str, *, limit: int, cursor: str | None = None, lite: bool = False
) -> AssetPage:
    """The asset and its newest versions below the cursor, and always the current one. Raises NotFound."""
    below = read_cursor(library, "versions", asset_id, cursor) if cursor else None
    with library.db.read() as tx:
        row = tx.execute(
            select(*ASSET_COLUMNS).where(assets.c.id == asset_id, *living_asset(caller.workspace_id))
        ).first()
        if row is None:
            raise no_asset()
        rows = _version_rows(tx, row, below, limit + 1)
        more = len(rows) > limit
        rows = rows[:limit]
        last = rows[-1].number if rows else None
        if below is None and row.current_version_id not in {one.version_id for one in rows}:
            rows += tx.execute(ONE_VERSION, {"version_id": row.current_version_id}).all()
        inputs = read_inputs(asking(tx), rows)
        documents = {} if lite else read_documents(tx, rows, library.settings.list_limit)
    found = tuple(version_of(one, inputs, documents.get(one.version_id), lite=lite) for one in rows)
    next_cursor = write_cursor(library, "versions", asset_id, last) if more and last else None
    return AssetPage(asset_of(row), found, next_cursor)


def find_picture(library: Library, version_id: str) -> Picture:
    """The stored picture of a living version of any workspace, for a signed URL. Raises NotFound."""
    with library.db.read() as tx:
        row = tx.execute(PICTURE, {"version_id": version_id}).first()
    if row is None:
        raise no_version()
    return Picture(row.width, row.height, row.format, row.bytes, row.sha256)


def find_artifact(library: Library, artifact_id: str) -> Artifact:
    """An input picture of a living version of any workspace, for a signed URL. Raises NotFound."""
    with library.db.read() as tx:
        row = tx.execute(ARTIFACT, {"artifact_id": artifact_id}).first()
    if row is None:
        raise NotFound("There is no such input picture, or its version was deleted.", code="artifact_not_found")
    picture = Picture(row.width, row.height, row.format, row.bytes, row.sha256)
    return Artifact(row.id, row.version_id, row.filename, picture)


def no_asset() -> NotFound:
    """What is said of an asset that the workspace does not have."""
    return NotFound("There is no such asset in this workspace; it may have been deleted.", code="asset_not_found")


def no_version() -> NotFound:
    """What is said of a version that the workspace does not have."""
    return NotFound("There is no such version in this workspace; it may have been deleted.", code="version_not_found")


def _version_rows(tx: Connection, asset: AnyRow, below: int | None, limit: int) -> list[AnyRow]:
    wanted = (
        select(*VERSION_COLUMNS)
        .select_from(VERSIONS)
        .where(versions.c.asset_id == asset.id, version_states.c.deleted_at.is_(None))
        .order_by(versions.c.number.desc())
        .limit(limit)
    )
    if below is not None:
        wanted = wanted.where(versions.c.number < below)
    return list(tx.execute(wanted))


LIVING_VERSION = (version_states.c.deleted_at.is_(None), assets.c.deleted_at.is_(None))

# The version and, where it is another, the current one of its asset, in one statement.
LOAD = Query(
    select(*VERSION_COLUMNS, *DOCUMENT_COLUMNS, *ASSET_COLUMNS)
    .select_from(
        assets.join(
            WITH_DOCUMENTS,
            or_(versions.c.id == bindparam("version_id"), versions.c.id == assets.c.current_version_id),
        )
    )
    .where(
        assets.c.id == select(versions.c.asset_id).where(versions.c.id == bindparam("version_id")).scalar_subquery(),
        assets.c.workspace_id == bindparam("workspace_id"),
        *LIVING_VERSION,
    )
)
ONE_VERSION = select(*VERSION_COLUMNS).select_from(VERSIONS).where(versions.c.id == bindparam("version_id"))
PICTURE = (
    select(versions.c.width, versions.c.height, versions.c.format, versions.c.bytes, versions.c.sha256)
    .select_from(VERSIONS.join(assets, assets.c.id == versions.c.asset_id))
    .where(versions.c.id == bindparam("version_id"), *LIVING_VERSION)
)
ARTIFACT = (
    select(artifacts)
    .select_from(
        artifacts.join(VERSIONS, versions.c.id == artifacts.c.version_id).join(
            assets, assets.c.id == versions.c.asset_id
        )
    )
    .where(artifacts.c.id == bindparam("artifact_id"), *LIVING_VERSION)
)

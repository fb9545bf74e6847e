"""Assets and versions as rows: the columns that are read, and the nouns made of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, select

from genasset.db.tables import artifacts, assets, version_states, versions, workflows
from genasset.model import Artifact, Asset, Picture, Version

AnyRow = Row[*tuple[Any, ...]]
Inputs = Mapping[str, tuple[Artifact, ...]]

DOCUMENT = func.coalesce(version_states.c.metadata, versions.c.metadata).label("document")

VERSION_COLUMNS = (
    versions.c.id.label("version_id"),
    versions.c.asset_id,
    versions.c.number,
    version_states.c.label,
    version_states.c.rating,
    versions.c.prompt,
    versions.c.negative_prompt,
    versions.c.model,
    versions.c.seed,
    versions.c.intent,
    versions.c.source,
    versions.c.tags.label("version_tags"),
    versions.c.sha256,
    versions.c.bytes,
    versions.c.width,
    versions.c.height,
    versions.c.format,
    versions.c.parent_version_id,
    versions.c.created_at.label("version_created_at"),
    versions.c.created_by.label("version_created_by"),
    version_states.c.recipe,
    version_states.c.document_bytes,
    version_states.c.revision.label("version_revision"),
)
DOCUMENT_COLUMNS = (version_states.c.evidence, DOCUMENT, workflows.c.body)
ASSET_COLUMNS = (
    assets.c.id,
    assets.c.name,
    assets.c.slug,
    assets.c.tags,
    assets.c.notes_md,
    assets.c.metadata,
    assets.c.current_version_id,
    assets.c.version_count,
    assets.c.last_number,
    assets.c.position,
    assets.c.revision,
    assets.c.created_at,
    assets.c.updated_at,
    assets.c.created_by,
    assets.c.updated_by,
)

VERSIONS = versions.join(version_states, version_states.c.version_id == versions.c.id)
WITH_DOCUMENTS = VERSIONS.join(workflows, workflows.c.sha256 == versions.c.workflow_sha256)

INPUTS = (
    select(artifacts)
    .where(artifacts.c.version_id.in_(bindparam("version_ids", expanding=True)))
    .order_by(artifacts.c.version_id, artifacts.c.place)
)
DOCUMENTS = (
    select(versions.c.id, *DOCUMENT_COLUMNS)
    .select_from(WITH_DOCUMENTS)
    .where(versions.c.id.in_(bindparam("version_ids", expanding=True)))
)


def living_asset(workspace_id: str) -> tuple[ColumnElement[bool], ...]:
    """Conditions: the asset is of the workspace and not in the trash."""
    return (assets.c.workspace_id == workspace_id, assets.c.deleted_at.is_(None))


def read_inputs(tx: Connection, version_ids: Sequence[str]) -> Inputs:
    """The input pictures of the versions, by version."""
    found: dict[str, tuple[Artifact, ...]] = {}
    for row in tx.execute(INPUTS, {"version_ids": list(version_ids)}):
        artifact = Artifact(row.id, row.version_id, row.filename, _picture(row))
        found[row.version_id] = (*found.get(row.version_id, ()), artifact)
    return found


def read_documents(tx: Connection, rows: Iterable[AnyRow], limit: int) -> dict[str, AnyRow]:
    """The documents of the first rows (each at least the version's id and document_bytes) that fit in `limit` bytes."""
    wanted = []
    for row in rows:
        limit -= row.document_bytes
        if limit < 0:
            break
        wanted.append(row.version_id)
    return {row.id: row for row in tx.execute(DOCUMENTS, {"version_ids": wanted})} if wanted else {}


def version_of(row: AnyRow, inputs: Inputs, documents: AnyRow | None = None, *, lite: bool = False) -> Version:
    """The version in a row of VERSION_COLUMNS; without documents they count as left out."""
    return Version(
        id=row.version_id,
        asset_id=row.asset_id,
        number=row.number,
        label=row.label,
        rating=row.rating,
        prompt=row.prompt,
        negative_prompt=row.negative_prompt,
        model=row.model,
        seed=row.seed,
        intent=row.intent,
        source=row.source,
        tags=row.version_tags,
        workflow=documents.body if documents else None,
        metadata=documents.document if documents else None,
        recipe=row.recipe,
        evidence=None if lite else documents.evidence if documents else "{}",
        picture=_picture(row),
        inputs=inputs.get(row.version_id, ()),
        parent_version_id=row.parent_version_id,
        created_at=row.version_created_at,
        created_by=row.version_created_by,
        revision=row.version_revision,
    )


def asset_of(row: AnyRow, current: Version | None = None) -> Asset:
    """The asset in a row of ASSET_COLUMNS."""
    return Asset(
        id=row.id,
        name=row.name,
        slug=row.slug,
        tags=row.tags,
        notes_md=row.notes_md,
        current_version_id=row.current_version_id,
        version_count=row.version_count,
        metadata=row.metadata,
        created_at=row.created_at,
        updated_at=row.updated_at,
        created_by=row.created_by,
        updated_by=row.updated_by,
        revision=row.revision,
        current=current,
    )


def _picture(row: AnyRow) -> Picture:
    return Picture(row.width, row.height, row.format, row.bytes, row.sha256)

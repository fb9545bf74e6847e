"""The save path: bytes made durable first, then one transaction that makes them a version."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct, structs
from sqlalchemy import Connection, delete, insert, select

from genasset import images
from genasset.assets.change import change_asset, lock_asset
from genasset.assets.fields import file_name, merged_tags
from genasset.assets.naming import find_or_make
from genasset.assets.read import load_in, no_asset
from genasset.assets.rows import AnyRow
from genasset.blobs import original_key
from genasset.blobs.claims import BytesTaken, claim
from genasset.db.tables import artifacts, idempotency_keys, version_states, versions, workflows
from genasset.errors import Conflict, GenAssetError, NotFound, Unavailable
from genasset.jsontext import dump
from genasset.library import Library, new_id
from genasset.model import Caller, Draft, Picture, Saved, Upload
from genasset.recipes.sent import Evidence, Recipe, recipe_of

UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ATTEMPTS = 5
"""Times that a save stores its bytes again when they are taken from under it."""

Pictures = Mapping[str, Picture]


class Making(Struct, frozen=True):
    """A version about to be written: its draft and all that was found out before the transaction."""

    version_id: str
    caller: Caller
    draft: Draft
    pictures: Pictures
    recipe: Recipe
    evidence: Evidence
    key: str | None


def save(library: Library, caller: Caller, draft: Draft, *, idempotency_key: str | None = None) -> Saved:
    """The draft is a new version, its bytes and rows on disk.

    A key already used for the same request gives the version made then. Raises NotFound for an
    unknown asset, UnsupportedMedia or TooLarge for pictures that are not taken, Conflict for a
    key used otherwise. When it raises, nothing is stored but bytes that `genasset gc` removes.
    """
    pictures = _identify(library, draft)
    recipe, evidence = recipe_of(draft)
    key = hashlib.sha256(idempotency_key.encode()).hexdigest() if idempotency_key else None
    making = Making(new_id(), caller, draft, pictures, recipe, evidence, key)
    for _attempt in range(ATTEMPTS):
        _store(library, draft)
        try:
            with library.db.write() as tx:
                return _commit(library, tx, making)
        except BytesTaken:
            continue
    raise Unavailable("The picture's bytes are being cleaned away again and again; try again in a minute.")


def _identify(library: Library, draft: Draft) -> Pictures:
    """What each different uploaded file is, really decoded."""
    found: dict[str, Picture] = {}
    for field, upload in (("image", draft.image), *(("input_images", one) for one in draft.inputs)):
        if upload.sha256 not in found:
            found[upload.sha256] = _picture(library, field, upload)
    return found


def _picture(library: Library, field: str, upload: Upload) -> Picture:
    limit = library.settings.picture_pixels
    try:
        facts = images.identify(Path(upload.path), pixel_limit=limit, budget=library.decoding)
    except GenAssetError as error:
        error.field = field
        error.args = (f"{field}: {error}",)
        raise
    return Picture(facts.width, facts.height, facts.format, upload.bytes, upload.sha256)


def _store(library: Library, draft: Draft) -> None:
    for upload in {one.sha256: one for one in (draft.image, *draft.inputs)}.values():
        library.blobs.put_file(original_key(upload.sha256), Path(upload.path))


def _commit(library: Library, tx: Connection, making: Making) -> Saved:
    now = library.now()
    if making.key:
        earlier = _earlier(library, tx, making, now)
        if earlier:
            return earlier
    row = _asset_row(library, tx, making, now)
    claim(library.db, library.blobs, tx, making.pictures.values(), now)
    _insert_version(library, tx, making, row, now)
    _insert_inputs(tx, making)
    _add_to_asset(library, tx, making, row, now)
    asset, version = load_in(tx, making.caller.workspace_id, making.version_id)
    return Saved(structs.replace(asset, current=None), version, making.draft.warnings)


def _earlier(library: Library, tx: Connection, making: Making, now: datetime) -> Saved | None:
    """What the same request made before; None, and the key is remembered, when it is new."""
    keys, token_id = idempotency_keys, making.caller.token_id
    forgotten = now - timedelta(hours=library.settings.idempotency_hours)
    tx.execute(delete(keys).where(keys.c.created_at < forgotten))
    values = {
        "token_id": token_id,
        "key_sha256": making.key,
        "request_sha256": making.draft.fingerprint,
        "version_id": making.version_id,
        "warnings": making.draft.warnings,
        "created_at": now,
    }
    if tx.execute(library.db.insert(keys).values(values).on_conflict_do_nothing()).rowcount:
        return None
    row = tx.execute(select(keys).where(keys.c.token_id == token_id, keys.c.key_sha256 == making.key)).one()
    if row.request_sha256 != making.draft.fingerprint:
        raise Conflict(
            "This Idempotency-Key was used for another request; take a fresh key.", code="idempotency_key_reused"
        )
    try:
        asset, version = load_in(tx, making.caller.workspace_id, row.version_id)
    except NotFound:
        raise Conflict(
            "The version that this Idempotency-Key made was deleted; take a fresh key to save again.",
            code="version_deleted",
        ) from None
    return Saved(structs.replace(asset, current=None), version, row.warnings)


def _asset_row(library: Library, tx: Connection, making: Making, now: datetime) -> AnyRow:
    draft, caller = making.draft, making.caller
    if draft.asset_id is None:
        return find_or_make(library, tx, caller, draft.asset_name, making.version_id, now)
    row = lock_asset(tx, caller.workspace_id, draft.asset_id)
    if row is None:
        raise no_asset()
    return row


def _insert_version(library: Library, tx: Connection, making: Making, row: AnyRow, now: datetime) -> None:
    draft, recipe = making.draft, making.recipe
    picture = making.pictures[draft.image.sha256]
    metadata = dump(draft.metadata)
    tx.execute(
        insert(versions).values(
            id=making.version_id,
            workspace_id=making.caller.workspace_id,
            asset_id=row.id,
            number=row.last_number + 1,
            prompt=draft.prompt,
            negative_prompt=draft.negative_prompt,
            model=draft.model,
            seed=draft.seed,
            intent=draft.intent,
            source=draft.source,
            tags=draft.tags,
            workflow_sha256=_keep_workflow(library, tx, draft.workflow),
            metadata=metadata,
            filename=file_name(draft.image.filename, library.settings.name_limit),
            parent_version_id=_parent(tx, making),
            created_at=now,
            created_by=making.caller.name,
            **structs.asdict(picture),
        )
    )
    tx.execute(
        insert(version_states).values(
            version_id=making.version_id,
            label=draft.version_label,
            recipe=dump(recipe),
            evidence=dump(making.evidence),
            document_bytes=len(draft.workflow.encode()) + len(metadata.encode()),
            revision=1,
        )
    )


def _keep_workflow(library: Library, tx: Connection, text: str) -> str:
    """The hash under which the workflow's text lies, once however many versions share it."""
    data = text.encode()
    sha256 = hashlib.sha256(data).hexdigest()
    values = {"sha256": sha256, "bytes": len(data), "body": text}
    tx.execute(library.db.insert(workflows).values(values).on_conflict_do_nothing())
    return sha256


def _insert_inputs(tx: Connection, making: Making) -> None:
    rows = [
        {
            "id": new_id(),
            "workspace_id": making.caller.workspace_id,
            "version_id": making.version_id,
            "place": place,
            "filename": file_name(upload.filename, 255) or f"input {place + 1}",
            **structs.asdict(making.pictures[upload.sha256]),
        }
        for place, upload in enumerate(making.draft.inputs)
    ]
    if rows:
        tx.execute(insert(artifacts), rows)


def _add_to_asset(library: Library, tx: Connection, making: Making, row: AnyRow, now: datetime) -> None:
    draft = making.draft
    tags = merged_tags(row.tags, draft.tags, library.settings)
    notes = draft.notes_md or row.notes_md
    texts = (row.name, notes, *tags, *(str(making.recipe.get(field) or "") for field in ("prompt", "model")))
    replaces_notes = bool(row.notes_md) and notes != row.notes_md
    change_asset(
        library,
        tx,
        making.caller,
        row,
        now,
        new_texts=None if replaces_notes else texts,
        tags=tags,
        notes_md=notes,
        current_version_id=making.version_id,
        version_count=row.version_count + 1,
        last_number=row.last_number + 1,
    )


def _parent(tx: Connection, making: Making) -> str | None:
    """The version that the metadata names as the source, where the workspace has it."""
    for candidate in _named_parents(making.draft.metadata):
        known = tx.scalar(
            select(versions.c.id).where(
                versions.c.id == candidate, versions.c.workspace_id == making.caller.workspace_id
            )
        )
        if known:
            return str(known)
    return None


def _named_parents(metadata: Mapping[str, object]) -> Iterator[str]:
    for group, key in (("", "source_version_id"), ("branch", "parent_version_id"), ("fork", "from_version_id")):
        holder = metadata.get(group) if group else metadata
        value = holder.get(key) if isinstance(holder, dict) else None
        if isinstance(value, str) and UUID.fullmatch(value.lower()):
            yield value.lower()

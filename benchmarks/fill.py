"""Filling a library with many versions in one go: the rows that saves make, without the pictures' bytes.

Each version is a draft made by the server's own code; its rows are inserted by the thousand. `lists.py`
compares a filled asset with one saved through the API, so that the two cannot drift apart.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, insert, text

from benchmarks import inputs
from genasset.assets.draft import make_draft
from genasset.assets.naming import name_sha256
from genasset.assets.words import words_of, workspace_word
from genasset.db.tables import asset_words, assets, blobs, version_states, versions, workflows
from genasset.jsontext import dump
from genasset.library import Library, new_id, open_library
from genasset.model import Draft, Upload
from genasset.recipes.sent import recipe_of
from genasset.settings import Settings
from genasset.workspaces.overview import first_workspace
from genasset.workspaces.tokens import create_token

EACH = 2
"""Versions of an asset."""

RARE_ASSETS = 40

COMMON, RARE = "benchcommon", "benchseldom"
"""A word that four assets of five have, and one that 40 have, evenly spread; both of one length."""

PROMPT = 300
"""Characters of a prompt, so that all rows are of one size."""

SIDE = 1024
CHUNK = 1000
"""Assets inserted at a time."""

MAKER = "filler"
Row = dict[str, Any]


class Filled(NamedTuple):
    """A filled library, and a token that reads and writes it."""

    data_dir: Path
    token: str


class Plan(NamedTuple):
    """An asset to be filled in."""

    number: int
    now: datetime
    rare: bool
    workflow_bytes: int


def fill(data_dir: Path, count: int, workflow_bytes: int) -> Filled:
    """A library of `count` versions, each with a workflow of its own, that of an asset's later version current."""
    library = open_library(Settings(data_dir=data_dir))
    try:
        workspace_id = first_workspace(library).id
        token = create_token(library, workspace_id, MAKER, scopes=("read", "write")).text
        start = library.now() - timedelta(days=30)
        made = count // EACH
        for first in range(0, made, CHUNK):
            with library.db.write() as tx:
                plans = [
                    Plan(number, start + timedelta(seconds=number), number % (made // RARE_ASSETS) == 0, workflow_bytes)
                    for number in range(first, min(first + CHUNK, made))
                ]
                _insert_assets(library, tx, workspace_id, plans)
    finally:
        library.close()
    return Filled(data_dir, token)


def fields(number: int, turn: int, workflow_bytes: int, *, rare: bool = False) -> dict[str, str]:
    """The form fields of a save that makes version `turn` of asset `number`."""
    lines = inputs.prompts()[0]
    mark = RARE if rare else COMMON if number % 5 else "benchwithou"
    serial = number * EACH + turn
    return {
        "asset_name": f"Filled {number:06}",
        "prompt": f"{mark} {lines[serial % len(lines)]}".ljust(PROMPT, ".")[:PROMPT],
        "model": "sd_xl_base_1.0.safetensors",
        "seed": str(10**9 + serial),
        "tags": "benchmark,filled",
        "workflow_json": inputs.shared_workflow(workflow_bytes).replace('"serial": 0', f'"serial": {10**9 + serial}'),
        "metadata": '{"sampler":{"steps":20,"cfg":7.5,"sampler_name":"dpmpp_2m"}}',
    }


def _insert_assets(library: Library, tx: Connection, workspace_id: str, plans: list[Plan]) -> None:
    rows: dict[Table, list[Row]] = {
        table: [] for table in (blobs, workflows, assets, versions, version_states, asset_words)
    }
    search: list[Row] = []
    for plan in plans:
        drafts = [_draft(library, plan, turn) for turn in range(EACH)]
        asset = _asset_row(drafts, workspace_id, plan)
        for turn, draft in enumerate(drafts):
            version_id = asset["current_version_id"] if turn == EACH - 1 else new_id()
            for table, row in _version_rows(draft, asset, version_id, turn + 1, plan.now):
                rows[table].append(row)
        words = _words(library, drafts)
        rows[assets].append(asset)
        rows[asset_words].append({"asset_id": asset["id"], "words": words})
        search.append({"position": asset["position"], "words": f"{workspace_word(workspace_id)} {words}"})
    for table, made in rows.items():
        tx.execute(insert(table), made)
    tx.execute(text("INSERT INTO asset_search (rowid, words) VALUES (:position, :words)"), search)


def _draft(library: Library, plan: Plan, turn: int) -> Draft:
    digest = hashlib.sha256(b"%d %d" % (plan.number, turn)).hexdigest()
    upload = Upload("", "picture.png", digest, 2_500_000)
    sent = fields(plan.number, turn, plan.workflow_bytes, rare=plan.rare)
    return make_draft(sent, upload, (), settings=library.settings, now=plan.now)


def _asset_row(drafts: list[Draft], workspace_id: str, plan: Plan) -> Row:
    name = drafts[0].asset_name
    return {
        "id": new_id(),
        "workspace_id": workspace_id,
        "name": name,
        "name_sha256": name_sha256(name),
        "slug": name.lower().replace(" ", "-"),
        "tags": drafts[-1].tags,
        "notes_md": "",
        "metadata": "{}",
        "current_version_id": new_id(),
        "version_count": EACH,
        "last_number": EACH,
        "position": (plan.number + 1) * EACH,  # each save moved it to the top
        "revision": EACH,
        "created_at": plan.now,
        "updated_at": plan.now,
        "created_by": MAKER,
        "updated_by": MAKER,
    }


def _version_rows(draft: Draft, asset: Row, version_id: str, number: int, now: datetime) -> Iterator[tuple[Table, Row]]:
    workflow = draft.workflow.encode()
    workflow_sha256 = hashlib.sha256(workflow).hexdigest()
    metadata = dump(draft.metadata)
    recipe, evidence = recipe_of(draft)
    yield blobs, {"sha256": draft.image.sha256, "bytes": draft.image.bytes, "claimed_at": now}
    yield workflows, {"sha256": workflow_sha256, "bytes": len(workflow), "body": draft.workflow}
    yield (
        versions,
        {
            "id": version_id,
            "workspace_id": asset["workspace_id"],
            "asset_id": asset["id"],
            "number": number,
            "prompt": draft.prompt,
            "model": draft.model,
            "seed": draft.seed,
            "tags": draft.tags,
            "workflow_sha256": workflow_sha256,
            "metadata": metadata,
            "filename": draft.image.filename,
            "sha256": draft.image.sha256,
            "bytes": draft.image.bytes,
            "width": SIDE,
            "height": SIDE,
            "format": "png",
            "created_at": now,
            "created_by": MAKER,
        },
    )
    yield (
        version_states,
        {
            "version_id": version_id,
            "recipe": dump(recipe),
            "evidence": dump(evidence),
            "document_bytes": len(workflow) + len(metadata.encode()),
            "revision": 1,
        },
    )


def _words(library: Library, drafts: list[Draft]) -> str:
    texts = [text for draft in drafts for text in (draft.asset_name, *draft.tags, draft.prompt, draft.model)]
    known = words_of(texts, characters=library.settings.indexed_text, most=library.settings.indexed_words)
    return " ".join(sorted(known))

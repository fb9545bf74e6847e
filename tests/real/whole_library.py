"""What must hold of a data folder at rest: rows and files agree, and nothing is half there."""

import hashlib
import re
from collections import Counter
from pathlib import Path

from sqlalchemy import Connection, select

from genasset.db.tables import artifacts, assets, blobs, version_states, versions, workflows
from genasset.library import Library

PREVIEW = re.compile(r"([0-9a-f]{64})-(256|512|1024)\.webp")


def assert_whole(library: Library) -> None:
    """Every file has a row and every row its file; versions, states, numbers and counts fit together."""
    folder = library.settings.data_dir
    assert list((folder / "incoming").iterdir()) == []
    with library.db.read() as tx:
        kept = {row.sha256: row.bytes for row in tx.execute(select(blobs))}
        assert_files_fit(folder, kept)
        for table in (versions, artifacts):
            assert set(tx.scalars(select(table.c.sha256))) <= set(kept)
        assert set(tx.scalars(select(versions.c.id))) == set(tx.scalars(select(version_states.c.version_id)))
        assert set(tx.scalars(select(versions.c.workflow_sha256))) <= set(tx.scalars(select(workflows.c.sha256)))
        assert_numbers_fit(tx)


def assert_files_fit(folder: Path, kept: dict[str, int]) -> None:
    """The files under blobs/ are those of the rows, whole; previews are of them and have their final names."""
    files = [path for path in (folder / "blobs").rglob("*") if path.is_file()]
    assert {path.name: path.stat().st_size for path in files} == kept
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in files)
    for path in (folder / "previews").rglob("*"):
        if path.is_file():
            named = PREVIEW.fullmatch(path.name)
            assert named, path
            assert named[1] in kept


def assert_numbers_fit(tx: Connection) -> None:
    """Of each asset, numbers have no doubles and its row counts what is there."""
    rows = tx.execute(select(versions.c.asset_id, versions.c.number)).all()
    assert max(Counter(rows).values(), default=1) == 1
    ids = {row.id: row.asset_id for row in tx.execute(select(versions.c.id, versions.c.asset_id))}
    for asset in tx.execute(select(assets)):
        numbers = [row.number for row in rows if row.asset_id == asset.id]
        assert (asset.version_count, asset.last_number) == (len(numbers), max(numbers))
        assert ids[asset.current_version_id] == asset.id

"""The schema's history: a fresh database is what the tables say, and one from the future is refused."""

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, create_engine, inspect, text

from genasset.db import migrations
from genasset.db.migrations import HEAD, revision_of, upgrade_embedded
from genasset.db.sqlite import open_engine
from genasset.db.tables import metadata
from genasset.errors import Unavailable
from genasset.library import open_library
from genasset.settings import Settings

VERSIONS = Path(migrations.__file__).parent / "versions"


def shape(engine: Engine) -> dict[str, Any]:
    """Tables, columns, keys and indexes as the database itself describes them."""
    found = inspect(engine)
    with engine.connect() as connection:
        partial = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
        conditions = {name: sql.partition(" WHERE ")[2] for name, sql in connection.execute(text(partial))}
    return {
        name: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["primary_key"])
                for column in found.get_columns(name)
            ],
            "indexes": sorted(
                (index["name"], index["column_names"], index["unique"], conditions.get(index["name"]))
                for index in found.get_indexes(name)
            ),
            "unique": sorted(tuple(one["column_names"]) for one in found.get_unique_constraints(name)),
            "references": sorted(
                (one["constrained_columns"], one["referred_table"], one["referred_columns"])
                for one in found.get_foreign_keys(name)
            ),
        }
        for name in sorted(found.get_table_names())
        if name in metadata.tables
    }


@pytest.fixture
def migrated(tmp_path: Path) -> Engine:
    upgrade_embedded(tmp_path / "migrated.db")
    return open_engine(tmp_path / "migrated.db", 5)


def test_a_fresh_database_is_what_the_tables_say(migrated: Engine, tmp_path: Path) -> None:
    made = create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    metadata.create_all(made)
    assert shape(migrated) == shape(made)
    assert set(shape(migrated)) == set(metadata.tables)


def test_a_database_has_no_table_that_nobody_knows(migrated: Engine) -> None:
    found = MetaData()
    found.reflect(migrated)
    others = {name for name in found.tables if name not in metadata.tables}
    assert {name for name in others if not name.startswith("asset_search")} == {"alembic_version"}
    assert "asset_search" in others


def test_head_is_the_newest_revision(migrated: Engine) -> None:
    files = sorted(path.name for path in VERSIONS.glob("[0-9]*.py"))
    assert files[-1].startswith(f"{HEAD}_")
    assert len({name.partition("_")[0] for name in files}) == len(files)
    with migrated.connect() as connection:
        assert revision_of(connection) == HEAD


def test_an_upgrade_of_a_current_database_changes_nothing(migrated: Engine, tmp_path: Path) -> None:
    before = shape(migrated)
    migrated.dispose()
    data = (tmp_path / "migrated.db").read_bytes()
    upgrade_embedded(tmp_path / "migrated.db")
    assert (tmp_path / "migrated.db").read_bytes() == data
    assert shape(migrated) == before


def test_a_database_made_by_a_newer_program_is_refused_and_left_alone(settings: Settings) -> None:
    open_library(settings).close()
    path = settings.data_dir / "genasset.db"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    data = path.read_bytes()
    with pytest.raises(Unavailable, match="newer GenAsset"):
        open_library(settings)
    assert path.read_bytes() == data


def test_a_file_that_is_no_database_is_refused_with_a_sentence(settings: Settings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "genasset.db").write_bytes(b"This is a text and no database. " * 200)
    with pytest.raises(Unavailable, match="database"):
        open_library(settings)


def test_two_processes_that_open_a_new_folder_at_once_make_one_library(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from genasset.library import open_library;"
        "from genasset.settings import Settings;"
        "library = open_library(Settings(data_dir=Path(sys.argv[1]))); print(library.signing_key.hex())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "library")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    outcomes = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], outcomes
    assert len({out for out, _ in outcomes}) == 1

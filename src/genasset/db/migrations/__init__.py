"""The schema's history (Alembic). A library in one folder brings itself up to date when it is opened."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError

from genasset.db.sqlite import as_sentence, open_engine
from genasset.errors import Unavailable

HEAD = "0001"
"""The newest revision; a test holds it against the files in versions/."""


def upgrade_embedded(path: Path) -> None:
    """The SQLite file is there, with the newest schema. Raises Unavailable for one that is newer or no database."""
    engine = open_engine(path, busy_seconds=30)
    try:
        with engine.connect() as connection:
            if revision_of(connection) == HEAD:
                return
        upgrade(engine)
    except OperationalError as error:
        raise as_sentence(str(error.orig)) from error
    except DatabaseError as error:
        raise Unavailable(f"{path} is no database, or a damaged one; restore it from a backup.") from error
    finally:
        engine.dispose()


def revision_of(connection: Connection) -> str | None:
    """The schema's revision, or None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing, in one transaction."""
    # Alembic takes 0.2 s to import: only who needs it waits for it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            connection.exec_driver_sql("ROLLBACK")
            raise Unavailable(
                "This database was made by a newer GenAsset; start that version, or restore a backup."
            ) from error
        connection.exec_driver_sql("COMMIT")

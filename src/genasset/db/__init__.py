"""The database under the verbs: one schema, and a dialect for what engines do differently."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, Select
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.sql.schema import Table

from genasset.db.query import Query, Rows


class Database(Protocol):
    """What a verb needs of an engine."""

    def read(self) -> AbstractContextManager[Connection]:
        """One consistent view for as long as the block lasts."""

    def ask(self, query: Query, **values: Any) -> Rows:
        """The rows of one query alone, which needs no transaction around it."""

    def write(self) -> AbstractContextManager[Connection]:
        """One transaction: when the block ends, it is on disk; when it raises, nothing of it is."""

    def insert(self, table: Table) -> SqliteInsert | PostgresInsert:
        """An INSERT that knows ON CONFLICT."""

    def next_position(self, tx: Connection) -> int:
        """A list position above all that were given before."""

    def index_words(self, tx: Connection, old: int | None, new: int | None, words: str) -> None:
        """Search finds `words` (space-separated tokens) at position `new` and nothing at `old`."""

    @property
    def hits(self) -> Select[Any]:
        """Positions of the assets that have the words in the parameter `words` (see `all_of`), to be narrowed."""

    def all_of(self, words: Sequence[str]) -> str:
        """Words as `hits` takes them, all of which it must find."""

    def check(self) -> None:
        """Raise Unavailable when the database does not answer."""

    def close(self) -> None:
        """Wait for what is being written and let go of the database."""

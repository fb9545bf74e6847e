"""Queries that every request runs, given to the driver as it takes them.

Around a statement that takes the database 10 µs, `Connection.execute` does work for several times as
long: it looks up the compiled form, binds parameters and makes a result with its metadata. A Query
keeps all that from its first run. It is for fixed statements on the hottest paths alone.
"""

from collections import namedtuple
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

Rows = list[Any]
Ask = Callable[..., Rows]
"""Runs a Query for the values of its parameters, as `Database.ask` does."""


class Query:
    """A fixed SELECT with named parameters, whose rows have its columns as attributes."""

    def __init__(self, select: Select[Any]) -> None:
        self._select = select
        self._prepared: dict[str, Prepared] = {}

    def all(self, tx: Connection, **values: Any) -> Rows:
        """All rows. Raises sqlalchemy's DBAPIError as `tx.execute` would."""
        prepared = self._prepared.get(tx.dialect.name) or self._prepare(tx.dialect)
        return prepared.run(tx, values)

    def first(self, tx: Connection, **values: Any) -> Any:
        """The first row, or None."""
        rows = self.all(tx, **values)
        return rows[0] if rows else None

    def _prepare(self, dialect: Dialect) -> "Prepared":
        made = self._prepared[dialect.name] = Prepared(self._select, dialect)
        return made


class Prepared:
    """A Query in the words of one engine."""

    def __init__(self, select: Select[Any], dialect: Dialect) -> None:
        compiled = select.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        self._sql = str(compiled)
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        self._order = compiled.positiontup
        self._driver = dialect.loaded_dbapi
        columns = list(select.selected_columns)
        self._make = row_type([str(column.key) for column in columns])._make
        self._readers = [
            (place, reader)
            for place, column in enumerate(columns)
            if (reader := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]

    def run(self, tx: Connection, values: dict[str, Any]) -> Rows:
        """All rows for these values of the parameters."""
        given = {**self._fixed, **values} if self._fixed else values
        parameters = given if self._order is None else [given[name] for name in self._order]
        driver_connection: Any = tx.connection.driver_connection
        try:
            found = driver_connection.execute(self._sql, parameters).fetchall()
        except self._driver.Error as error:
            raise DBAPIError.instance(self._sql, None, error, self._driver.Error) from error
        return [self._made(row) for row in found]

    def _made(self, row: tuple[Any, ...]) -> Any:
        cells = list(row)
        for place, read in self._readers:
            cells[place] = read(cells[place])
        return self._make(cells)


def asking(tx: Connection) -> Ask:
    """What runs queries inside the transaction."""
    return lambda query, **values: query.all(tx, **values)


def row_type(columns: list[str]) -> Any:
    """A tuple whose places have the names of the columns."""
    return namedtuple("Row", columns)

"""The records' database: opened, brought to its newest layout, read and written in transactions.

SQLite by default, in a file: its log is written ahead and forced to the disk at each commit,
so that a killed process loses nothing that was acknowledged.  PostgreSQL by its URL.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from api.errors import RecordsError

LAYOUT = "0001"
"""The newest migration; what this code reads and writes."""

_A_LOCK = 0x10CA1  # names this product's advisory lock in PostgreSQL
_WRITES = {"writes": True}
_PRAGMAS = (
    "busy_timeout = 30000",
    "journal_mode = WAL",
    "synchronous = FULL",  # a commit that returned is on the disk
    "secure_delete = ON",  # what is overwritten is gone from the file
)


class RecordsStore:
    """A database of records; each method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = Lock()  # SQLite would have the threads of a process poll for their turn

    @classmethod
    def open(cls, url: str) -> RecordsStore:
        """The database at `url`, brought to the newest layout.

        Raises RecordsError where it cannot be opened or was written by newer code.
        """
        try:
            store = cls(_engine(url))
            store._upgrade()
        except (SQLAlchemyError, ArgumentError, ModuleNotFoundError, OSError) as wrong:
            raise RecordsError(
                f"--records {_shown(url)}: cannot be opened ({_why(wrong)})"
            ) from wrong
        return store

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the records."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that alone may write; it stands once this block is left."""
        with (
            self._turn,
            self._engine.connect().execution_options(**_WRITES) as connection,
            connection.begin(),
        ):
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_A_LOCK})"))
            yield connection

    def forget(self) -> None:
        """Let nothing that was overwritten linger in SQLite's write-ahead log."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def _upgrade(self) -> None:
        with self.reading() as connection:
            if _layout(connection) == LAYOUT:
                return
        with self.writing() as connection:
            if _layout(connection) != LAYOUT:
                _migrate(connection)


def _engine(url: str) -> Engine:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: ConnectionPoolEntry) -> None:  # noqa: ANN401 - sqlite3's own
    connection.isolation_level = None  # transactions are begun by _begin, and not by the driver
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    alone = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if alone else "BEGIN")


def _layout(connection: Connection) -> str:
    """The migration that the database stands at; '' for a fresh one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    try:
        command.upgrade(config, LAYOUT)
    except CommandError as wrong:
        raise RecordsError(
            f"the records are at layout {_layout(connection)}, which this version does not know "
            f"(it knows {LAYOUT}): open them with the version that wrote them, or a newer one"
        ) from wrong


def _shown(url: str) -> str:
    """The URL without its password."""
    before, at, after = url.rpartition("@")
    return f"{before.rpartition(':')[0]}:…@{after}" if at and before.count(":") > 1 else url


def _why(wrong: Exception) -> str:
    return str(getattr(wrong, "orig", None) or wrong).splitlines()[0]

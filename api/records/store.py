"""The database of the records: opened, upgraded, and read and written in transactions.

By default a SQLite file.  Its log is written ahead and forced to the disk at each commit, so
that a killed process loses nothing that was acknowledged.  PostgreSQL by its URL.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias

from sqlalchemy import (
    Connection,
    Engine,
    TextClause,
    create_engine,
    event,
    inspect,
    text,
    update,
)
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from api.errors import Conflict, RecordsError
from api.records.reasons import is_locked, reason, way_out, without_password
from api.records.schema import write_test

LAYOUT = "0007"
"""The newest migration; what this code reads and writes."""

LOCK_SECONDS = 30.0
"""for another writer to end, of this process or another"""
UPGRADE_SECONDS = 1800.0
"""for another process to upgrade the records, which takes about a millisecond an entry"""
IDLE_SECONDS = 60.0
"""that a writer may ask nothing of PostgreSQL, before it is taken to hang"""
_ADVISORY_LOCK = 0x10CA1  # names this product's lock in PostgreSQL
_APPLICATION = "local-by-default"
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",  # a commit that returned is on the disk
    "secure_delete = ON",  # overwritten content is gone from the file
)
_SMALL_MEMORY = text(
    "SELECT set_config('work_mem', '64kB', true), set_config('temp_tablespaces', '', true)"
)
_TAKE_ROOM = text("SELECT count(*) FROM generate_series(1, 20000)")
"""What PostgreSQL puts into a file for a moment, of some 280 KB, where it has little memory.

A row that is only changed finds room on a full disk, where no entry does.
"""
_FileId: TypeAlias = "tuple[int, int] | None"


class RecordsStore:
    """A database of records; each method is one transaction.

    Raises RecordsError where the database cannot be read or written at the moment.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._write_lock = Lock()  # without it, threads of one process would poll SQLite's lock
        self._path = _sqlite_path(engine)
        self._file_id: _FileId = None

    @classmethod
    def open(cls, url: str) -> RecordsStore:
        """The database at `url`, upgraded to the newest layout.

        Raises RecordsError where it cannot be opened or was written by newer code.
        """
        store = None
        try:
            store = cls(_engine(url))
            _make_private(store._path)
            store._upgrade()
            store._file_id = _file_id(store._path)
            _sync_folder(store._path)
        except (
            SQLAlchemyError,
            sqlite3.Error,
            ArgumentError,
            ModuleNotFoundError,
            OSError,
        ) as error:
            if store is not None:
                store.close()
            raise RecordsError(
                f"--records {without_password(url)}: cannot be opened ({reason(error)})"
                f"{way_out(url, error)}"
            ) from error
        return store

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the records."""
        self._check_file()
        with self._faults(), self._transaction(writes=False) as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """As `reading`; however many queries are run, none sees what others write meanwhile."""
        self._check_file()
        with self._faults(), self._transaction(writes=False, isolated=True) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The only transaction that can write; it is committed when this block is left."""
        if not self._write_lock.acquire(timeout=LOCK_SECONDS):
            raise RecordsError("the records are being written by others, who take long; try again")
        try:
            self._check_file()
            with self._faults(), self._transaction(writes=True) as connection:
                yield connection
            self._check_file()
        finally:
            self._write_lock.release()

    def check_writable(self, at: str) -> None:
        """Write a timestamp, so that a full disk or a read-only database is noticed."""
        with self.writing() as connection:
            connection.execute(update(write_test).values(at=at))
            if connection.dialect.name == "postgresql":
                connection.execute(_SMALL_MEMORY)
                connection.execute(_TAKE_ROOM)

    def check_unused(self) -> None:
        """Raise RecordsError where another process has the database open.

        SQLite leaves its write-ahead log only for a process that is alone.  In PostgreSQL, every
        connection of this product has its name.
        """
        with self._faults(), self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA busy_timeout = 200")
                alone = _leave_log(connection)
            else:
                others = text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND application_name = :name AND pid <> pg_backend_pid()"
                )
                found = connection.execute(others, {"name": _APPLICATION})
                alone = found.scalar_one() == 0
        self._engine.dispose()
        if not alone:
            raise RecordsError(
                "the records are in use: stop `matcher serve` and every other command that uses "
                "them, and try again"
            )

    def forget(self) -> None:
        """Remove overwritten content from SQLite's write-ahead log."""
        if self._path is not None:
            with self._faults(), self._engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def _check_file(self) -> None:
        """Raise RecordsError where the file at the path is not the one that was opened.

        SQLite would go on writing to a deleted file, and everything would be lost at the end.
        """
        if self._file_id is not None and _file_id(self._path) != self._file_id:
            raise RecordsError(
                f"the records file {self._path} was deleted or replaced while the service runs; "
                "nothing is answered or kept until it is back, or the service is started again"
            )

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn what the database refuses into our own errors."""
        try:
            yield
        except IntegrityError as error:
            raise Conflict(f"the records hold such an entry already ({reason(error)})") from error
        except (SQLAlchemyError, sqlite3.Error) as error:
            folder = self._path and self._path.absolute().parent
            raise RecordsError(
                f"the records cannot be read or written at the moment ({reason(error, folder)})"
            ) from error

    @contextmanager
    def _transaction(
        self, *, writes: bool, isolated: bool = False, upgrades: bool = False
    ) -> Iterator[Connection]:
        options: dict[str, Any] = {"writes": writes, "upgrades": upgrades}
        if isolated and self._engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        with (
            self._engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            if writes and connection.dialect.name == "postgresql":
                connection.execute(_limits(UPGRADE_SECONDS if upgrades else LOCK_SECONDS))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
            yield connection

    def _upgrade(self) -> None:
        with self._transaction(writes=False) as connection:
            if _layout(connection) == LAYOUT:
                return
        with self._transaction(writes=True, upgrades=True) as connection:
            if _layout(connection) != LAYOUT:
                _migrate(connection)
        if self._path is not None:
            self._engine.dispose()  # its connection to SQLite waits for longer than others


def _engine(url: str) -> Engine:
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, pool_pre_ping=True, connect_args=_connect_args(url))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _connect_args(url: str) -> dict[str, str]:
    return {"application_name": _APPLICATION} if url.startswith("postgresql") else {}


def _leave_log(connection: Connection) -> bool:
    """Whether SQLite leaves its write-ahead log, which it does where nobody else has the file."""
    try:
        mode = connection.exec_driver_sql("PRAGMA journal_mode = DELETE").scalar()
    except SQLAlchemyError as error:
        if is_locked(error):
            return False
        raise
    return mode == "delete"


def _prepare(connection: Any, _: ConnectionPoolEntry) -> None:  # noqa: ANN401 - sqlite3's own
    connection.isolation_level = None  # _begin begins transactions, not the driver
    for pragma in (_busy_timeout(LOCK_SECONDS), *_PRAGMAS):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("upgrades"):
        connection.exec_driver_sql(f"PRAGMA {_busy_timeout(UPGRADE_SECONDS)}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def _busy_timeout(seconds: float) -> str:
    return f"busy_timeout = {seconds * 1000:.0f}"


def _limits(seconds: float) -> TextClause:
    """Tells PostgreSQL for how long this transaction may wait for another, and do nothing.

    Without limits, one that hangs would keep all others waiting for ever.
    """
    waits, idle = (f"{limit * 1000:.0f}" for limit in (seconds, IDLE_SECONDS))
    return text(
        f"SELECT set_config('lock_timeout', '{waits}', true), "
        f"set_config('idle_in_transaction_session_timeout', '{idle}', true)"
    )


def _sqlite_path(engine: Engine) -> Path | None:
    """The file of a SQLite database; None for a database in memory or of another kind."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        return None
    return Path(name)


def _file_id(path: Path | None) -> _FileId:
    """Device and inode of the file, which tell it from another of the same name."""
    if path is None:
        return None
    try:
        stat = path.stat()
    except OSError:
        return (0, 0)
    return (stat.st_dev, stat.st_ino)


def _make_private(path: Path | None) -> None:
    """Make the file where there is none, for its owner alone: it names people who decided.

    SQLite makes its log like it.
    """
    if path is not None:
        with suppress(OSError):  # it is there, or SQLite says why it cannot be made
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _sync_folder(path: Path | None) -> None:
    """Make the file's name survive a power cut."""
    if path is not None and os.name == "posix":
        folder = os.open(path.absolute().parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _layout(connection: Connection) -> str:
    """The migration of the database; '' for a new one."""
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
    except CommandError as error:
        raise RecordsError(
            f"the records have layout {_layout(connection)}, which this version does not know "
            f"(it knows {LAYOUT}): open them with the version that wrote them, or a newer one"
        ) from error

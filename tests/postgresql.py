"""A PostgreSQL for tests, in a folder of its own, reached by a socket in that folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class PostgreSQL:
    """A server that runs, and how to control it."""

    url: str
    control: tuple[str, ...]
    start_options: tuple[str, ...]
    folder: Path
    small_disk: bool = False
    """whether the folder is a file system of its own, which can be filled up"""

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._run(*self.start_options, "start")

    def stop(self) -> None:
        """End it at once, as a power cut would."""
        self._run("-m", "immediate", "stop")

    def start_if_ended(self) -> None:
        """Start it where it ended by itself, as it does where its disk is full."""
        if self._run("status", check=False):
            self.start()

    def _run(self, *words: str, check: bool = True) -> int:
        return subprocess.run(
            [*self.control, *words],
            check=check,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ).returncode


@contextmanager
def postgresql(megabytes: int = 0) -> Iterator[PostgreSQL]:
    """A fresh PostgreSQL; skips the test where none is installed.

    With `megabytes`, its folder is a file system of that size, where one can be mounted.

    PostgreSQL does not run as root, nor in a folder that only root can enter: as root, it runs
    as the user 'postgres', in a folder of that user's under the system's temporary folder.
    """
    pytest.importorskip("psycopg")
    found = shutil.which("initdb") or next(
        (str(p) for p in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), None
    )
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    programs = Path(os.path.realpath(found)).parent
    with (
        tempfile.TemporaryDirectory(prefix="lbd-pg-", ignore_cleanup_errors=True) as name,
        small_disk(Path(name), megabytes) as small,
    ):
        folder = Path(name)
        prefix = _as_another_user(folder)
        data = str(folder / "data")
        subprocess.run(
            [*prefix, str(programs / "initdb"), "-D", data, "-A", "trust", "-U", "me", "-N"],
            check=True,
            cwd=folder,
            capture_output=True,
        )
        server = PostgreSQL(
            f"postgresql://me@/postgres?host={folder}",
            (*prefix, str(programs / "pg_ctl"), "-D", data, "-w"),
            (
                *("-o", f"-c listen_addresses='' -c unix_socket_directories={folder}"),
                *("-l", str(folder / "log")),
            ),
            folder,
            small,
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    """Mount a tmpfs of this size on a folder; gives whether that was possible."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if not megabytes or os.geteuid() != 0:
        yield False
        return
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def _as_another_user(folder: Path) -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user 'postgres'")
    shutil.chown(folder, "postgres", "postgres")
    return ("runuser", "-u", "postgres", "--")

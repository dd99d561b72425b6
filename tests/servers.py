"""Real servers for tests: `matcher serve` in a process of its own, on a port of its own."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from api.app import create_app
from api.cli.serve import options
from api.settings import Settings

CUT_OFF = (OSError, http.client.HTTPException)
"""What a client may meet whose server ends: before the answer, or half-way through it."""

_PATIENCE = 600.0
"""Seconds for a server to start: only one that hangs takes so long, on a busy machine too."""


@dataclass
class Server:
    """A server that runs, and where."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Any:
        """The answer to JSON posted, as JSON."""
        return self._call(
            path,
            json.dumps(body).encode(),
            {"content-type": "application/json", **(headers or {})},
        )

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Any:
        """The answer, as JSON."""
        return self._call(path, None, dict(headers or {}))

    def _call(self, path: str, body: bytes | None, headers: dict[str, str]) -> Any:
        request = urllib.request.Request(self.url + path, body, headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read())

    def kill(self) -> None:
        """End it and its workers at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def free_port() -> int:
    """A port of the loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(
    register: Path, *options: str | Path, host: str = "127.0.0.1", port: int = 0
) -> Iterator[Server]:
    """`matcher serve` over a register, until the block is left."""
    port = port or free_port()
    log = register.with_name(f"server-{port}.log")
    words = ["serve", "--register", register, "--host", host, "--port", port, *options]
    command = [sys.executable, "-m", "api.cli.main", *map(str, words)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, start_new_session=True, env={**os.environ}
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait(server)
        yield server
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()


def answers_when_it_says_so(command: Sequence[object], log: Path, env: Mapping[str, str]) -> str:
    """Run a command in the folder of `log` until it says where it serves; what it wrote.

    The address must answer at once.
    """
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*map(str, command)],
            stdout=out,
            stderr=out,
            cwd=log.parent,
            start_new_session=True,
            env=env,
        )
    try:
        until = time.monotonic() + 2 * _PATIENCE
        said = None
        while not said and time.monotonic() < until and process.poll() is None:
            said = re.search(r"Serving at http://([\d.]+):(\d+)", log.read_text())
            time.sleep(0.05)
        assert said, log.read_text()
        with socket.create_connection((said[1], int(said[2])), timeout=10) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 200")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
    return log.read_text()


@contextmanager
def in_thread(settings: Settings) -> Iterator[str]:
    """The service in a thread of this process, as `matcher serve` runs it; gives its address."""
    config = uvicorn.Config(create_app(settings), **options("127.0.0.1", free_port(), settings))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until = time.monotonic() + _PATIENCE
        while not server.started:
            if not thread.is_alive() or time.monotonic() > until:
                raise RuntimeError("the server did not start")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{config.port}"
    finally:
        server.should_exit = True
        thread.join(60)


def _wait(server: Server) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended: {server.log.read_text()[-2000:]}")
        try:
            server.get("/healthz")
        except CUT_OFF:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server did not start: {server.log.read_text()[-2000:]}")

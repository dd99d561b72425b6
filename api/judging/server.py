"""The server of the raters' pages, for this machine alone."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from matcher.core.errors import BadInput

HOST = "127.0.0.1"


def listen(port: int) -> socket.socket:
    """A socket on `port` of this machine; 0 picks a free port.  Raises BadInput."""
    try:
        return socket.create_server((HOST, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"--port {port}: cannot be used ({reason}); give another") from error


def server(app: FastAPI) -> uvicorn.Server:
    """A server whose `run(sockets=[...])` answers until it is interrupted.

    It writes no log: the terminal belongs to the person who started it.
    """
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        log_level="critical",
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)

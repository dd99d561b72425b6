"""Logs and metrics: what happened, and nothing of who or what was asked about."""

from __future__ import annotations

import io
import json
import logging
import socket
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.http.telemetry import LOGGER, TelemetryMiddleware, log_to
from tests.servers import in_thread
from tests.services import LOT, served, settings_for


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    out = io.StringIO()
    logger = logging.getLogger(LOGGER)
    before = logger.handlers, logger.propagate
    log_to(out)
    yield out
    logger.handlers, logger.propagate = before


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_request_is_a_line_that_names_the_route_and_not_the_path(
    log: io.StringIO, tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table) as client:
        response = client.get("/v1/providers/XX-NAME-jsmithcare")
        client.get("/v1/providers?q=secret")
    line, _ = lines(log)
    assert (line["route"], line["method"], line["status"]) == ("/v1/providers/{id}", "GET", 200)
    assert line["request"] == response.headers["x-request-id"]
    assert line["bytes"] == len(response.content)
    assert "smith" not in log.getvalue()
    assert "secret" not in log.getvalue()


def test_requests_and_refusals_are_not_logged(
    log: io.StringIO, tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table) as client:
        for lot in ({**LOT, "title": "Hushhush"}, {"title": ["Hushhush"]}, "Hushhush"):
            client.post("/v1/shortlists", json={"lots": {"Hushhush": lot}, "area": None})
        client.post("/v1/shortlists", json={"Hushhush": 1})
        client.post("/v1/shortlists", content=b"Hushhush")
    assert len(lines(log)) == 5
    assert "Hushhush" not in log.getvalue()


def test_a_client_that_leaves_while_it_sends_is_no_failure(
    log: io.StringIO, tmp_path: Path, places_table: Path
) -> None:
    path = "/v1/shortlists/x/decision"
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with in_thread(settings_for(tmp_path, places_table)) as url:
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(f"{head}Content-Length: 9\r\n\r\n{{".encode())
        until = time.monotonic() + 30
        while not any(line["event"] == "request" for line in lines(log)):
            assert time.monotonic() < until
            time.sleep(0.02)
    said = {line["event"]: line for line in lines(log)}
    assert said["request"]["status"] == 0
    assert "failed" not in said


def test_a_failure_is_logged_by_type_and_place_without_its_message(log: io.StringIO) -> None:
    app = FastAPI()
    app.add_middleware(TelemetryMiddleware)

    @app.get("/fails")
    def fails() -> None:
        raise RuntimeError("Hushhush")

    with TestClient(app) as client:
        response = client.get("/fails")
    assert response.status_code == 500
    assert response.json()["title"] == "The service failed"
    failed, request = lines(log)
    assert failed["error"] == "RuntimeError"
    assert "test_telemetry.py" in failed["place"]
    for line in (failed, request):
        assert datetime.fromisoformat(line["at"]).tzinfo is not None
    assert failed["request"] == request["request"] == response.headers["x-request-id"]
    assert "Hushhush" not in log.getvalue() + response.text

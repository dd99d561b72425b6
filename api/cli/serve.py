"""The command `matcher serve`."""

from __future__ import annotations

import errno
import os
import re
import socket
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from http.client import HTTPConnection
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from pathlib import Path
from threading import Thread
from typing import Annotated, Any

import typer

from api.cli.named_paths import file_to_read, to_read
from api.cli.options import BundleOption, ChainKeyOption, RecordsOption, RegisterOption
from api.http.api_keys import Keys
from api.settings import OPENREFINE, PER_MINUTE, Settings
from matcher.core.errors import BadInput
from matcher.core.leftovers import scratch_folder
from models.bundle import DEFAULT

_LAST_PORT = 65535
_START_SECONDS = 120.0
STOP_SECONDS = 50
"""How long a service that is told to end works on what it was asked, at most."""
_LOOPBACK = "localhost,127.0.0.1,[::1]"
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def serve(
    register: RegisterOption,
    bundle: BundleOption = DEFAULT,
    records: RecordsOption = "",
    procedures: Annotated[
        Path | None,
        typer.Option(
            callback=to_read,
            help="A folder with your council's contract procedure rules, as TOML files.",
        ),
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(
            callback=file_to_read, help="The file of API keys, made by `matcher keys add`."
        ),
    ] = None,
    sign_in: Annotated[
        Path | None,
        typer.Option(
            envvar="LBD_SIGN_IN",
            callback=file_to_read,
            help="A TOML file that lets people sign in with an identity provider (OpenID Connect): "
            "issuer, client_id, secret_file, claim, and [roles]. See docs/deploying.md.",
        ),
    ] = None,
    chain_key: ChainKeyOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    workers: Annotated[
        int, typer.Option(help="Number of processes that answer.", min=1, max=64)
    ] = 1,
    per_minute: Annotated[
        int,
        typer.Option("--per-minute", help="Requests that one client may make in a minute.", min=1),
    ] = PER_MINUTE,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            help="A further host name to answer to, such as the name of a proxy in front. Can be "
            "given several times."
        ),
    ] = None,
    trust_proxy: Annotated[
        list[str] | None,
        typer.Option(
            help="The address or network of a proxy whose X-Forwarded headers are believed. Can "
            "be given several times."
        ),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            help="A website whose pages may use /reconcile, such as https://refine.council.example."
            " Can be given several times."
        ),
    ] = None,
) -> None:
    """Serve the officer's pages and the API.

    Without --keys or --sign-in, only this machine can reach it. To let programs on other machines
    in, name a file of API keys with --keys; to let people in, let them sign in with --sign-in. Put
    an HTTPS proxy in front. With --sign-in, the pages need a signed-in person, whose name is kept
    with each decision. The client's secret is in secret_file, or in $LBD_SIGN_IN_SECRET.

    Example: matcher serve --register county.register
    """
    local, names, proxies = _is_loopback(host), allow_host or [], trust_proxy or []
    _check_who_may_ask(host, names, keys, sign_in)
    _check_addresses(proxies)
    settings = Settings(
        register=register,
        bundle=bundle,
        records=records or os.environ.get("DATABASE_URL", ""),
        procedures=procedures,
        keys=keys,
        sign_in=sign_in,
        chain_key=chain_key,
        per_minute=max(1, per_minute // workers),
        hosts=",".join([_LOOPBACK, *names]) if local or names else "",
        proxies=",".join(proxies),
        origins=",".join([OPENREFINE, *(allow_origin or [])]),
    )
    with scratch_folder("metrics") if workers > 1 else nullcontext() as counters:
        if counters:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counters)
        run_service(settings, host, port, workers)


def _check_who_may_ask(
    host: str, names: list[str], keys: Path | None, sign_in: Path | None
) -> None:
    """Raise BadInput where anybody could ask from another machine, or a file cannot be used."""
    if sign_in is not None:
        _check_sign_in(sign_in)
    elif keys is None and not _is_loopback(host):
        raise BadInput(
            f"--host {host} can be reached from other machines, and without --keys anybody there "
            "could ask: run `matcher keys add NAME --keys FILE` and give --keys FILE"
        )
    if keys is not None:
        _check_keys(keys, others_may_ask=sign_in is not None)
    _check_names(names)
    if names and keys is None and sign_in is None:
        sys.stderr.write(
            "Warning: there are no --keys and no --sign-in, so anybody whom the proxy lets in can "
            "ask and decide\n"
        )


def run_service(
    settings: Settings,
    host: str,
    port: int,
    workers: int,
    ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Open everything once, so that errors show here, then serve.

    `ready` is called with the address once the service answers.  Raises BadInput where another
    program listens on the port.
    """
    port = _free_port(host, port)
    from api.service.services import Services  # takes a second; a refusal above need not wait

    Services.open(settings).close()
    import uvicorn

    os.environ.update(settings.env())
    Thread(target=_tell_when_ready, args=(host, port, ready), daemon=True).start()
    uvicorn.run(
        "api.app:from_environment",
        factory=True,
        workers=workers,
        **options(host, port, settings),
    )


def _free_port(host: str, port: int) -> int:
    """The port, or a free one for 0.  Raises BadInput where another program listens on it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise BadInput(
                    f"--port {port}: is in use by another program; stop it, or give another port, "
                    f"such as --port {port + 1 if port < _LAST_PORT else port - 1}"
                ) from error
            reason = error.strerror or str(error)
            raise BadInput(f"--host {host} --port {port}: cannot be used ({reason})") from error
        found: int = probe.getsockname()[1]
        return found


def _tell_when_ready(host: str, port: int, ready: Callable[[str], None]) -> None:
    """Say where the service is once it answers."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        connection = HTTPConnection(reached, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            where = f"[{host}]" if ":" in host else host
            address = f"http://{where}:{port}"
            sys.stderr.write(f"Serving at {address} (Ctrl-C ends it)\n")
            sys.stderr.flush()
            ready(address)
            return
        finally:
            connection.close()


def options(host: str, port: int, settings: Settings) -> dict[str, Any]:
    """The options of the server that answers for the service, in each worker process."""
    from api.http.protocol import GuardedProtocol  # uvicorn takes a moment; refusals need not wait

    return {
        "host": host,
        "port": port,
        "http": GuardedProtocol,
        "ws": "none",
        "timeout_graceful_shutdown": STOP_SECONDS,
        "timeout_worker_healthcheck": 60,  # on a busy machine a worker takes long to start
        "proxy_headers": bool(settings.proxies),
        "forwarded_allow_ips": settings.proxies.split(","),
        "server_header": False,
        "log_config": None,  # api.http.telemetry writes all of it as JSON
        "access_log": False,  # it would name paths, and so providers; telemetry logs routes
    }


def _check_keys(keys: Path, *, others_may_ask: bool) -> None:
    """Raise BadInput where the file holds no key, and nobody else could ask either."""
    if Keys.open(keys).known:
        return
    reason = f"--keys {keys}: holds no key; run `matcher keys add NAME --keys {keys}`"
    if not others_may_ask:
        raise BadInput(f"{reason}, or nobody could ask")
    sys.stderr.write(f"Warning: {reason}, or no program can ask\n")


def _check_sign_in(path: Path) -> None:
    if find_spec("authlib") is None or find_spec("itsdangerous") is None:
        raise BadInput(
            "--sign-in needs the libraries of the extra 'signin': run pip install "
            "'local-by-default[signin] @ git+REPOSITORY'"
        )
    from api.signin.settings import SignIn

    SignIn.open(path, os.environ)


def _check_names(names: Iterable[str]) -> None:
    wrong = next((name for name in names if not _HOST_NAME.fullmatch(name)), None)
    if wrong is not None:
        raise BadInput(
            f"--allow-host {wrong}: is not a host name; give it without https:// and without a "
            "port, such as lots.council.example"
        )


def _check_addresses(addresses: Iterable[str]) -> None:
    for address in addresses:
        try:
            ip_network(address)
        except ValueError as error:
            raise BadInput(
                f"--trust-proxy {address}: is not an address or a network; give one such as "
                "127.0.0.1 or 172.30.0.0/24"
            ) from error


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

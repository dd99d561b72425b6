"""A proxy in front of the service, on the same machine."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import trustme

from tests.api.conftest import Run
from tests.servers import free_port, in_thread
from tests.services import LOT, settings_for

NAME = "lots.council.example"
CONFIGURATION = Path(__file__).resolve().parents[3] / "deploy" / "nginx.conf"
LOOPBACK = "localhost,127.0.0.1"
HTTPS = {"x-forwarded-proto": "https"}


def statuses(url: str, requests: int) -> list[int]:
    """What requests that each claim another address are answered with."""
    return [
        httpx.get(f"{url}/v1/rules", headers={"x-forwarded-for": f"192.0.2.{n}"}).status_code
        for n in range(requests)
    ]


def test_a_forwarded_address_does_not_pass_the_limit_of_requests(
    tmp_path: Path, places_table: Path
) -> None:
    with in_thread(settings_for(tmp_path, places_table, per_minute=3)) as url:
        assert statuses(url, 4) == [200, 200, 200, 429]


def test_the_forwarded_address_of_a_trusted_proxy_counts(
    tmp_path: Path, places_table: Path
) -> None:
    settings = settings_for(tmp_path, places_table, per_minute=3, proxies="10.0.0.0/8,127.0.0.1")
    with in_thread(settings) as url:
        assert statuses(url, 6) == [200] * 6


@pytest.mark.parametrize(("proxies", "secure"), [("", False), ("127.0.0.1", True)])
def test_cookies_are_secure_behind_a_trusted_https_proxy(
    tmp_path: Path, places_table: Path, proxies: str, secure: bool
) -> None:
    with in_thread(settings_for(tmp_path, places_table, proxies=proxies)) as url:
        cookie = httpx.get(url, headers=HTTPS).headers["set-cookie"]
    assert ("Secure" in cookie) == secure


def test_a_host_name_that_is_allowed_is_answered_and_no_other(
    tmp_path: Path, places_table: Path
) -> None:
    with in_thread(settings_for(tmp_path, places_table, hosts=f"{LOOPBACK},{NAME}")) as url:
        for host, status in ((NAME, 200), (f"{NAME}:443", 200), ("other.example", 400)):
            assert httpx.get(f"{url}/healthz", headers={"host": host}).status_code == status


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--allow-host", "https://lots.council.example", "is not a host name"),
        ("--allow-host", "lots.council.example:443", "is not a host name"),
        ("--allow-host", "*", "is not a host name"),
        ("--trust-proxy", "*", "is not an address or a network"),
        ("--trust-proxy", "proxy.example", "is not an address or a network"),
    ],
)
def test_a_wrong_name_or_address_is_refused(
    run: Run, tmp_path: Path, option: str, value: str, words: str
) -> None:
    refusal = run("serve", "--register", tmp_path / "reg", option, value).refusal
    assert f"{option} {value}: {words}" in refusal


# --- the configuration of nginx that is delivered ---


@contextmanager
def nginx(folder: Path, service: str) -> Iterator[httpx.Client]:
    """nginx as delivered, on other ports, with a certificate of its own."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed")
    authority, https, http = trustme.CA(), free_port(), free_port()
    certificate = authority.issue_cert(NAME)
    certificate.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    text = CONFIGURATION.read_text()
    for old, new in (
        ("listen 443 ssl", f"listen 127.0.0.1:{https} ssl"),
        ("listen 80", f"listen 127.0.0.1:{http}"),
        ("/etc/ssl/local-by-default", str(folder)),
        ("http://127.0.0.1:8000", service),
    ):
        assert old in text
        text = text.replace(old, new)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{text}\n}}\n"
    )
    command = [program, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    context = ssl.create_default_context(cafile=folder / "authority.pem")
    extensions = {"sni_hostname": NAME}
    process = subprocess.Popen(command)
    try:
        with httpx.Client(base_url=f"https://127.0.0.1:{https}", verify=context) as client:
            client.headers["host"] = NAME
            client.event_hooks["request"] = [lambda request: request.extensions.update(extensions)]
            _wait(client)
            yield client
    finally:
        process.terminate()
        process.wait(30)


def _wait(client: httpx.Client) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            client.get("/healthz")
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("nginx did not start")


def test_nginx_as_delivered_passes_on_what_the_service_needs(
    tmp_path: Path, places_table: Path
) -> None:
    hosts = f"{LOOPBACK},{NAME}"
    settings = settings_for(tmp_path, places_table, hosts=hosts, proxies="127.0.0.1", per_minute=9)
    with in_thread(settings) as url, nginx(tmp_path, url) as client:
        page = client.get("/", headers={"accept": "text/html"})
        assert page.status_code == 200
        assert "Secure" in page.headers["set-cookie"]
        assert "strict-transport-security" in page.headers
        token = page.cookies["lbd-form"]
        form = {"lbd-form": token, "text": "Home care for older people in Walsall, £24,000"}
        headers = {"origin": f"https://{NAME}", "cookie": f"lbd-form={token}"}
        assert client.post("/need", data=form, headers=headers).status_code == 303
        assert client.get("/metrics").status_code == 404
        for size, status in ((19_999_999, 422), (20_000_001, 413)):
            body = b" " * size
            assert client.post("/v1/shortlists", content=body).status_code == status
        claimed = [
            client.get("/v1/rules", headers={"x-forwarded-for": f"192.0.2.{n}"}).status_code
            for n in range(9)
        ]
        assert claimed[-1] == 429, "what a client claims about its address does not count"


def test_a_thousand_ticked_providers_pass_a_proxy_with_nginxs_own_limits(
    tmp_path: Path, places_table: Path
) -> None:
    settings = settings_for(tmp_path, places_table, hosts=f"{LOOPBACK},{NAME}")
    many = [f"XX-EXAMPLE-OF-A-LONG-ID-{number:06}" for number in range(1_000)]
    with in_thread(settings) as url, nginx(tmp_path, url) as client:
        asked = client.post("/v1/shortlists", json={"lots": {"a": LOT}}).json()
        answer = asked["shortlists"]["a"]
        first, second = (each["id"] for each in answer["suggestions"][:2])
        page = f"/lists/{answer['id']}"
        token = client.get("/").cookies["lbd-form"]
        form = {"lbd-form": token, "provider": [first, *many, second], "do": "compare"}
        headers = {"origin": f"https://{NAME}", "cookie": f"lbd-form={token}"}
        sent = client.post(f"{page}/ticked", data=form, headers=headers)
        assert sent.status_code == 303
        compared = client.get(sent.headers["location"])
        assert compared.status_code == 200
        assert "2 providers side by side" in compared.text

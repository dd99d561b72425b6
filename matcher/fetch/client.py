"""The HTTP client for all sources: it sends one request at a time and retries.

It pauses between two requests to the same host.  It waits where a service asks it to (429,
503, Retry-After, and 403 where the catalogue says so).  A failed request is tried again after
a growing delay; the client gives up after a few tries that bring nothing new.  It follows a
redirect only to a host that the catalogue names.
"""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import httpx
import truststore
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from matcher.core.errors import FetchError
from matcher.fetch.clock import Clock, Tell, silent
from matcher.sources.catalogue import CatalogueEntry

_T = TypeVar("_T")

TRIES = 6
"""Tries in a row that may bring nothing new."""
LONGEST_WAIT = 1800.0
"""The longest single wait, in seconds. A service that asks for more makes the fetch fail."""
LONGEST_PAGE = 64_000_000
"""The longest page of an API that is read, in bytes."""

_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_A_MOMENT = 1.0
_TIMEOUT = httpx.Timeout(60.0, connect=20.0)
_backoff = wait_exponential(multiplier=2, max=120)


class RetryableError(Exception):
    """A try failed, and another may succeed: after `after` seconds, if the service said so.

    `moved` is true where the try brought something new, such as part of a file.
    """

    def __init__(self, reason: str, after: float | None = None, *, moved: bool = False) -> None:
        super().__init__(reason)
        self.after = after
        self.moved = moved


@dataclass
class Client:
    """Sends requests, one at a time.  `env` is the environment, which can name certificates."""

    clock: Clock = field(default_factory=Clock)
    tell: Tell = silent
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)
    _last: dict[str, float] = field(default_factory=dict)
    _client: httpx.Client | None = None

    def __enter__(self) -> Client:
        agent = f"local-by-default/{version('local-by-default')}"
        if self.env.get("LBD_CONTACT"):
            agent = f"{agent} ({self.env['LBD_CONTACT']})"
        self._client = httpx.Client(
            headers={"User-Agent": agent}, timeout=_TIMEOUT, verify=trusted(self.env)
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.close()

    def with_retries(self, entry: CatalogueEntry, address: str, attempt: Callable[[], _T]) -> _T:
        """What `attempt` gives, tried again after each RetryableError.

        Raises FetchError after too many tries.
        """
        fruitless = 0

        def stop(state: RetryCallState) -> bool:
            nonlocal fruitless
            fruitless = 0 if _again(state).moved else fruitless + 1
            return fruitless >= TRIES

        def wait(state: RetryCallState) -> float:
            again = _again(state)
            usual = _A_MOMENT if again.moved else _backoff(state)
            seconds = usual if again.after is None else again.after
            if seconds > LONGEST_WAIT:
                raise FetchError(
                    f"{entry.title}: {address} asks to wait {seconds / 60:,.0f} minutes; the copy "
                    "fetched before is still in use. Fetch it again after that"
                )
            self.tell(f"waiting {seconds:,.0f} s: {entry.title}: {again}", 0, None, "")
            return seconds

        patience = Retrying(
            retry=retry_if_exception_type(RetryableError),
            stop=stop,
            wait=wait,
            sleep=self.clock.sleep,
            reraise=True,
        )
        try:
            return patience(attempt)
        except RetryableError as last:
            raise FetchError(
                f"{entry.title}: {address} could not be fetched after {TRIES} tries: {last}. "
                "The copy fetched before is still in use; fetch again later"
            ) from last

    def json(
        self, entry: CatalogueEntry, address: str, params: Mapping[str, str] | None = None
    ) -> Any:  # noqa: ANN401 - whatever the page holds
        """The JSON document at an address; a number too large for any use stays as it is written.

        Raises FetchError.
        """
        return self.with_retries(
            entry, address, lambda: _parsed(self._text(entry, address, params))
        )

    def text(self, entry: CatalogueEntry, address: str) -> str:
        """The text at an address.  Raises FetchError."""
        return self.with_retries(entry, address, lambda: self._text(entry, address, None))

    def _text(self, entry: CatalogueEntry, address: str, params: Mapping[str, str] | None) -> str:
        with self.stream(entry, address, params=params) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > LONGEST_PAGE:
                    raise FetchError(
                        f"{entry.title}: {address} gave a page of over {LONGEST_PAGE:,} bytes, "
                        "which no such page is; check its address in the catalogue of sources"
                    )
        return body.decode("utf-8-sig", errors="replace")

    @contextmanager
    def stream(
        self,
        entry: CatalogueEntry,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Iterator[httpx.Response]:
        """The answer to one request, its body yet to be read: 200, 206, 304 or 416.

        Raises RetryableError where another try may help, FetchError where none will.
        """
        url = httpx.URL(address, params={**httpx.URL(address).params, **(params or {})})
        try:
            for _ in range(_MOST_REDIRECTS + 1):
                self._pause(entry, url.host)
                with self._open(url, headers) as response:
                    if response.status_code not in _REDIRECTS:
                        self._check(entry, response)
                        yield response
                        return
                    url = _target(entry, url, response)
        except httpx.RequestError as wrong:
            self._trouble(entry, url, wrong)
        raise FetchError(
            f"{entry.title}: {address} redirects more than {_MOST_REDIRECTS} times; check its "
            "address in the catalogue of sources"
        )

    @contextmanager
    def _open(self, url: httpx.URL, headers: Mapping[str, str] | None) -> Iterator[httpx.Response]:
        if self._client is None:
            raise RuntimeError("the client must be used as a context manager")
        with self._client.stream("GET", url, headers=dict(headers or {})) as response:
            yield response

    def _pause(self, entry: CatalogueEntry, host: str) -> None:
        """Wait until the pause that the catalogue sets for the host has passed."""
        last = self._last.get(host)
        if last is not None:
            left = last + entry.pause - self.clock.seconds()
            if left > 0:
                self.clock.sleep(left)
        self._last[host] = self.clock.seconds()

    def _check(self, entry: CatalogueEntry, response: httpx.Response) -> None:
        """Raise RetryableError or FetchError for a status that is not a result."""
        status, address = response.status_code, response.url
        if status in {200, 206, 304, 416}:
            return
        if status == 403 and entry.wait_on_403:
            raise RetryableError("answers 403, which means wait", entry.wait_on_403)
        if status in {408, 425, 429} or status >= 500:
            raise RetryableError(f"answers {status}", self._retry_after(response))
        mend = {
            401: "the address may have moved; correct it in the catalogue of sources",
            403: "it lets nobody in, or not through this network; open the address in a browser, "
            "save the file and give it with --file, or correct it in the catalogue of sources",
            404: "it has moved; correct its address in the catalogue of sources",
            407: "the proxy wants a name and password: set HTTPS_PROXY=http://name:password@host",
            410: "it has moved; correct its address in the catalogue of sources",
        }
        what = mend.get(status, "it does not take such a request")
        raise FetchError(
            f"{entry.title}: {address} answers {status}: {what}. The copy fetched before "
            "is still in use",
            status=status,
        )

    def _retry_after(self, response: httpx.Response) -> float | None:
        """The seconds that a service asks to wait; None where it does not."""
        said = response.headers.get("Retry-After", "").strip()
        if said.isdecimal():
            return float(said)
        try:
            until = parsedate_to_datetime(said)
        except ValueError:
            return None
        if until.tzinfo is None:
            until = until.replace(tzinfo=self.clock.now().tzinfo)
        return max(0.0, (until - self.clock.now()).total_seconds())

    def _trouble(
        self, entry: CatalogueEntry, url: httpx.URL, wrong: httpx.RequestError
    ) -> NoReturn:
        """Raise RetryableError for a failed request, or FetchError where a retry cannot help."""
        if "CERTIFICATE_VERIFY_FAILED" in str(wrong):
            raise FetchError(
                f"{entry.title}: {url.host} shows a certificate that this machine does not trust. "
                "Where a council's network puts its own in between, set SSL_CERT_FILE to the file "
                "of its certificate authority"
            ) from wrong
        if isinstance(wrong, httpx.UnsupportedProtocol):
            raise FetchError(
                f"{entry.title}: {url} is not a web address; correct it in the catalogue of sources"
            ) from wrong
        if isinstance(wrong, httpx.ProxyError):
            raise RetryableError(
                f"the proxy that HTTPS_PROXY or HTTP_PROXY names: {wrong}"
            ) from wrong
        raise RetryableError(f"{type(wrong).__name__}: {wrong}".strip(": ")) from wrong


def trusted(env: Mapping[str, str]) -> ssl.SSLContext:
    """The certificates to trust: those in the file that the environment names, else the machine's.

    Raises FetchError where the file cannot be read.
    """
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if env.get(name):
            try:
                return ssl.create_default_context(cafile=env[name])
            except (OSError, ssl.SSLError) as wrong:
                raise FetchError(
                    f"{name}={env[name]}: holds no certificate that can be read ({wrong}); name a "
                    "PEM file of certificate authorities, or unset it"
                ) from wrong
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _again(state: RetryCallState) -> RetryableError:
    wrong = state.outcome.exception() if state.outcome else None
    return wrong if isinstance(wrong, RetryableError) else RetryableError(str(wrong))


def _target(entry: CatalogueEntry, url: httpx.URL, response: httpx.Response) -> httpx.URL:
    """Where a redirect leads, if it may."""
    target = url.join(response.headers.get("Location", ""))
    own = urlsplit(entry.address).netloc
    if target.netloc != url.netloc and target.netloc.decode() not in {own, *entry.hosts}:
        raise FetchError(
            f"{entry.title}: {url} redirects to another host, {target.host}, which the catalogue "
            "of sources does not name. If that is right, write it there under this source: "
            f'hosts = ["{target.netloc.decode()}"]'
        )
    if url.scheme == "https" and target.scheme != "https":
        raise FetchError(
            f"{entry.title}: {url} redirects to {target}, which is not encrypted; that is refused"
        )
    return target


def _parsed(text: str) -> Any:  # noqa: ANN401
    if text.lstrip().startswith("<"):
        raise RetryableError("answered with a web page instead of JSON")
    try:
        return json.loads(text, parse_float=_number, parse_constant=str)
    except (ValueError, RecursionError) as wrong:
        raise RetryableError(f"answers with what is not JSON ({wrong})") from wrong


def _number(written: str) -> float | str:
    """A number, or, where it is too large to be one, the words for it: 1e9999."""
    value = float(written)
    return value if abs(value) != float("inf") else written

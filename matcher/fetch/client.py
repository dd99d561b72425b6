"""The HTTP client for all sources: it sends one request at a time and retries.

It pauses between two requests to the same host.  It waits where a service asks it to (429,
503, Retry-After, and 403 where the catalogue says so).  A failed request is tried again after
a growing delay; the client gives up after a few tries without progress.  It follows a
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
from matcher.core.parser_words import in_words
from matcher.fetch.clock import Clock, Tell, silent
from matcher.sources.catalogue import CatalogueEntry

_T = TypeVar("_T")

TRIES = 6
"""Most tries in a row without progress."""
LONGEST_WAIT = 1800.0
"""Most seconds of a single wait. The fetch fails where a service asks for a longer one."""
LONGEST_PAGE = 64_000_000
"""Most bytes of an API page."""

_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_SHORT_WAIT = 1.0
_TIMEOUT = httpx.Timeout(60.0, connect=20.0)
_backoff = wait_exponential(multiplier=2, max=120)


class RetryableError(Exception):
    """A try failed, and another may succeed; `after` is the wait that the service asked for.

    `made_progress` is true where the try fetched something new, such as part of a file.
    """

    def __init__(
        self, reason: str, after: float | None = None, *, made_progress: bool = False
    ) -> None:
        super().__init__(reason)
        self.after = after
        self.made_progress = made_progress


@dataclass
class Client:
    """Sends one request at a time.  `env` is the environment, which can give certificates."""

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
        """The result of `attempt`, which is repeated after each RetryableError.

        Raises FetchError after too many tries.
        """
        failed_tries = 0

        def stop(state: RetryCallState) -> bool:
            nonlocal failed_tries
            failed_tries = 0 if _retryable(state).made_progress else failed_tries + 1
            return failed_tries >= TRIES

        def wait(state: RetryCallState) -> float:
            failure = _retryable(state)
            default = _SHORT_WAIT if failure.made_progress else _backoff(state)
            seconds = default if failure.after is None else failure.after
            if seconds > LONGEST_WAIT:
                raise FetchError(
                    f"{entry.title}: {address} asks to wait {seconds / 60:,.0f} minutes; the copy "
                    "fetched before is still in use. Fetch it again after that"
                )
            self.tell(f"waiting {seconds:,.0f} s: {entry.title}: {failure}", 0, None, "")
            return seconds

        retrying = Retrying(
            retry=retry_if_exception_type(RetryableError),
            stop=stop,
            wait=wait,
            sleep=self.clock.sleep,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except RetryableError as error:
            raise FetchError(
                f"{entry.title}: {address} could not be fetched after {TRIES} tries: {error}. "
                "The copy fetched before is still in use; fetch again later"
            ) from error

    def json(
        self, entry: CatalogueEntry, address: str, params: Mapping[str, str] | None = None
    ) -> Any:  # noqa: ANN401 - any JSON value
        """The JSON document at an address; a number that is too large stays text.

        Raises FetchError.
        """
        return self.with_retries(
            entry, address, lambda: _parse_json(self._text(entry, address, params))
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
                        f"{entry.title}: {address} sent a page of over {LONGEST_PAGE:,} bytes, "
                        "which is too large; check its address in the catalogue of sources"
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
        """The response to one request, with status 200, 206, 304 or 416 and an unread body.

        Raises RetryableError where another try may succeed, or else FetchError.
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
        except httpx.RequestError as error:
            self._raise_request_error(entry, url, error)
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
        """Raises RetryableError or FetchError for an error status."""
        status, address = response.status_code, response.url
        if status in {200, 206, 304, 416}:
            return
        if status == 403 and entry.wait_on_403:
            raise RetryableError("answers 403, which means that it asks to wait", entry.wait_on_403)
        if status in {408, 425, 429} or status >= 500:
            raise RetryableError(f"answers {status}", self._retry_after(response))
        advice = {
            401: "the address may have moved; correct it in the catalogue of sources",
            403: "it blocks programs or this network; open the address in a browser, save the file "
            "and give it with --file, or correct the address in the catalogue of sources",
            404: "it has moved; correct its address in the catalogue of sources",
            407: "the proxy needs a name and password: set HTTPS_PROXY=http://name:password@host",
            410: "it has moved; correct its address in the catalogue of sources",
        }
        action = advice.get(status, "it does not accept this request")
        raise FetchError(
            f"{entry.title}: {address} answers {status}: {action}. The copy fetched before "
            "is still in use",
            status=status,
        )

    def _retry_after(self, response: httpx.Response) -> float | None:
        """The seconds that a service asks to wait, or None."""
        header = response.headers.get("Retry-After", "").strip()
        if header.isdecimal():
            return float(header)
        try:
            until = parsedate_to_datetime(header)
        except ValueError:
            return None
        if until.tzinfo is None:
            until = until.replace(tzinfo=self.clock.now().tzinfo)
        return max(0.0, (until - self.clock.now()).total_seconds())

    def _raise_request_error(
        self, entry: CatalogueEntry, url: httpx.URL, error: httpx.RequestError
    ) -> NoReturn:
        """Raises RetryableError for a failed request, or FetchError where a retry cannot help."""
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise FetchError(
                f"{entry.title}: {url.host} has a certificate that this machine does not trust. "
                "If your network uses its own certificate, set SSL_CERT_FILE to the file of its "
                "certificate authority"
            ) from error
        if isinstance(error, httpx.UnsupportedProtocol):
            raise FetchError(
                f"{entry.title}: {url} is not a web address; correct it in the catalogue of sources"
            ) from error
        if isinstance(error, httpx.ProxyError):
            raise RetryableError(
                f"the proxy that HTTPS_PROXY or HTTP_PROXY names: {error}"
            ) from error
        raise RetryableError(f"{type(error).__name__}: {error}".strip(": ")) from error


def trusted(env: Mapping[str, str]) -> ssl.SSLContext:
    """The certificates to trust: those in the file that `env` gives, or else the machine's.

    Raises FetchError where the file cannot be read.
    """
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if env.get(name):
            try:
                return ssl.create_default_context(cafile=env[name])
            except (OSError, ssl.SSLError) as error:
                raise FetchError(
                    f"{name}={env[name]}: has no certificate that can be read ({error}); give a "
                    "PEM file of certificate authorities, or unset it"
                ) from error
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _retryable(state: RetryCallState) -> RetryableError:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, RetryableError) else RetryableError(str(error))


def _target(entry: CatalogueEntry, url: httpx.URL, response: httpx.Response) -> httpx.URL:
    """The target of a redirect.  Raises FetchError where it is not allowed."""
    target = url.join(response.headers.get("Location", ""))
    entry_host = urlsplit(entry.address).netloc
    if target.netloc != url.netloc and target.netloc.decode() not in {entry_host, *entry.hosts}:
        raise FetchError(
            f"{entry.title}: {url} redirects to another host, {target.host}, which the catalogue "
            "of sources does not name. If that is right, write it there under this source: "
            f'hosts = ["{target.netloc.decode()}"]'
        )
    if url.scheme == "https" and target.scheme != "https":
        raise FetchError(f"{entry.title}: {url} redirects to {target}, which is not encrypted")
    return target


def _parse_json(text: str) -> Any:  # noqa: ANN401
    if text.lstrip().startswith("<"):
        raise RetryableError("sent a web page instead of JSON")
    try:
        return json.loads(text, parse_float=_number, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise RetryableError(f"sent text that is not JSON ({in_words(error)})") from error


def _number(text: str) -> float | str:
    """A number, or its text where it is too large, such as 1e9999."""
    value = float(text)
    return value if abs(value) != float("inf") else text

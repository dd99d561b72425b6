"""Finds the spending files that a council's web page links to.

A page lists them in many ways: with the kind of file in the address ("july-2026.csv"), or only in
the words of the link ("July 2026 (CSV, 300 KB)"), or behind an address that only downloads
("/downloads/file/1234").  A page may list years, each with a page of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

_LONGEST_LINK = 2_000
TABLES = (".csv", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".zip", ".tsv", ".txt")
"""The ends of the names of files that can be read."""
_OTHER_FILE = re.compile(r"\.(?:pdf|docx?|rtf|odt|pptx?|json|xml|rdf|png|jpe?g|gif|svg)$")
_SAYS_TABLE = re.compile(r"\b(?:csv|xlsx?|ods|excel|spreadsheet|zip)\b")
_DOWNLOADS = re.compile(r"/downloads?/")
_SPENDING = re.compile(r"spend|payment|expenditure|supplier|500|250|transparency|purchase|card")
_PERIOD = re.compile(
    r"\b20\d\d\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|\bq[1-4]\b"
)


@dataclass
class PageLinks:
    """What a page links to: files, pages that may list more, and files on hosts not followed."""

    files: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


def links_of(html: str, address: str, hosts: frozenset[str]) -> PageLinks:
    """The links of the page at an address.

    `hosts` are those that may be followed beside the page's own and those below it.  Of a table
    that is there in two formats, the CSV is taken.
    """
    parser = _Anchors()
    parser.feed(html)
    parser.close()
    found = PageLinks()
    for link, words in parser.anchors:
        target = _absolute(parser.base or "", address, link)
        if not target or target == urldefrag(address)[0]:
            continue
        kind = _kind(target, words, address)
        if kind and not may_follow(target, address, hosts):
            found.elsewhere += [target] * (kind == "file")
        elif kind:
            (found.files if kind == "file" else found.pages).append(target)
    found.files = _one_format(list(dict.fromkeys(found.files)))
    found.pages = list(dict.fromkeys(found.pages))
    found.elsewhere = list(dict.fromkeys(found.elsewhere))
    return found


def is_table(address: str) -> bool:
    """Whether the name at the end of an address is that of a table or a zip."""
    return _path(address).endswith(TABLES)


def may_follow(target: str, page: str, hosts: frozenset[str]) -> bool:
    """Whether a link leads to the page's own host, one below it, or one of `hosts`."""
    host, own = urlsplit(target).netloc, urlsplit(page).netloc
    base = own.removeprefix("www.")
    return host in hosts or host in (own, base) or host.endswith(f".{base}")


def _absolute(base: str, page: str, link: str) -> str:
    """The address of a link, without the part after '#'; '' where it is none that is fetched."""
    try:
        target = urldefrag(urljoin(urljoin(page, base), link.strip()))[0]
        is_web = urlsplit(target).scheme in {"http", "https"} and urlsplit(target).netloc
    except ValueError:
        return ""
    return target.replace(" ", "%20") if is_web else ""


def _path(address: str) -> str:
    parts = urlsplit(address)
    path = unquote(parts.path).lower()
    query = unquote(parts.query).lower()
    return query if query.endswith(TABLES) and not path.endswith(TABLES) else path


def _kind(target: str, words: str, page: str) -> str:
    """What a link leads to: a 'file', a 'page' that may list files, or '' for neither."""
    path = _path(target)
    if path.endswith(TABLES):
        return "file"
    if _OTHER_FILE.search(path):
        return ""
    said = f"{words} {path}".lower()
    about = _SPENDING.search(said) or _PERIOD.search(words.lower())
    if about and (_SAYS_TABLE.search(words.lower()) or _DOWNLOADS.search(path)):
        return "file"
    below = urlsplit(target).path.startswith(_folder(urlsplit(page).path))
    return "page" if about and below and target != page else ""


def _folder(path: str) -> str:
    """The path below which pages belong to an index page: its own without an ending."""
    return re.sub(r"(?:/index)?\.\w+$", "", path).rstrip("/")


def _one_format(addresses: list[str]) -> list[str]:
    """The addresses, with one for each table that is there in several formats."""
    by_stem: dict[str, list[str]] = {}
    for address in addresses:
        stem = re.sub(r"\.\w+$", "", address) if is_table(address) else address
        by_stem.setdefault(stem, []).append(address)
    return [min(same, key=_rank) for same in by_stem.values()]


def _rank(address: str) -> int:
    path = _path(address)
    return next((n for n, ending in enumerate(TABLES) if path.endswith(ending)), len(TABLES))


class _Anchors(HTMLParser):
    """Collects the links of a page with their words."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: list[tuple[str, str]] = []
        self.base = ""
        self._open = ""
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where a link leads, or the address that links are relative to."""
        told = {name: value or "" for name, value in attrs}
        if tag == "base" and not self.base:
            self.base = told.get("href", "")
        elif tag == "a":
            self._end()
            href = told.get("href", "")
            self._open = href if len(href) <= _LONGEST_LINK else ""
            self._words = [told.get("title", ""), told.get("aria-label", "")]

    def handle_data(self, data: str) -> None:
        """Collect the words of a link."""
        if self._open:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Close a link."""
        if tag == "a":
            self._end()

    def close(self) -> None:
        """Close the page, and a link that was left open."""
        super().close()
        self._end()

    def _end(self) -> None:
        if self._open:
            self.anchors.append((self._open, " ".join(" ".join(self._words).split())))
        self._open = ""

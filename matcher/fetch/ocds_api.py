"""Award notices from an OCDS service: page by page, within dates, kept by ocid and date.

They lie in a small database beside the state of their source.  Each page is kept together
with where the next one begins, so that a fetch that was cut goes on from there; a notice
that was changed takes the place of its earlier version.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

from matcher.core.errors import FetchError
from matcher.fetch import contact_stripping, notice_file
from matcher.fetch.client import Client
from matcher.sources.catalogue import CatalogueEntry
from matcher.sources.formats.json_files import ident, mapping
from matcher.sources.notices.releases import releases

ReleaseFilter: TypeAlias = Callable[[Mapping[str, object]], str]
"""Why a release is not release_filter; empty where it is."""


def every_release(release: Mapping[str, object]) -> str:
    """Want every release."""
    return ""


@dataclass(frozen=True, slots=True)
class NoticeQuery:
    """Which notices to fetch: those of the days from `first` to `last`, both included."""

    first: date
    last: date
    buyers: str = ""
    """the areas whose buyers' notices are kept, joined by semicolons; empty for all"""


@dataclass
class Notices:
    """The notices of one source, in the database at `path`."""

    path: Path
    entry: CatalogueEntry
    client: Client
    release_filter: ReleaseFilter = every_release
    set_aside: dict[str, int] = field(default_factory=dict)
    """what this fetch did not keep, by reason"""
    _new: bool = False

    def fetch(self, query: NoticeQuery) -> bool:
        """Bring the notices query for here, going on where the last fetch ended; is any new?

        Raises FetchError; the pages that came before it stay.
        """
        with notice_file.database(self.path) as base:
            start, cursor = self._start(base, query)
            while start <= query.last:
                end = min(start + timedelta(days=self.entry.window - 1), query.last)
                self._window(base, query, start, end, cursor)
                start, cursor = end + timedelta(days=1), ""
            self._finish(base, query)
            return self._new

    def _start(self, base: sqlite3.Connection, query: NoticeQuery) -> tuple[date, str]:
        """The day to go on from, and the page of it where a fetch was cut."""
        going, done = notice_file.mark(base, "going"), notice_file.mark(base, "done")
        if going and going["of"] == query.buyers and going["first"] <= query.first.isoformat():
            start = date.fromisoformat(going["start"])
            fresh = going["today"] == self.client.clock.today().isoformat()
            same = fresh and going["last"] == query.last.isoformat() and start >= query.first
            return max(start, query.first), going["cursor"] if same else ""
        if done and done["of"] == query.buyers and done["first"] <= query.first.isoformat():
            seen = date.fromisoformat(done["last"]) - timedelta(days=self.entry.overlap)
            return min(seen, query.last), ""
        return query.first, ""

    def _window(
        self, base: sqlite3.Connection, query: NoticeQuery, start: date, end: date, cursor: str
    ) -> None:
        """Keep every page of one stretch of days."""
        whole = (query.last - query.first).days + 1
        stage, done = self.entry.title, max(0, (start - query.first).days)
        seen: set[str] = set()
        while True:
            self.client.tell(f"{stage}, {start:%d %b %Y} on", done, whole, "days")
            page = self.client.json(
                self.entry, self.entry.address, self._params(start, end) | _cursor_param(cursor)
            )
            cursor = self._next(page)
            with base:
                self._keep(base, page, query)
                notice_file.set_mark(base, "going", self._going(query, start, cursor))
            if not cursor:
                return
            if cursor in seen:
                raise FetchError(
                    f"{self.entry.title}: {self.entry.address} leads round in a circle of pages; "
                    "what came before stands. Fetch again later"
                )
            seen.add(cursor)

    def _params(self, start: date, end: date) -> dict[str, str]:
        first, last = self.entry.dates
        days = {first: f"{start.isoformat()}T00:00:00", last: f"{end.isoformat()}T23:59:59"}
        return dict(self.entry.params) | days

    def _going(self, query: NoticeQuery, start: date, cursor: str) -> dict[str, str]:
        return {
            "first": query.first.isoformat(),
            "last": query.last.isoformat(),
            "of": query.buyers,
            "start": start.isoformat(),
            "cursor": cursor,
            "today": self.client.clock.today().isoformat(),
        }

    def _keep(self, base: sqlite3.Connection, page: object, query: NoticeQuery) -> None:
        """Keep the releases of a page that are release_filter, without what is personal."""
        for release in releases(page):
            ocid, id_, when = ident(release.get("ocid")), ident(release.get("id")), _moment(release)
            why = "" if ocid and id_ and when else "notice without an ocid, id or date"
            why = why or self.release_filter(release)
            if why:
                self.set_aside[why] = self.set_aside.get(why, 0) + 1
                continue
            body = json.dumps(contact_stripping.notice(release), ensure_ascii=False, sort_keys=True)
            row = (ocid, id_, when, query.buyers, body)
            known = base.execute(notice_file.KNOWN, (ocid, id_)).fetchone()
            self._new = self._new or known != (when, body)
            base.execute(notice_file.KEEP, row)

    def _next(self, page: object) -> str:
        """The cursor of the next page; empty where there is none."""
        if not isinstance(page, dict) or not isinstance(page.get("releases"), list):
            raise FetchError(
                f"{self.entry.title}: {self.entry.address} answers with no release package; its "
                "layout has changed, or the address in the catalogue of sources is another "
                "service's. The copy fetched before is still in use"
            )
        link = ident(mapping(page.get("links")).get("next"))
        if not link:
            return ""
        parts = urlsplit(link)
        if parts.netloc and parts.netloc != urlsplit(self.entry.address).netloc:
            raise FetchError(
                f"{self.entry.title}: the next page is said to be on another host, {parts.netloc}; "
                "that is not followed. The copy fetched before is still in use"
            )
        return parse_qs(parts.query).get("cursor", [""])[0]

    def _finish(self, base: sqlite3.Connection, query: NoticeQuery) -> None:
        """Remember that all is here; notices of another question go."""
        done = notice_file.mark(base, "done")
        first = query.first.isoformat()
        last = query.last.isoformat()
        if done and done["of"] == query.buyers:
            first, last = min(first, done["first"]), max(last, done["last"])
        with base:
            gone = base.execute("DELETE FROM notice WHERE asked != ?", (query.buyers,)).rowcount
            self._new = self._new or gone > 0
            base.execute("DELETE FROM mark WHERE name = 'going'")
            notice_file.set_mark(base, "done", {"first": first, "last": last, "of": query.buyers})

    def covered(self) -> NoticeQuery | None:
        """What is here whole; None where nothing is."""
        if not self.path.is_file():
            return None
        with notice_file.database(self.path) as base:
            done = notice_file.mark(base, "done")
        if done is None:
            return None
        days = date.fromisoformat(done["first"]), date.fromisoformat(done["last"])
        return NoticeQuery(*days, done["of"])

    def kept(self) -> int:
        """How many notices are here."""
        with notice_file.database(self.path) as base:
            (number,) = base.execute("SELECT count(*) FROM notice").fetchone()
        return int(number)


def _cursor_param(cursor: str) -> dict[str, str]:
    return {"cursor": cursor} if cursor else {}


def _moment(release: Mapping[str, object]) -> str:
    """When a release was published, in UTC, so that moments sort as text; '' where not said.

    Some services leave the zone out; then it is taken for UTC.
    """
    try:
        moment = datetime.fromisoformat(ident(release.get("date")))
    except ValueError:
        return ""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")

"""Award notices of a service that gives OCDS release packages, within dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from matcher.core.errors import BadInput, FetchError
from matcher.core.types import Tally
from matcher.fetch import ocds_api
from matcher.fetch.access.base import (
    FetchContext,
    FetchRequest,
    FetchResult,
    FetchTarget,
    SourceAccess,
    StoredSource,
)
from matcher.fetch.notice_file import FILE, documents
from matcher.fetch.ocds_api import NoticeQuery, Notices
from matcher.fetch.store import State, copy_tally
from matcher.sources.catalogue import CatalogueEntry
from matcher.sources.notices.ocds import AwardSource


class NoticesAccess(SourceAccess):
    """A source of award notices. Its options are the days and the buyers' areas."""

    def target(
        self,
        key: str,
        entry: CatalogueEntry,
        request: FetchRequest,
        previous: Mapping[str, str],
    ) -> FetchTarget:
        """The notices of the requested days and areas, by default those of the last fetch."""
        first = request.first.isoformat() if request.first else previous.get("first", "")
        if not first:
            raise BadInput(
                f"--from: {entry.title} is fetched for the first time; give the first day, "
                "such as --from 2023-01-01"
            )
        if request.first and request.last and request.first > request.last:
            raise BadInput(
                f"--from {request.first}: is after --to {request.last}; give the earlier day first"
            )
        options = {
            "first": first,
            "last": request.last.isoformat() if request.last else "",
            "areas": ";".join(request.areas) if request.areas else previous.get("areas", ""),
        }
        return FetchTarget(key, key, entry, options)

    def fetch(self, target: FetchTarget, context: FetchContext) -> FetchResult:
        """Fetch the notices of the days asked for; notices of other buyers are not kept."""
        query = _query(target, context.client.clock.today())
        areas = query.buyers.split(";") if query.buyers else []
        release_filter = context.buyer_filter(areas) if areas else ocds_api.every_release
        path = context.store.folder(target.name) / FILE
        notices = Notices(path, target.entry, context.client, release_filter)
        is_new = notices.fetch(query)
        _put_in_force(target, context, notices, is_new=is_new)
        notices.settle()
        note = "; ".join(f"{count:,} × {why}" for why, count in notices.set_aside.items())
        return FetchResult(is_new, note)

    def notices(self, source: StoredSource) -> AwardSource:
        """The stored notices."""
        path = source.store.path / source.name / FILE
        return AwardSource(Tally(source.entry.title), documents(path))

    def final_tally(self, tally: Tally, state: State) -> Tally:
        """The tally of the build, with the notices that the fetch had already left out."""
        both = copy_tally(tally)
        for fetched in state.tallies:
            for reason, count in fetched.set_aside.items():
                both.set_aside.setdefault(reason, count)
        return both


def _query(target: FetchTarget, today: date) -> NoticeQuery:
    options = target.options
    last = min(date.fromisoformat(options["last"]), today) if options["last"] else today
    first = date.fromisoformat(options["first"])
    if first > last:
        raise FetchError(
            f"{target.entry.title}: --from {first} is after {last}; nothing is published yet"
        )
    areas = sorted(filter(None, options["areas"].split(";")))
    return NoticeQuery(first, last, ";".join(areas))


def _put_in_force(
    target: FetchTarget, context: FetchContext, notices: Notices, *, is_new: bool
) -> None:
    state, now = context.store.state(target.name), context.client.clock.now()
    covered = notices.covered()
    days = {"first": str(covered.first), "through": str(covered.last)} if covered else {}
    tally = Tally(target.entry.title, 0, notices.kept(), dict(notices.set_aside))
    context.store.put(
        target.name,
        State(
            entry=target.key,
            fetched=now,
            changed=now if is_new or state is None else state.changed,
            tallies=(tally,),
            asked=days | {"areas": target.options["areas"]},
        ),
    )

"""The pictures of places: made from the register in force, kept on a day, and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from api.errors import Missing
from api.records.entry import EntryKind, NewEntry
from api.service.context import ServiceContext
from api.service.entries import answer_id, encode, keep
from matcher.geo.councils import Area
from matcher.place.picture import Picture, changes, picture_of

_LOOKED_AT = 200
"""Kept pictures, of any place, among which those of one place are looked for."""


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture as it is kept, which names no provider; `changed` is since the one before."""

    id: str
    picture: Picture
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlaceWithPayments:
    """A council whose payments the register has."""

    code: str
    name: str


_decode = msgspec.json.Decoder(KeptPicture).decode


@dataclass(frozen=True, slots=True)
class PlaceService:
    """Makes, keeps and compares the pictures of places."""

    context: ServiceContext

    def places(self) -> Sequence[PlaceWithPayments]:
        """The councils whose payments the register has, by name."""
        register = self.context.matcher.register
        bodies = register.payments.bodies if register.payments else ()
        found = (register.councils.areas.get(body.code) for body in bodies)
        named = {area.code: area.name for area in found if area and not area.kind.wide}
        return [
            PlaceWithPayments(code, named[code]) for code in sorted(named, key=named.__getitem__)
        ]

    def area(self, place: str) -> Area:
        """The council or county with this code or name.  Raises Missing where there is none."""
        councils = self.context.matcher.register.councils
        area = councils.find(place)
        if area is None or area.kind.wide:
            named = (councils.find(name) for name in councils.suggest(place))
            near = " or ".join(repr(one.name) for one in named if one and not one.kind.wide)
            hint = f"did you mean {near}?" if near else "give a council's name or official code"
            raise Missing(f"{place!r} is not a council or county: {hint}")
        return area

    def picture(
        self,
        place: str,
        on: date | None = None,
        *,
        beside: Sequence[str] | None = None,
    ) -> Picture:
        """The picture of a council or county, by code or name, on a day (today).

        Raises Missing for a place that is not known.
        """
        others = None if beside is None else [self.area(other) for other in beside]
        return picture_of(
            self.context.matcher,
            self.area(place),
            on or self.context.today(),
            beside=others,
        )

    def keep(self, place: str) -> KeptPicture:
        """Keep today's picture of a place, with what changed since the one kept before.

        Raises Missing for a place that is not known.
        """
        now = without_names(self.picture(place))
        id_ = answer_id("picture", now.code, now.on, now.basis)
        earlier = [one for one in self.kept(now.code) if one.id != id_]
        changed = changes(earlier[0].picture, now) if earlier else ()
        kept = KeptPicture(id_, now, changed)
        entry = NewEntry(EntryKind.PICTURE, id_, id_, encode(kept))
        return keep(self.context.records, [(kept, entry)], _decode)[0]

    def kept(self, code: str) -> list[KeptPicture]:
        """The kept pictures of a place, the newest first."""
        entries = self.context.records.newest(EntryKind.PICTURE, _LOOKED_AT, None)
        kept = (_decode(entry.body) for entry in entries if entry.body is not None)
        return [one for one in kept if one.picture.code == code]

    def changed(self, now: Picture) -> tuple[str, tuple[str, ...]]:
        """The day of the newest kept picture, as ISO, and what changed since; '' without one."""
        for one in self.kept(now.code):
            return one.picture.on.isoformat(), changes(one.picture, now)
        return "", ()


def without_names(found: Picture) -> Picture:
    """A picture that names no provider, so that a suppression need not change it.

    The title of a contract may say who has it.
    """
    return replace(
        found,
        money=replace(found.money, largest_unknown=()),
        services=tuple(replace(one, shown=()) for one in found.services),
        elsewhere=tuple(replace(one, shown=()) for one in found.elsewhere),
        together=tuple(replace(one, several=()) for one in found.together),
        kinds=tuple(replace(one, several=()) for one in found.kinds),
        upcoming=tuple(
            replace(one, title="", holders=(), shown=(), text="", held="") for one in found.upcoming
        ),
    )

"""The person who is signed in, and which requests are a person's and not a program's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from api.http.roles import Role
from api.records.entry import Sender

SIGN_IN, SIGNED_IN, SIGN_OUT, SIGNED_OUT = (
    *("/sign-in", "/sign-in/done"),
    *("/sign-out", "/signed-out"),
)
_WITHOUT_SIGN_IN = frozenset({SIGN_IN, SIGNED_IN, SIGNED_OUT})
_FILES = "/static/"
_FOR_PROGRAMS = ("/v1/", "/reconcile", "/openapi.json", "/metrics")
_SESSION_KEY = "person"


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person, as the identity provider names them.

    `subject` is the provider's own id for them.  `session` is the id of this session, and `until`
    when it ends, in seconds of UTC.
    """

    name: str
    subject: str
    role: Role
    authority: str
    session: str
    until: int

    @property
    def sender(self) -> Sender:
        """The person as the records keep them."""
        return Sender(authority=self.authority, person=self.name, subject=self.subject)


def person_in(session: Mapping[str, object], now: float) -> Person | None:
    """The person whose session this is; None where there is none, or it has ended."""
    try:
        person = msgspec.convert(session.get(_SESSION_KEY), Person)
    except msgspec.ValidationError:
        return None
    return person if now < person.until else None


def as_session(person: Person) -> dict[str, object]:
    """The session of a person."""
    return {_SESSION_KEY: msgspec.to_builtins(person)}


def is_open(path: str) -> bool:
    """Whether a page needs no sign-in."""
    return path in _WITHOUT_SIGN_IN or path.startswith(_FILES)


def is_for_programs(path: str) -> bool:
    """Whether a path belongs to the API, which API keys open."""
    return path.startswith(_FOR_PROGRAMS)

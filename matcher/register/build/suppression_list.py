"""Which organisations asked to be left out, and how they are known when they come again.

REG/suppressed.json    digests of the numbers and names that no build lets in again
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from matcher.core import atomic
from matcher.core.errors import RegisterError
from matcher.core.types import Provider
from matcher.register.linkage.name_similarity import normalise

LIST = "suppressed.json"
_FORM = re.compile(r"(?<![\s,])[\s,]++(?:ltd|limited|llp|plc|cic|c\.i\.c)\.?$", re.IGNORECASE)
_SHORT = 3  # letters of a name that may as well be another word
NAME = "(suppressed at its own request)"


@dataclass(frozen=True, slots=True)
class Suppressions:
    """The digests of what may not come in again."""

    marks: frozenset[str] = frozenset()

    @classmethod
    def open(cls, register: Path) -> Suppressions:
        """Those of the register in folder `register`; none where it has no list."""
        path = register / LIST
        if not path.exists():
            return cls()
        try:
            return cls(frozenset(json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError) as wrong:
            raise RegisterError(
                f"--register {register}: {LIST} cannot be read ({wrong}); without it, "
                "organisations that asked to be left out would come in again"
            ) from wrong

    def cover(self, record: Provider) -> bool:
        """Whether a record is of an organisation that was suppressed."""
        return not self.marks.isdisjoint(marks_of(record)) if self.marks else False

    def with_marks(self, marks: Iterable[str]) -> Suppressions:
        """These and more."""
        return Suppressions(self.marks | frozenset(marks))

    def save(self, register: Path) -> None:
        """Write the list into folder `register`, whole or not at all."""
        atomic.write_text(register / LIST, json.dumps(sorted(self.marks), indent=1) + "\n")


def pseudonym(org_id: str) -> str:
    """What stands for an organisation once it is suppressed."""
    return f"suppressed-{digest_of(org_id)[:16]}"


def marks_of(record: Provider) -> Iterator[str]:
    """By what a record is known again: each of its numbers, and each name with a postcode."""
    yield from (digest_of(org_id) for org_id in (record.id, *record.ids))
    names = {normalise(name) for name in (record.name, *record.aliases)}
    for name in names - {""}:
        yield from (digest_of(f"{name}\n{site.postcode}") for site in record.sites)


def without_names(record: Provider, text: str) -> str:
    """`text` with '[supplier]' where it has a name of the organisation's, legal form or not."""
    names = {n for name in (record.name, *record.aliases) for n in (name, _FORM.sub("", name))}
    for name in sorted((n for n in names if len(n) > _SHORT), key=lambda n: (-len(n), n)):
        text = re.sub(re.escape(name), "[supplier]", text, flags=re.IGNORECASE)
    return text


def digest_of(text: str) -> str:
    """SHA-256 of a number or a name, as the list keeps it."""
    return hashlib.sha256(text.encode()).hexdigest()

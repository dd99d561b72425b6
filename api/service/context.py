"""What every service works with: the matcher in force, the records, procedure rules, the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from threading import Lock
from typing import TypeAlias

from api.errors import RecordsError
from api.records.anchors import append as append_anchor
from api.records.chain_key import ChainKey
from api.records.entry import UNKNOWN, Sender, digest
from api.records.records import Records
from api.service.entries import encode
from api.service.redaction import without
from api.settings import Settings
from matcher.core.errors import BadInput
from matcher.law.procedure_rules import ProcedureRules, load_packs
from matcher.ranking.matcher import Matcher

Today: TypeAlias = Callable[[], date]


class MatcherInForce:
    """The matcher over the register in force; a register built anew is taken up at once."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._lock = Lock()

    def get(self) -> Matcher:
        """The matcher over the newest snapshot.  Raises RegisterError where there is none."""
        with self._lock:
            self._matcher = self._matcher.renewed()
            return self._matcher


class MatcherOfOneAnswer:
    """The matcher over the register that was in force when it was first asked for.

    A register built anew meanwhile does not change what the rest of the answer is from.
    """

    def __init__(self, in_force: MatcherInForce | MatcherOfOneAnswer) -> None:
        self._in_force = in_force
        self._first: Matcher | None = None

    def get(self) -> Matcher:
        """The same matcher each time.  Raises RegisterError where there is none."""
        if self._first is None:
            self._first = self._in_force.get()
        return self._first


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """What every service works with.

    `procedures` are the contract procedure rules that a request can name, by name.
    `rulebook_digest` is the same for as long as the process runs.  `anchors` is the file in which
    the head of the records is kept when the process stops.  `sender` is who asks.
    """

    matchers: MatcherInForce | MatcherOfOneAnswer
    records: Records
    rulebook_digest: str
    procedures: Mapping[str, ProcedureRules] = field(default_factory=dict)
    today: Today = date.today
    anchors: Path | None = None
    sender: Sender = UNKNOWN

    @classmethod
    def open(cls, settings: Settings, today: Today = date.today) -> ServiceContext:
        """The context that the settings describe.

        Raises RegisterError, BundleError, RecordsError or BadInput for what cannot be opened.
        """
        matcher = Matcher.open(settings.register, settings.bundle)
        key = ChainKey.open(settings.chain_key) if settings.chain_key else None
        records = Records.open(settings.records_url, chain_key=key, redaction=without)
        records.check_chain_key()
        return cls(
            MatcherInForce(matcher),
            records,
            digest(encode(matcher.rulebook)),
            load_packs(settings.procedures),
            today,
            settings.anchors_path,
        )

    def close(self) -> None:
        """Anchor the head of the records where that is possible, and close them."""
        if self.anchors is not None:
            with suppress(RecordsError, BadInput):  # it must not keep the process from stopping
                append_anchor(self.anchors, self.records.anchor())
        self.records.close()

    @property
    def matcher(self) -> Matcher:
        """The matcher over the register in force."""
        return self.matchers.get()

    def for_one_answer(self) -> ServiceContext:
        """The same context, whose matcher stays the same."""
        return replace(self, matchers=MatcherOfOneAnswer(self.matchers))

    def sent_by(self, sender: Sender) -> ServiceContext:
        """The same context with the records of the sender's authority; entries keep the sender."""
        return replace(self, records=self.records.sent_by(sender), sender=sender)

    def for_request(self, key: str, request: str, attempt: str) -> ServiceContext:
        """The same context for a request with a key."""
        return replace(self, records=self.records.for_request(key, request, attempt))

    def procedure(self, name: str) -> ProcedureRules | None:
        """The contract procedure rules called `name`; None for ''.  Raises BadInput."""
        if name and name not in self.procedures:
            known = ", ".join(self.procedures)
            raise BadInput(f"procedure {name!r} is not known: give one of {known}")
        return self.procedures.get(name)

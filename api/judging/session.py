"""A judging session: the pool, each rater's order through it, and the judgements so far."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence

from api.judging.judgements import Judgements
from matcher.core.errors import BadInput
from training.evaluation.pooling import GRADES, Item, rater_order, remaining

RATER = re.compile(r"[\w-]{1,30}")
RATER_RULE = "give 1 to 30 letters, digits, - or _, without a space"
UNKNOWN = "x"
"""The form value, and the key, for 'cannot judge'."""


class JudgingSession:
    """The pool and the judgements; `token` is the secret that each form carries."""

    def __init__(self, pool: Sequence[Item], judgements: Judgements, seed: int) -> None:
        self.judgements = judgements
        self.token = secrets.token_urlsafe(24)
        self._pool = list(pool)
        self._items = {item.key: item for item in pool}
        self._orders: dict[str, list[Item]] = {}
        self._seed = seed

    def order(self, rater: str) -> list[Item]:
        """The pool in this rater's order."""
        if rater not in self._orders:
            self._orders[rater] = rater_order(self._pool, rater, self._seed)
        return self._orders[rater]

    def done(self, rater: str) -> int:
        """How many items this rater has judged."""
        order = self.order(rater)
        return len(order) - len(remaining(order, self.judgements.all, rater))

    def next(self, rater: str) -> int | None:
        """The index, in the rater's order, of the first item not judged; None at the end."""
        order = self.order(rater)
        waiting = remaining(order, self.judgements.all, rater)
        return order.index(waiting[0]) if waiting else None

    def last_grade(self, rater: str, item: Item) -> str | None:
        """The rater's last grade of an item, as its form value; None where there is none."""
        own = [j for j in self.judgements.all if j.rater == rater and j.key == item.key]
        if not own:
            return None
        return UNKNOWN if own[-1].grade is None else str(own[-1].grade)

    def record(self, form: Mapping[str, str]) -> str:
        """Keep the judgement in a form, and return its rater.

        Raises BadInput where the form is not from a page of this session, or a field is wrong.
        """
        if not secrets.compare_digest(form.get("token", "").encode(), self.token.encode()):
            raise BadInput("this page is from before the server was started; load it again")
        rater, key = form.get("rater", ""), (form.get("lot", ""), form.get("provider", ""))
        grades = {str(grade): grade for grade in GRADES}
        value = form.get("grade", "")
        if not RATER.fullmatch(rater):
            raise BadInput(f"rater {rater!r}: {RATER_RULE}")
        if key not in self._items:
            raise BadInput(f"provider {key[1]!r} for lot {key[0]!r} is not in the pool")
        if value not in grades and value != UNKNOWN:
            raise BadInput(f"grade {value!r}: give 0 to 3, or {UNKNOWN} for 'cannot judge'")
        self.judgements.add(self._items[key], rater, grades.get(value))
        return rater

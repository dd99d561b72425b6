"""A draft of the Algorithmic Transparency Recording Standard's record, written from what runs.

Everything that the register, the bundle, the rulebook and the records can tell is filled in, so
that the draft cannot drift from them: it is made anew, not edited.  What only the council knows
is marked for it to fill in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from api.service import metadata
from matcher.law.types import Purpose
from matcher.ranking.matcher import Matcher

COUNCIL = "_For the council to fill in._"


def draft(matcher: Matcher, on: date) -> str:
    """The draft as Markdown: tier 1, then tier 2 by the template's sections."""
    return "\n".join([*_tier_1(matcher), *_tier_2(matcher, on)]) + "\n"


def _tier_1(matcher: Matcher) -> Iterator[str]:
    yield "# Algorithmic Transparency Record (draft)"
    yield ""
    yield (
        f"_Written from bundle {matcher.bundle.name} {matcher.bundle.version}, register "
        f"{matcher.register.version} and the rulebook of {matcher.rulebook.name} as checked on "
        f"{matcher.rulebook.checked}. Compare the headings with the template in force._"
    )
    yield from _section("Tier 1")
    yield from _answers(
        {
            "Name": "Local by Default",
            "Description": "Suggests small local providers for each lot of a planned contract, "
            "best first, and says why. An officer decides.",
            "Website and contact": COUNCIL,
        }
    )


def _tier_2(matcher: Matcher, on: date) -> Iterator[str]:
    yield from _section("Tier 2: owner and responsibility")
    yield from _answers(
        {"Organisation, team, senior responsible owner": COUNCIL, "Supplier and terms": COUNCIL}
    )
    yield from _section("Tier 2: description and rationale")
    yield from _answers(
        {
            "Detailed description": "A lot is read as words, codes, a place and a buyer; providers "
            "in reach are found in the register, compared by the features below, ordered by a "
            "learned ranker, and shown with what each reason added. Equals are ordered by a "
            "seeded draw.",
            "Benefits": COUNCIL,
            "Previous process and alternatives": COUNCIL,
        }
    )
    yield from _decisions(matcher, on)
    yield from _specification(matcher)
    yield from _data(matcher)
    yield from _risks(matcher)


def _decisions(matcher: Matcher, on: date) -> Iterator[str]:
    yield from _section("Tier 2: decision-making process")
    yield from _answers(
        {
            "Integration into the process": "Lists are made for one of these purposes, and the "
            "rulebook decides by purpose what may count.",
            "Human decisions and review": "No list of whom to invite leaves the service before a "
            "named person's decision, with reasons and declared conflicts of interest, was "
            "recorded. Records are chained by their hashes and replay to the same bytes.",
            "Appeals and review": "Each provider can be told why it was or was not listed: its "
            "rank, its gap to the list and the facts used. An organisation can be suppressed at "
            "its request.",
            "Frequency, scale and training": COUNCIL,
        }
    )
    book = matcher.rulebook.on(on)
    for purpose in Purpose:
        terms = book.purposes[purpose]
        counts = ", ".join(sorted(signal.value for signal in terms.counts))
        yield f"- Purpose {purpose.value}: {terms.allows} What counts: {counts}."


def _specification(matcher: Matcher) -> Iterator[str]:
    told: Mapping[str, Any] = metadata.models(matcher)
    words = {feature["name"]: feature["description"] for feature in told["features"]}
    yield from _section("Tier 2: tool specification")
    for ranker in told["rankers"]:
        yield ""
        yield f"### Ranker for {ranker['purposes'] or ranker['signals']} ({ranker['kind']})"
        yield ""
        yield "| feature | weight | what it is |"
        yield "|---|---|---|"
        weights = ranker["weights"]
        yield from (f"| {n} | {weights[n]:g} | {words[n]} |" for n in words if n in weights)
    yield ""
    yield "Performance on awards held back, not learned from:"
    yield from _lines(told["card"].get("held back, not learned from", "not measured"))


def _data(matcher: Matcher) -> Iterator[str]:
    register: Mapping[str, Any] = metadata.register(matcher)
    yield from _section("Tier 2: data")
    yield from _answers(
        {
            "Providers": f"{register['providers']:,} from {register['records']:,} records; "
            f"{register['inactive']:,} are gone and never rank.",
            "Past awards": f"{register['awards']:,}, the newest of {register['newest_award']}.",
            "Personal data": "Contacts, e-mail addresses, telephone numbers, trustees and streets "
            "are not read. Sole traders are people: their names and postcodes are personal data.",
            "Storage and access": COUNCIL,
        }
    )
    for source in register["sources"]:
        yield f"- Source {source['source']}: {source['kept']:,} of {source['read']:,} kept."
    yield "Learned from:"
    yield from _lines(matcher.bundle.card.get("data", "nothing: weights were set by hand"))


def _risks(matcher: Matcher) -> Iterator[str]:
    yield from _section("Tier 2: risks, mitigations and impact assessments")
    limits = matcher.bundle.card.get("limits", "")
    yield from _answers(
        {
            "Known limits": str(limits) or "The card names none.",
            "Incumbents are favoured": "What is learned from past awards favours who won before; "
            "among near-equals a fair share of places can go to those without a record, and "
            "exposure over time is counted.",
            "Place, size or record counts where it may not": "They are not in the ranker for lists "
            "of whom to invite; the service refuses a ranker that reads more than may count.",
            "Impact assessments": COUNCIL,
        }
    )
    for rule in matcher.rulebook.rules:
        yield f"- {rule.id}: {rule.title} ({rule.source})."


def _section(name: str) -> Iterable[str]:
    return ("", f"## {name}", "")


def _answers(said: Mapping[str, str]) -> Iterator[str]:
    for question, answer in said.items():
        yield f"**{question}.** {answer}"
        yield ""


def _lines(told: Any, depth: int = 0) -> Iterator[str]:  # noqa: ANN401 - a card is any JSON
    """JSON as nested bullet points."""
    if not isinstance(told, Mapping):
        yield f"{'  ' * depth}- {told}"
        return
    for key, value in told.items():
        if isinstance(value, Mapping):
            yield f"{'  ' * depth}- {key}:"
            yield from _lines(value, depth + 1)
        else:
            yield f"{'  ' * depth}- {key}: {value}"

"""A draft record for the Algorithmic Transparency Recording Standard (ATRS).

It is generated from the register, the bundle and the rulebook in use, so that it cannot differ
from them.  Fields that only the council can fill in are marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from api.service import metadata
from matcher.core.formatting import count
from matcher.law.types import Purpose
from matcher.ranking.matcher import Matcher

COUNCIL = "_For the council to fill in._"


def draft(matcher: Matcher, on: date) -> str:
    """The draft as Markdown: tier 1, then tier 2 with the sections of the template."""
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
            "Detailed description": "The tool reads a lot as words, codes, a place and a buyer. It "
            "finds providers in the register that the lot's limits allow, compares them by the "
            "features below, orders them with the ranker below, and shows how much each reason "
            "added. Ties are broken at random, with a recorded seed.",
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
            "Integration into the process": "Each list is made for one of these purposes. The "
            "rulebook says what may count for each purpose.",
            "Human decisions and review": "A list of providers to invite can be exported only "
            "after a named person's decision was recorded, with reasons and declared conflicts of "
            "interest. Records are chained by their hashes and can be replayed to the same bytes.",
            "Appeals and review": "The tool can say why a provider was listed or not: its "
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
    models = metadata.models(matcher)
    words = {feature.name: feature.description for feature in models.features}
    yield from _section("Tier 2: tool specification")
    for ranker in models.rankers:
        yield ""
        yield f"### Ranker for {ranker.purposes or ranker.signals} ({ranker.kind})"
        yield ""
        yield "| feature | weight | weight from people's judgements | what it is |"
        yield "|---|---|---|---|"
        weights, judged = ranker.weights, ranker.judged_weights
        yield from (
            f"| {n} | {weights[n]:g} | {judged.get(n, 0.0):g} | {words[n]} |"
            for n in words
            if n in weights
        )
    yield ""
    yield "Performance on awards that were not used for training:"
    yield from _lines(models.card.get("held back, not learned from", "not measured"))


def _data(matcher: Matcher) -> Iterator[str]:
    register = metadata.register(matcher)
    yield from _section("Tier 2: data")
    yield from _answers(
        {
            "Providers": f"{register.providers:,} from {count(register.records, 'record')}; "
            f"{count(register.inactive, 'is', 'are')} no longer active and never ranked.",
            "Past awards": f"{register.awards:,}, the newest of {register.newest_award}.",
            "Personal data": "Contacts, e-mail addresses, telephone numbers, trustees and streets "
            "are not read. Sole traders are people: their names and postcodes are personal data.",
            "Storage and access": COUNCIL,
        }
    )
    for source in register.sources:
        yield f"- Source {source.source}: {source.kept:,} of {source.read:,} kept."
    yield "Training data:"
    yield from _lines(matcher.bundle.card.get("data", "none: the weights were set by hand"))


def _risks(matcher: Matcher) -> Iterator[str]:
    yield from _section("Tier 2: risks, mitigations and impact assessments")
    limits = matcher.bundle.card.get("limits", "")
    yield from _answers(
        {
            "Known limits": str(limits) or "The card names none.",
            "Incumbents are favoured": "A ranker trained on past awards favours providers that won "
            "before. Among near-equals, a fair share of places can go to providers without past "
            "contracts, and the service counts how often each provider is listed.",
            "Place, size or past contracts count where they may not": "The ranker for lists of "
            "providers to invite does not use them; the service refuses a ranker that uses more "
            "than the rulebook allows.",
            "Impact assessments": COUNCIL,
        }
    )
    for rule in matcher.rulebook.rules:
        yield f"- {rule.id}: {rule.title} ({rule.source})."


def _section(name: str) -> Iterable[str]:
    return ("", f"## {name}", "")


def _answers(answers: Mapping[str, str]) -> Iterator[str]:
    for question, answer in answers.items():
        yield f"**{question}.** {answer}"
        yield ""


def _lines(content: Any, depth: int = 0) -> Iterator[str]:  # noqa: ANN401 - a card is any JSON
    """JSON as nested bullet points."""
    if not isinstance(content, Mapping):
        yield f"{'  ' * depth}- {content}"
        return
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield f"{'  ' * depth}- {key}:"
            yield from _lines(value, depth + 1)
        else:
            yield f"{'  ' * depth}- {key}: {value}"

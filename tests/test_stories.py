"""What officers, data stewards and the law ask of the whole answer, story by story."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.types import Award, Grade, Kind, Lot, Provider, Site, Size, Source, Status
from matcher.law.types import Purpose, Signal
from matcher.ranking.features.feature import NEAR, RECORD, SIZE
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.register.build.build import build
from matcher.register.linkage.merge import facts
from matcher.register.linkage.told_pairs import pairs_in
from matcher.register.manifest import Manifest
from matcher.register.register import Register
from matcher.sources.feed import Feed
from matcher.sources.notices import lots, ocds
from matcher.sources.providers import charities, companies, open_referral, own_table
from tests.factory import SHARED, award, lot, needs_shared, provider
from tests.registers import as_bytes, matcher, registered

CLEANING = ("90910000",)
INVITE = Request(Purpose.INVITE, limit=50)
KINDS = [k for k in Kind if k is not Kind.PUBLIC]


def bought(**fields: Any) -> Lot:
    """A council in England buys services for £120,000, VAT included, in May 2026."""
    given_ = {
        "title": "Cleaning of libraries and schools",
        "description": "Evening cleaning with window cleaning twice a year.",
        "cpv": CLEANING,
        "value": 120_000.0,
        "value_is_gross": True,
        "buyer": "Walsall Council",
        "buyer_kind": "council",
        "day": date(2026, 5, 1),
    }
    return lot(**{**given_, **fields})


PEOPLE = (
    provider("GB-CHC-1", "WS1 1TP", name="Brightside", profile="Cleaning of schools"),
    provider("GB-CHC-2", "WS2 8RR", name="Window Works", profile="Window cleaning"),
    provider("GB-COH-3", "B70 8DB", name="Larkrise", profile="Evening cleaning, libraries"),
    provider("GB-COH-4", "BA1 1SS", name="Mop and Bucket", profile="Cleaning"),
    provider("GB-COH-5", "B1 1AA", name="Thornfield"),
    provider("GB-COH-6", name="Nowhere Cleaning", profile="Schools"),
)


def past(number: int, *who: Provider, title: str = "Cleaning of schools") -> Award:
    held = lot(id=f"a-{number}", title=title, buyer="Walsall Council", cpv=CLEANING)
    return award(f"a-{number}", *who, lot=held, value=1e5, day=date(2025, 1, number))


PAST = (
    past(1, PEOPLE[4]),
    past(2, PEOPLE[4], PEOPLE[0], title="Window cleaning"),
    past(3, PEOPLE[2], title="Library cleaning"),
)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    folder = tmp_path_factory.mktemp("reg")
    return matcher(folder, places_table, *PEOPLE, *PAST, trust_ids=True)


# --- story 1: an officer looks for whom to talk to ---


def test_story_1_each_suggestion_has_its_score_words_and_dated_evidence(one: Matcher) -> None:
    answer = one.shortlist(bought(), Request(wish=Filters(everyone=True), limit=4))
    assert len(answer.suggestions) == 4
    asked = f"{bought().title} {bought().description}".lower()
    for found in answer.suggestions:
        assert found.id
        parts = sum(found.contributions.values()) + found.base
        assert parts == pytest.approx(found.score, abs=1e-9)
        assert any(m.asked in asked and m.found for m in found.matches), found.name
        assert all("2026-01-01" in source for source in found.sources)
        assert all(contract.day for contract in found.past)


def test_story_1_same_input_gives_the_same_bytes(one: Matcher) -> None:
    first = as_bytes(one.shortlist(bought()))
    assert as_bytes(one.shortlist(bought())) == first
    again = Matcher.open(one.register.folder.parent, "hand")
    assert as_bytes(again.shortlist(bought())) == first


# --- story 2: an officer draws up a list of whom to invite ---


@pytest.fixture(scope="module")
def invited(one: Matcher) -> dict[str, str]:
    return listed(one)


def listed(one: Matcher) -> dict[str, str]:
    """Each suggestion of the invite list, in order, as the JSON that is written of it."""
    found = one.shortlist(bought(), INVITE).suggestions
    return {each.id: as_bytes(each).decode() for each in found}


def same(left: dict[str, str], right: dict[str, str]) -> bool:
    return list(left.items()) == list(right.items())


_postcodes = st.sampled_from(["WS1 1TP", "WS2 8RR", "B70 8DB", "BA1 1SS", "B1 1AA"])
_income = st.none() | st.sampled_from([0.0, 9e4, 5e5, 5e6, 5e9])
_provider_changes = st.fixed_dictionaries(
    {},
    optional={
        "sites": st.lists(st.builds(Site, _postcodes, st.sampled_from(Grade)), max_size=3).map(
            lambda sites: tuple({s.postcode: s for s in sites}.values())
        ),
        "size": st.sampled_from(Size),
        "income": _income,
        "kind": st.sampled_from(KINDS),
        "areas": st.sampled_from([(), ("Walsall",), ("E08000028", "Bath")]),
        "status": st.just(Status.ACTIVE),
    },
)
_lot_changes = st.fixed_dictionaries(
    {},
    optional={
        "buyer": st.sampled_from(["", "Walsall Council", "Bath and North East Somerset Council"]),
        "buyer_id": st.sampled_from(["", "X-1"]),
        "buyer_kind": st.sampled_from(["", "council", "central government"]),
        "buyer_postcode": st.just("") | _postcodes,
        "postcode": st.just("") | _postcodes,
        "area": st.sampled_from(["", "Walsall", "E06000022"]),
        "value": st.none() | st.sampled_from([1.0, 1e9]),
        "years": st.none() | st.just(5.0),
    },
)
_values = st.none() | st.sampled_from([1.0, 1e9])


def changed(
    people: list[dict[str, Any]], held: list[dict[str, Any]], values: list[float | None]
) -> tuple[Provider | Award, ...]:
    """The same providers and awards, with other places, sizes, kinds, buyers and values."""
    new = {p.id: replace(p, **fields) for p, fields in zip(PEOPLE, people, strict=True)}
    awards = [
        replace(
            each,
            lot=replace(each.lot, **fields),
            value=value,
            suppliers=tuple(new[s.id] for s in each.suppliers),
        )
        for each, fields, value in zip(PAST, held, values, strict=True)
    ]
    return (*new.values(), *awards)


@settings(max_examples=20, deadline=None)
@given(
    people=st.lists(_provider_changes, min_size=len(PEOPLE), max_size=len(PEOPLE)),
    held=st.lists(_lot_changes, min_size=len(PAST), max_size=len(PAST)),
    values=st.lists(_values, min_size=len(PAST), max_size=len(PAST)),
)
def test_story_2_place_size_kind_buyers_and_values_do_not_change_an_invite_list(
    tmp_path_factory: pytest.TempPathFactory,
    places_table: Path,
    invited: dict[str, str],
    people: list[dict[str, Any]],
    held: list[dict[str, Any]],
    values: list[float | None],
) -> None:
    items = changed(people, held, values)
    other = matcher(tmp_path_factory.mktemp("reg"), places_table, *items, trust_ids=True)
    assert len(invited) == len(PEOPLE)
    assert same(listed(other), invited)


def test_story_2_removing_every_address_does_not_change_an_invite_list(
    tmp_path: Path, places_table: Path, invited: dict[str, str]
) -> None:
    unsited: list[dict[str, Any]] = [{"sites": ()} for _ in PEOPLE]
    items = changed(unsited, [{}] * len(PAST), [None] * len(PAST))
    other = matcher(tmp_path, places_table, *items, trust_ids=True)
    assert other.register.manifest.active_without_place == len(PEOPLE)
    assert same(listed(other), invited)


def test_story_2_the_same_changes_change_an_engagement_list(
    tmp_path: Path, places_table: Path, one: Matcher
) -> None:
    unsited: list[dict[str, Any]] = [{"sites": ()} for _ in PEOPLE]
    other = matcher(
        tmp_path, places_table, *changed(unsited, [{}] * len(PAST), [1.0] * 3), trust_ids=True
    )
    everyone = Request(wish=Filters(everyone=True))
    before, after = (m.shortlist(bought(), everyone).suggestions for m in (one, other))
    assert as_bytes(before) != as_bytes(after)


def test_story_2_profile_still_changes_an_invite_list(
    tmp_path: Path, places_table: Path, invited: dict[str, str]
) -> None:
    renewed = [{"profile": "Cleaning of libraries and schools"}, *([{}] * 5)]
    other = matcher(tmp_path, places_table, *changed(renewed, [{}] * 3, [1e5] * 3), trust_ids=True)
    assert not same(listed(other), invited)


@pytest.mark.parametrize(
    ("buyer", "place_rule"), [("council", "LGA1988-s17"), ("central government", "PPN-005")]
)
def test_story_2_place_and_size_contribute_zero_and_name_the_rule(
    one: Matcher, buyer: str, place_rule: str
) -> None:
    request = replace(INVITE, limit=50)
    for found in one.shortlist(bought(buyer_kind=buyer), request).suggestions:
        told = {r.name: r for r in found.reasons}
        for name, rule in ((NEAR, place_rule), (SIZE, "PA2023-s85"), (RECORD, "PA2023-s85")):
            assert told[name].contribution == 0.0
            assert not told[name].counted
            assert told[name].rule == rule
            assert "Not lawful to use here" in told[name].words
        used = {FEATURES[name].signal for name in found.contributions}
        assert used == {Signal.RELEVANCE}


# --- story 3: an officer reserves a competition to the local area ---

LOCAL = (
    provider("W", "WS1 1TP", name="Wood", profile="Cleaning"),
    provider("S", "B70 8DB", name="Sand", profile="Cleaning"),
    provider("F", "BA1 1SS", name="Far", profile="Cleaning"),
    replace(
        provider("FW", name="Twin", profile="Cleaning"),
        sites=(Site("BA1 1SS", Grade.OPERATING_SITE), Site("WS2 8RR", Grade.REGISTERED_OFFICE)),
    ),
    provider("N", name="None", profile="Cleaning"),
)
WISH = Filters(area="Walsall", with_neighbours=True)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    return matcher(tmp_path_factory.mktemp("reg"), places_table, *LOCAL, trust_ids=True)


def reserved(one: Matcher, wish: Filters = WISH, **fields: Any) -> Any:
    return one.shortlist(bought(**fields), Request(Purpose.RESERVED, wish))


@pytest.mark.parametrize(
    ("wish", "ids"),
    [
        (Filters(area="Walsall"), {"W", "FW"}),
        (WISH, {"W", "S", "FW"}),
        (Filters(area="uk"), {"W", "S", "F", "FW"}),
    ],
)
def test_story_3_reserved_list_has_only_providers_with_a_site_in_the_area(
    local: Matcher, wish: Filters, ids: set[str]
) -> None:
    assert {s.id for s in reserved(local, wish).suggestions} == ids


def test_story_3_the_grade_of_the_site_inside_the_area_is_shown(local: Matcher) -> None:
    found = {s.id: (s.postcode, s.place_evidence) for s in reserved(local).suggestions}
    assert found["FW"] == ("WS2 8RR", "registered office")
    assert found["W"] == ("WS1 1TP", "contact address")


def test_story_3_the_sentence_for_the_notice(local: Matcher) -> None:
    sentence = reserved(local, Filters(area="Walsall")).notice_sentence
    assert sentence.startswith("This competition is reserved to suppliers based in Walsall")
    assert "(England) Order 2026" in sentence
    assert local.shortlist(bought()).notice_sentence == ""
    assert local.shortlist(bought(), INVITE).notice_sentence == ""


def test_story_3_distance_does_not_count_inside_the_area(local: Matcher) -> None:
    assert len({s.score for s in reserved(local).suggestions}) == 1


# --- story 9: a data steward loads what there is ---

FIXTURES = SHARED / "fixtures"


def all_feeds() -> Iterator[Feed]:
    """Every provider and award that the fixtures hold."""
    yield from charities.read([FIXTURES / "ccew", FIXTURES / "ccni"])
    yield from companies.read([FIXTURES / "companies-house"])
    yield from open_referral.read(sorted((FIXTURES / "open-referral-uk").glob("*.json")))
    yield from ocds.read_awards(sorted((FIXTURES / "contracts-finder").glob("*.json")))
    yield from ocds.read_awards(sorted((FIXTURES / "find-a-tender").glob("*.json")))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> tuple[Manifest, Path]:
    path = tmp_path_factory.mktemp("loaded")
    return build(path, all_feeds(), places_table=places_table), path


@needs_shared
def test_story_9_every_fixture_loads_or_is_reported(loaded: tuple[Manifest, Path]) -> None:
    tallies = loaded[0].tallies
    assert len(tallies) >= 17
    for tally in tallies:
        assert tally.kept or tally.set_aside, f"{tally.source} was passed over in silence"
        assert tally.kept <= tally.read
        assert tally.examples.keys() == tally.set_aside.keys()
    kept = {t.source: t.kept for t in tallies}
    assert sum(kept.values()) > 500


@needs_shared
def test_story_9_inactive_providers_of_the_fixtures_never_rank(
    loaded: tuple[Manifest, Path],
) -> None:
    one = Matcher.open(loaded[1], "hand")
    gone = {
        o.provider.id
        for row in range(len(one.register))
        if not (o := one.register.organisations[row]).provider.status.may_rank
    }
    assert len(gone) == one.register.manifest.inactive > 0
    some = [one.register.row(i) for i in sorted(gone)[:40]]
    asked = [one.register.organisations[r].provider for r in some if r is not None]
    for each in asked:
        subject = lot(title=f"{each.name} {each.profile}"[:300], postcode="", value=1.0)
        for request in (
            Request(wish=Filters(everyone=True), limit=200),
            replace(INVITE, limit=200),
        ):
            assert not gone & {s.id for s in one.shortlist(subject, request).suggestions}


@needs_shared
def test_story_9_every_lot_of_the_fixtures_gets_a_list(loaded: tuple[Manifest, Path]) -> None:
    one = Matcher.open(loaded[1], "hand")
    paths = [
        *sorted((FIXTURES / "find-a-tender").glob("*.json")),
        *sorted((FIXTURES / "contracts-finder").glob("*.json"))[:3],
    ]
    found = [each for path in paths for each in lots.read_lots(path)[0]]
    assert len(found) >= len(paths)
    for each in found:
        answer = one.shortlist(each)
        assert answer.considered + sum(answer.set_aside.values()) == len(one.register)


PEOPLE_OF_NOTE = {
    "contactPoint": {
        "name": "Perpetua Quillfeather",
        "email": "p.quillfeather@walsall.example",
        "telephone": "01922 000111",
        "faxNumber": "01922 000222",
    },
    "address": {"streetAddress": "7 Quietways Lane", "postalCode": "WS1 1TP"},
}
SUPPLIER_OF_NOTE = {
    "contactPoint": {
        "name": "Ottoline Brambleworth",
        "email": "ottoline@brambleworth.example",
        "telephone": "07700 900333",
    },
    "address": {"streetAddress": "12 Nettlebed Close", "postalCode": "WS2 8RR"},
    "beneficialOwners": [{"name": "Cosmo Featherstonehaugh"}],
}
RELEASE: dict[str, Any] = {
    "ocid": "ocds-b5fd17-1",
    "id": "1",
    "date": "2026-02-01T00:00:00Z",
    "tag": ["award"],
    "parties": [
        {"id": "b", "name": "Walsall Council", "roles": ["buyer"], **PEOPLE_OF_NOTE},
        {"id": "s", "name": "Brightside Cleaning", "roles": ["supplier"], **SUPPLIER_OF_NOTE},
    ],
    "buyer": {"id": "b", "name": "Walsall Council"},
    "tender": {"title": "Cleaning", **PEOPLE_OF_NOTE},
    "awards": [
        {
            "id": "1",
            "date": "2026-01-05T00:00:00Z",
            "value": {"amount": 5000, "currency": "GBP"},
            "suppliers": [{"id": "s", "name": "Brightside Cleaning", **SUPPLIER_OF_NOTE}],
        }
    ],
}
ORGANISATION = {
    "id": "org-1",
    "name": "Window Friends",
    "description": "Window cleaning for older people",
    "email": "hello@windowfriends.example",
    "contacts": [{"name": "Dulcimer Oakapple", "email": "dulcimer@windowfriends.example"}],
    "phones": [{"number": "01922 000444"}],
}
PRIVATE = (
    "Quillfeather",
    "quillfeather",
    "01922",
    "07700",
    "Quietways",
    "Nettlebed",
    "Brambleworth",
    "brambleworth",
    "Featherstonehaugh",
    "Oakapple",
    "dulcimer",
    "windowfriends.example",
    "Tansy",
    "@",
)


def test_story_9_no_personal_contact_details_are_in_the_register(
    tmp_path: Path, places_table: Path
) -> None:
    notice, directory, rows = (tmp_path / n for n in ("a.json", "o.json", "t.csv"))
    notice.write_text(json.dumps(RELEASE))
    directory.write_text(json.dumps(ORGANISATION))
    rows.write_text(
        "name,profile,email,telephone,contact_name\n"
        "Mop and Bucket,cleaning,tansy@mop.example,07700 900555,Tansy Wickerby\n"
    )
    feeds: list[Feed] = [
        *ocds.read_awards([notice]),
        *open_referral.read([directory]),
        *own_table.read([rows]),
    ]
    report = build(tmp_path / "reg", feeds, places_table=places_table)
    assert report.providers == 3
    register = Register.open(tmp_path / "reg")
    held = {p: p.read_bytes() for p in register.folder.rglob("*") if p.is_file()}
    text = {p: b for p, b in held.items() if p.suffix in {".json", ".jsonl"}}
    names = b"".join(text.values())
    assert b"Brightside Cleaning" in names
    assert b"WS2 8RR" in names
    for path, content in (held | {p: p.name.encode() for p in held}).items():
        searched = PRIVATE if path in text else [w for w in PRIVATE if len(w) > 4]
        assert [w for w in searched if w.encode() in content] == [], path.name


SPELT_TWICE = (
    replace(
        provider("GB-CHC-77", "WS1 1TP", name="Willowmere Befriending Society"),
        source=Source("charities", date(2026, 4, 1), "OGL-UK-3.0"),
        income=50_000.0,
    ),
    replace(
        provider("T-8", "WS1 1TP", name="Willowmere Befriending Society Ltd"),
        source=Source("own list", date(2025, 2, 3), "CC0-1.0"),
        profile="Befriending by telephone",
    ),
)


def test_story_9_merged_records_keep_the_source_and_day_of_each_fact(
    tmp_path: Path, places_table: Path
) -> None:
    register = registered(tmp_path, places_table, *SPELT_TWICE)
    (one,) = [register.organisations[row] for row in range(len(register))]
    told = {(f.name, f.value): f.source for f in facts(one.records)}
    first, second = (p.source for p in SPELT_TWICE)
    assert told["income", "£50,000 a year"] == first
    assert told["profile", "Befriending by telephone"] == second
    assert told["name", "Willowmere Befriending Society"] == first
    assert told["name", "Willowmere Befriending Society Ltd"] == second
    assert one.provider.id == "GB-CHC-77"
    assert one.provider.profile == "Befriending by telephone"


@pytest.mark.parametrize(
    "pair",
    [
        SPELT_TWICE,
        (
            replace(provider("T-1", name="One Thing"), ids=("GB-COH-00000009",)),
            replace(provider("T-2", name="Another Thing"), ids=("GB-COH-00000009",)),
        ),
    ],
    ids=["by name", "by number"],
)
def test_story_9_listed_merges_are_undone(
    tmp_path: Path, places_table: Path, pair: tuple[Provider, Provider]
) -> None:
    register = registered(tmp_path / "one", places_table, *pair)
    assert len(register) == 1
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("kept", "merged", "reason"))
    spool = register.merges
    writer.writerows((m.kept, m.merged, m.reason) for m in (spool[i] for i in range(len(spool))))
    (tmp_path / "apart.csv").write_text(out.getvalue())
    apart = pairs_in(tmp_path / "apart.csv", "--keep-apart")
    undone = registered(tmp_path / "two", places_table, *pair, apart=apart)
    assert len(undone) == 2
    assert len(undone.merges) == 0

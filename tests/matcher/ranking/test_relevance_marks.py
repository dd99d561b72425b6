"""A list by a bundle that people's judgements taught: marks, and what it says where it is short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from matcher.core.types import Award, Kind, Provider, Size
from matcher.law.rulebook import Rulebook
from matcher.law.types import Purpose
from matcher.ranking import quotes
from matcher.ranking.batch import shortlists
from matcher.ranking.features.feature import NAMED
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.quotes import shared_phrases
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Shortlist
from matcher.register.encoded import FOLDER as ENCODED
from matcher.register.register import Register
from models.bundle import Bundle
from models.encoder import Encoder
from models.ranker import LinearRanker
from models.relevance import Relevance
from tests.encoders import tiny
from tests.factory import award, lot, provider
from tests.registers import as_bytes, line_of_places, registered, without_digests

TOLD = LinearRanker(("told_words",), (6.0,), -3.0)


@pytest.fixture
def ask(tmp_path: Path) -> Matcher:
    places = line_of_places(tmp_path / "places", 0, 1000)
    given = [
        provider("A", "WS1 1AA", name="Roof", profile="roof slate"),
        provider("B", "WS1 1AA", name="Slate and Sons", profile="many kinds of building work"),
        provider("C", "WS1 1AB", name="Choir"),
    ]
    hand = Bundle.open("hand", FEATURES)
    relevance = Relevance(TOLD, strong=0.5, possible=0.06)
    rankers = {key: replace(one, relevance=relevance) for key, one in hand.rankers.items()}
    register = registered(tmp_path / "reg", places, *given)
    return Matcher(register, replace(hand, rankers=rankers), Rulebook.open())


def shortlist(
    one: Matcher,
    title: str,
    limit: int = 10,
    *,
    weak: bool = False,
    wish: Filters = Filters(everyone=True),  # noqa: B008 - frozen
) -> Shortlist:
    request = Request(wish=wish, limit=limit, weak=weak)
    return one.shortlist(lot(title=title, postcode="WS1 1AA"), request)


@pytest.mark.parametrize(
    ("marks", "neutral", "said"),
    [
        (["strong", "possible", "strong"], {}, "also counts place, size and past contracts"),
        (
            ["possible", "strong"],
            dict.fromkeys(("place", "size", "record"), "a rule"),
            "the order weighs what providers do in another way.",
        ),
        (["possible", "strong"], {"size": "a rule"}, "also counts place and past contracts."),
        (
            ["possible", "strong"],
            {"place": "a rule", "record": "another"},
            "the order also counts size.",
        ),
        (["strong", "possible", "weak"], {}, ""),
        (["possible", "possible"], {}, ""),
        ([""], {}, ""),
    ],
)
def test_a_possible_match_above_a_strong_one_is_explained(
    ask: Matcher, marks: Sequence[str], neutral: dict[str, str], said: str
) -> None:
    answer = shortlist(ask, "Roof and slate")
    rows = tuple(replace(answer.suggestions[0], mark=mark) for mark in marks)
    words = replace(answer, suggestions=rows, neutral=neutral).on_the_order
    assert said in words
    assert bool(words) is bool(said)


def test_each_row_is_marked_by_its_relevance(ask: Matcher) -> None:
    answer = shortlist(ask, "Roof and slate")
    found = {one.id: one for one in answer.suggestions}
    assert set(found) == {"A", "B"}
    assert found["A"].mark == "strong"
    assert found["B"].mark == "possible"
    assert found["A"].relevance is not None
    assert found["B"].relevance is not None
    assert found["A"].relevance >= 0.5 > found["B"].relevance >= 0.06


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("the of and", "only common ones"),
        ("وجبات ساخنة في المنزل", "none in English letters"),
        ("12345 67", "none in English letters"),
        ("In Walsall", "names places and no work"),
    ],
)
def test_a_lot_without_a_word_that_can_be_used_is_told_so(
    ask: Matcher, title: str, why: str
) -> None:
    notes = shortlist(ask, title).notes
    assert not any("The register knows" in note for note in notes)
    (note,) = (n for n in notes if "No word of this lot could be used" in n)
    assert why in note
    assert "CPV" not in note
    request = Request(wish=Filters(everyone=True))
    coded = ask.shortlist(lot(title=title, postcode="WS1 1AA", cpv=("45261210",)), request)
    assert any("rests on its CPV codes alone" in note for note in coded.notes)


def test_a_short_list_says_what_to_add(ask: Matcher) -> None:
    (note,) = (n for n in shortlist(ask, "Roof and slate").notes if "The register knows" in n)
    assert "few providers here that do work like this: 1 strong match and 1 possible match" in note
    assert "(it holds 3: 3 of unknown kind)" in note
    assert "wider area" not in note
    assert "Weaker matches are left out" in note
    (none,) = (n for n in shortlist(ask, "Falconry").notes if "The register knows" in n)
    assert "knows no provider here that does work like this" in none
    full = shortlist(ask, "Roof and slate", limit=2)
    assert not any("The register knows" in note for note in full.notes)


def test_a_short_list_offers_only_what_there_is(ask: Matcher) -> None:
    near, no_one = (
        next(n for n in shortlist(ask, "Falconry", wish=wish).notes if "The register knows" in n)
        for wish in (Filters(within="20 km"), Filters(area="uk", kind="vcse"))
    )
    assert "(it holds 3 within reach: 3 of unknown kind)" in near
    assert "or search a wider area. Weaker matches are left out" in near
    assert "(it holds none)" in no_one
    assert "wider area" not in no_one
    assert "Weaker" not in no_one


def test_a_list_of_possible_matches_alone_says_so(tmp_path: Path) -> None:
    places = line_of_places(tmp_path / "places", 0)
    given = [provider(str(i), "WS1 1AA", name=f"Choir {i}") for i in range(2)]
    hand = Bundle.open("hand", FEATURES)
    unsure = Relevance(TOLD, strong=1.0, possible=0.0)
    rankers = {key: replace(one, relevance=unsure) for key, one in hand.rankers.items()}
    register = registered(tmp_path / "reg", places, *given)
    one = Matcher(register, replace(hand, rankers=rankers), Rulebook.open())
    (note,) = (n for n in shortlist(one, "Choir").notes if "The register knows" in n)
    assert "knows no provider here that surely does work like this, only 2 possible matches" in note


def test_weak_matches_come_last_and_only_on_request(ask: Matcher) -> None:
    usual, asked = (shortlist(ask, "Roof and slate", weak=weak) for weak in (False, True))
    assert [one.id for one in usual.suggestions] == [one.id for one in asked.suggestions[:2]]
    assert usual.unlike + len(usual.suggestions) == len(asked.suggestions)
    assert {one.mark for one in asked.suggestions[2:]} == {"weak"}
    assert asked.unlike == 0
    assert not any("Weaker matches are left out" in note for note in asked.notes)


def test_the_sort_of_body_and_the_nearest_sentence_are_shown(tmp_path: Path) -> None:
    places = line_of_places(tmp_path / "places", 0)
    words = "We began in 1980. We mend roofs of slate for schools. Ring us."
    school = provider("A", "WS1 1AA", name="Moss School", profile=words)
    register = registered(tmp_path / "reg", places, school)
    one = Matcher(register, Bundle.open("hand", FEATURES), Rulebook.open())
    (found,) = shortlist(one, "Roof and slate").suggestions
    assert found.body == "school, college or nursery"
    assert found.quote is not None
    assert found.quote.words == "We mend roofs of slate for schools."
    assert found.quote.source in found.sources
    assert any("It looks like a school" in reason.words for reason in found.reasons)


def test_the_legal_form_of_a_name_is_not_what_it_mentions(tmp_path: Path) -> None:
    places = line_of_places(tmp_path / "places", 0)
    shop = provider("A", "WS1 1AA", name="Moss Slate Shop Community Interest Company")
    register = registered(tmp_path / "reg", places, shop)
    one = Matcher(register, Bundle.open("hand", FEATURES), Rulebook.open())
    (found,) = shortlist(one, "Slate shop for the community").suggestions
    named = [reason.words for reason in found.reasons if reason.name == NAMED]
    assert named == ["Its name mentions slate shop."]


def test_an_invite_list_quotes_no_sentence_that_names_a_place(tmp_path: Path) -> None:
    places = line_of_places(tmp_path / "places", 0)
    words = "We mend roofs and slate in Bloxwich. We mend every roof."
    register = registered(
        tmp_path / "reg", places, provider("A", "WS1 1AA", name="Roof", profile=words)
    )
    one = Matcher(register, Bundle.open("hand", FEATURES), Rulebook.open())
    asked = lot(title="Roof and slate", value=9000.0, postcode="WS1 1AA")
    quotes = {
        purpose: one.shortlist(asked, Request(purpose)).suggestions[0].quote
        for purpose in Purpose
        if purpose is not Purpose.RESERVED
    }
    said = {purpose: quote.words for purpose, quote in quotes.items() if quote}
    assert said == {
        Purpose.ENGAGEMENT: "We mend roofs and slate in Bloxwich.",
        Purpose.INVITE: "We mend every roof.",
    }


def test_a_bundle_that_nobody_judged_marks_nothing(ask: Matcher) -> None:
    plain = replace(ask, bundle=Bundle.open("hand", FEATURES))
    answer = shortlist(plain, "Roof and slate")
    assert {(one.mark, one.relevance) for one in answer.suggestions} == {("", None)}
    assert not any("The register knows" in note for note in answer.notes)


def _encoded(folder: Path, places: Path, *items: Provider | Award) -> Matcher:
    """A matcher whose relevance reads an encoder and the sort of body, over these."""
    odds = LinearRanker(("encoded_best", "told_words", "seldom_sells"), (2.0, 3.0, -1.0), -0.5)
    hand = Bundle.open("hand", FEATURES)
    rankers = {key: replace(r, relevance=Relevance(odds)) for key, r in hand.rankers.items()}
    bundle = replace(hand, rankers=rankers, knowledge=replace(hand.knowledge, encoder=tiny()))
    return Matcher(
        registered(folder / "register", places, *items, bundle=bundle, trust_ids=True),
        bundle,
        Rulebook.open(),
    )


def test_place_size_kind_buyer_and_value_change_nothing_of_an_encoded_invite_list(
    tmp_path: Path,
) -> None:
    places = line_of_places(tmp_path / "places", 0, 9000)
    roofs = "We mend every roof. We lay slate."
    people = [
        provider("A", "WS1 1AA", name="Roof Services", profile=roofs, kind=Kind.CHARITY),
        provider("B", "WS1 1AB", name="Moss School", profile=roofs, size=Size.MICRO),
        provider("C", "WS1 1AB", name="Plumbing and Roofs"),
    ]
    title = "Slate roofs and plumbing"
    won = award("w", people[2], lot=lot(id="w", title=title, buyer="Moss Council"), value=5.0)
    moved = [replace(p, sites=(), size=Size.UNKNOWN, kind=Kind.COMPANY, income=9e9) for p in people]
    bought = replace(won.lot, buyer="Another Buyer", postcode="WS1 1AB", value=7e6)
    again = replace(won, suppliers=(moved[2],), lot=bought, value=7e6)
    asked, request = lot(title="Slate roofs", value=9000.0), Request(Purpose.INVITE, weak=True)
    first = _encoded(tmp_path / "a", places, *people, won).shortlist(asked, request)
    other = _encoded(tmp_path / "b", places, *moved, again).shortlist(asked, request)
    assert len(first.suggestions) == 3
    assert len({one.relevance for one in first.suggestions}) == 3
    assert as_bytes(first.suggestions) == as_bytes(other.suggestions)


_GUTTERS = "We mend every gutter. We lay bricks and tiles. Youth work for all ages here."
_PROFILES = (
    _GUTTERS,
    "",
    "Meals at home for the old.\nGardens are kept in Bloxwich all summer.",
    "We mend every gutter. Slate and lead are laid.",
    "Short.",
)


def _profiled(folder: Path) -> Matcher:
    people = [
        provider(str(i), "WS1 1AA", name=f"Roof Services {i}", profile=profile)
        for i, profile in enumerate(_PROFILES)
    ]
    return _encoded(folder, line_of_places(folder / "places", 0), *people)


def _quoted(one: Matcher, purpose: Purpose = Purpose.ENGAGEMENT) -> dict[str, str]:
    asked = lot(title="Slate roofs", value=9000.0, postcode="WS1 1AA")
    found = one.shortlist(asked, Request(purpose, weak=True)).suggestions
    return {each.id: each.quote.words if each.quote else "" for each in found}


def test_the_sentence_that_the_encoder_finds_nearest_is_quoted_where_none_shares_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotes, "_NEAR", -1.0)
    one = _profiled(tmp_path)
    query = one.query(lot(title="Slate roofs"))
    assert query.encoded is not None
    asked = query.encoded.vector.astype(int)

    def nearest(*sentences: str) -> str:
        vectors = tiny().encode([each.lower() for each in sentences]).astype(int)
        return max(zip((vectors @ asked).tolist(), sentences, strict=True))[1]

    said = {
        i: quotes.nearest_sentence(
            query, row, one.register.organisations[row].provider, {"slate": 1}
        )
        for i, row in ((i, one.register.row(str(i)) or 0) for i in range(len(_PROFILES)))
    }
    assert said == {
        0: nearest(*(f"{each}." for each in _GUTTERS.removesuffix(".").split(". "))),
        1: "",
        2: nearest("Meals at home for the old.", "Gardens are kept in Bloxwich all summer."),
        3: "Slate and lead are laid.",
        4: "",
    }


def test_a_quote_shows_the_words_that_it_is_chosen_for(tmp_path: Path) -> None:
    objects = "The objects are, for the public benefit, " + "to do such other things, " * 12
    one = _quoting(tmp_path, f"{objects}and slate. We mend gutters.", {"slate": 1.0, "gutter": 0.5})
    assert one == "We mend gutters."


def test_words_that_say_no_work_choose_no_quote(tmp_path: Path) -> None:
    profile = "For full details, see the scheme. We mend gutters."
    assert _quoting(tmp_path, profile, {"scheme": 1.0, "gutter": 0.1}) == "We mend gutters."
    assert _quoting(tmp_path, "For details, see the scheme.", {"scheme": 1.0}) == ""


@pytest.mark.parametrize("number", ["C.0001", "5.2", "3.1.14", "(b)", "2)", "iv)"])
def test_the_number_of_a_clause_is_not_quoted(tmp_path: Path, number: str) -> None:
    assert _quoting(tmp_path, f"{number} We lay slate.", {"slate": 1.0}) == "We lay slate."
    shouted = f"{number} TO LAY SLATE IN MOSS."
    assert _quoting(tmp_path, shouted, {"slate": 1.0}) == "TO LAY SLATE IN MOSS."
    unnumbered = ("2.5 miles of slate.", "2.5 MILES OF SLATE.", "9.30 AM slate walks.")
    for said in (*unnumbered, "(Slate) roofs are laid."):
        assert _quoting(tmp_path, said, {"slate": 1.0}) == said


def test_a_bracket_that_is_never_closed_hides_no_quote(tmp_path: Path) -> None:
    long = "We mend gutters for schools, clubs and halls in every season of the year. " * 4
    profile = f"We have vans (two. {long}We lay slate."
    assert "We lay slate." in _quoting(tmp_path, profile, {"slate": 1.0})


def test_a_question_is_no_quote(tmp_path: Path) -> None:
    profile = "What is slate about? We mend gutters."
    assert _quoting(tmp_path, profile, {"slate": 1.0, "gutter": 0.1}) == "We mend gutters."
    assert _quoting(tmp_path, "What is slate about?", {"slate": 1.0}) == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "We mend gutters (as in the Roofs etc. (Scotland) Act, of slate) for schools.",
        "We mend gutters for schools, clubs etc. and lay slate for others.",
        "We hire out tools, e.g. ladders for those who lay slate.",
    ],
)
def test_a_quote_is_a_whole_sentence(tmp_path: Path, sentence: str) -> None:
    profile = f"We have two vans. {sentence} We are open on Mondays."
    assert _quoting(tmp_path, profile, {"slate": 1.0}) == sentence


def _quoting(folder: Path, profile: str, weights: dict[str, float]) -> str:
    """What is quoted where no encoder read the profile."""
    one = provider("A", "WS1 1AA", name="Moss Works", profile=profile)
    register = registered(folder / f"reg{len(profile)}", line_of_places(folder / "places", 0), one)
    ask = Matcher(register, Bundle.open("hand", FEATURES), Rulebook.open())
    return quotes.nearest_sentence(ask.query(lot(title="Slate")), 0, one, weights)


@pytest.mark.parametrize(
    ("title", "cpv", "is_read"),
    [
        ("Slate roofs", (), True),
        ("the of and", (), False),
        ("123", (), False),
        ("the of and", ("45261210",), True),
    ],
)
def test_a_lot_with_nothing_to_read_has_no_meaning(
    tmp_path: Path, title: str, cpv: tuple[str, ...], is_read: bool
) -> None:
    query = _profiled(tmp_path).query(lot(title=title, cpv=cpv), Request())
    assert (query.encoded is not None) is is_read


def test_an_invite_list_quotes_only_the_nearest_sentence_that_names_no_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotes, "_NEAR", -1.0)
    one = _profiled(tmp_path)
    assert _quoted(one, Purpose.INVITE)["2"] == "Meals at home for the old."


def test_an_answer_reads_no_text_but_the_lots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotes, "_NEAR", -1.0)
    one = _profiled(tmp_path)
    tiny().forget()
    read: list[str] = []
    encode = Encoder.encode

    def counted(self: Encoder, texts: Sequence[str], *how: Any) -> Any:
        read.extend(texts)
        return encode(self, texts, *how)

    monkeypatch.setattr(Encoder, "encode", counted)
    assert _quoted(one)["0"]
    assert read == ["slate roofs"]


def test_a_register_without_vectors_of_sentences_quotes_those_that_share_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotes, "_NEAR", -1.0)
    one = _profiled(tmp_path)
    (one.register.folder / ENCODED / "sentences.npy").unlink()
    without_digests(tmp_path / "register")
    older = replace(one, register=Register.open(tmp_path / "register"))
    assert _quoted(older) == {**dict.fromkeys("0124", ""), "3": "Slate and lead are laid."}


def test_lots_asked_together_have_the_lists_that_each_has_alone(tmp_path: Path) -> None:
    people = [
        provider("A", "WS1 1AA", name="Roof Services", profile="We mend every roof. We lay slate."),
        provider("B", "WS1 1AA", name="Plumbing and Roofs"),
    ]
    one = _encoded(tmp_path, line_of_places(tmp_path / "places", 0), *people)
    lots = [lot(id=f"l{n}", title=f"Slate roofs {n}", postcode="WS1 1AA") for n in range(30)]
    lots.insert(3, lot(id="empty", title="", description="", postcode="WS1 1AA"))
    request = Request(wish=Filters(everyone=True), weak=True)
    together = list(shortlists(one, lots, request))
    alone = [answer for each in lots for answer in shortlists(one, [each], request)]
    assert as_bytes(together) == as_bytes(alone)


@pytest.mark.parametrize(
    ("content", "phrases"),
    [
        ("Day centres, minibuses and other day trips", ["day centres", "minibuses"]),
        ("Minibuses day", ["minibuses day"]),
        ("MINIBUSES; day\ncentre", ["minibuses", "centre"]),
        ("DAY CENTRES", ["day centres"]),
        ("Centres for day trips and minibuses", ["minibuses", "centres"]),
        ("Minibus and centre by day", ["minibus and centre"]),
        ("Every day", []),
        ("Nothing of it", []),
        ("We help. THE CENTRE AIMS TO HELP BY DAY AND BY NIGHT", ["centre"]),
        ("We run a DAY service", []),
        ("A MINI and a centre", ["centre"]),
    ],
)
def test_words_side_by_side_are_quoted_together(content: str, phrases: list[str]) -> None:
    weights = {"day": 1.0, "centr": 2.0, "minibus": 2.5}
    found = shared_phrases(content, weights, 5)
    assert found == phrases


def test_a_short_list_counts_the_providers_within_reach_by_kind(tmp_path: Path) -> None:
    places = line_of_places(tmp_path / "places", 0)
    kinds = [Kind.CHARITY, Kind.CHARITY, Kind.CIC, Kind.UNKNOWN]
    given = [
        provider(str(i), "WS1 1AA", name=f"Choir {i}", kind=kind) for i, kind in enumerate(kinds)
    ]
    odds = LinearRanker(("told_words",), (6.0,), -3.0)
    hand = Bundle.open("hand", FEATURES)
    rankers = {key: replace(r, relevance=Relevance(odds)) for key, r in hand.rankers.items()}
    register = registered(tmp_path / "reg", places, *given)
    one = Matcher(register, replace(hand, rankers=rankers), Rulebook.open())
    (note,) = (n for n in shortlist(one, "Falconry").notes if "The register knows" in n)
    assert "(it holds 4: 2 charities, 1 CIC, 1 of unknown kind" in note


@pytest.mark.parametrize("purpose", [Purpose.ENGAGEMENT, Purpose.INVITE])
def test_an_answer_says_where_the_sort_of_body_counted(tmp_path: Path, purpose: Purpose) -> None:
    places = line_of_places(tmp_path / "places", 0)
    won = lot(id="w", title="Roof and slate")
    school = provider("A", "WS1 1AA", name="Moss School", profile="We mend roofs of slate.")
    taught = provider("B", "WS1 1AA", name="Fern School", profile="We mend roofs of slate.")
    firm = provider("C", "WS1 1AA", name="Moss Roofs", profile="We mend roofs of slate.")
    register = registered(
        tmp_path / "reg", places, school, taught, firm, award("w", taught, lot=won), trust_ids=True
    )
    counts = LinearRanker(("told_words", "seldom_sells"), (3.0, -1.0), -0.5)
    hand = Bundle.open("hand", FEATURES)
    rankers = {key: replace(known, ranker=counts) for key, known in hand.rankers.items()}
    one = Matcher(register, replace(hand, rankers=rankers), Rulebook.open())
    asked = lot(title="Roof and slate", value=9000.0, postcode="WS1 1AA")
    found = one.shortlist(asked, Request(purpose, wish=Filters(everyone=True), weak=True))
    said = {
        each.id: " ".join(reason.words for reason in each.reasons if reason.counted)
        for each in found.suggestions
    }
    lowered = {each.id: each.contributions["seldom_sells"] < 0 for each in found.suggestions}
    assert lowered == {"A": True, "B": True, "C": False}
    assert {id_: "counts against it" in words for id_, words in said.items()} == lowered

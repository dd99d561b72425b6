"""What an encoder makes of a register: one vector a different text, and no word of a place."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.core.errors import RegisterError
from matcher.core.identifiers import fingerprint
from matcher.core.types import Award, Provider
from matcher.geo.geocoding import LotPlace
from matcher.register import families
from matcher.register.analysis import AnalyzedLot
from matcher.register.build import embed as module
from matcher.register.build.build import BuildOptions, build
from matcher.register.build.embed import embed
from matcher.register.build.erase import suppress
from matcher.register.encoded import ARRAYS, FOLDER, NO_TEXT, OF_SERVICES, EncodedTexts
from matcher.register.encoded_texts import (
    READ,
    award_text,
    lot_text,
    provider_text,
    sentence_text,
    sentences_of,
    vectors_version,
)
from matcher.register.register import Register
from matcher.register.rows import Rows
from models.bundle import Bundle
from models.encoder import QUERY, STORED
from models.knowledge import Knowledge
from models.services import NearServices, Services
from models.text import words
from tests.encoders import SERVICES, SIZE, services, tiny
from tests.factory import award, lot, provider
from tests.registers import feed, line_of_places, without_digests

NOWHERE = LotPlace(None, "unknown", None, "", None)
BUNDLE = Bundle("tiny", "", {}, {}, Knowledge(encoder=tiny()))
WITH_SERVICES = Bundle("tiny", "", {}, {}, Knowledge(encoder=tiny(), services=services()))
OTHER = Bundle("other", "", {}, {}, Knowledge(encoder=tiny(1)))


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return line_of_places(tmp_path_factory.mktemp("places") / "places", 0, 10_000)


def items() -> list[Provider | Award]:
    roofer = provider("A", "WS1 1AA", name="Roof Services Ltd", profile="Roofing in Walsall")
    twin = provider("B", "WS1 1AB", name="Roof Services", profile="Roofing in Walsall")
    youth = provider("C", "WS1 1AB", name="Youth Work")
    won = [award(str(i), youth, lot=lot(id=str(i), title="Youth work")) for i in range(2)]
    return [roofer, twin, youth, *won]


def built(path: Path, places: Path, bundle: Bundle, given: list[Any]) -> Register:
    options = BuildOptions(bundle=bundle, trust_ids=True)
    build(path, [feed(*given)], places_table=places, options=options)
    return Register.open(path)


def texts_of(register: Register) -> EncodedTexts:
    assert register.encoded is not None
    return register.encoded


def test_a_text_says_what_and_not_where() -> None:
    asked = lot(
        title="Roofing Services in Bloxwich",
        description="For the Moss Council. Roofs in Walsall and Pelsall; meals",
        buyer="Moss Council",
        cpv=("45261000",),
    )
    said = lot_text(tiny(), asked, NOWHERE)
    assert said.startswith("roofing services")
    assert "meals" in said
    assert not {"bloxwich", "walsall", "pelsall", "moss"} & set(said.replace(".", " ").split())
    assert award_text(tiny(), asked, NOWHERE) == said.partition(". for")[0]


@pytest.mark.parametrize("end", ["\n", "\n\n", "\r\n"])
@pytest.mark.parametrize("work", ["Befriending", "Gritting", "Arboriculture"])
def test_what_begins_below_a_place_is_no_place(work: str, end: str) -> None:
    said = f"{work} in Bloxwich"
    below = lot(title=said, description=f"{said}{end}{work} for all")
    assert lot_text(tiny(), below, NOWHERE).startswith(work.lower())
    assert set(words(work)) <= AnalyzedLot.of(below, NOWHERE).words.keys()
    assert not {"bloxwich"} & AnalyzedLot.of(below, NOWHERE).words.keys()


@pytest.mark.parametrize("written", ["WS3 3AB", "ec2n1dt", "B1 1AA"])
def test_the_postcode_in_a_description_changes_nothing_that_is_read(written: str) -> None:
    said = "Delivered to {}. Meals for {}, hot, also at {}"
    one, other = (
        lot(title=f"Meals {code}", description=said.format(code, code, code))
        for code in (written, "WS1 1TP")
    )
    assert lot_text(tiny(), one, NOWHERE) == lot_text(tiny(), other, NOWHERE)
    assert AnalyzedLot.of(one, NOWHERE).words == AnalyzedLot.of(other, NOWHERE).words


def test_a_provider_is_read_by_its_name_and_profile_or_labels() -> None:
    one = provider("A", name="The Walsall Roof Services Ltd", profile="We mend roofs.")
    assert provider_text(tiny(), one) == "roof services. we mend roofs."
    labelled = replace(one, profile="", tags=("sic:43910 Roofing activities",))
    assert provider_text(tiny(), labelled) == "roof services. 43910 roofing activities"
    assert provider_text(tiny(), replace(one, profile="", name="Walsall")) == "walsall"


def test_each_different_text_is_encoded_once(tmp_path: Path, places: Path) -> None:
    register = built(tmp_path / "reg", places, BUNDLE, items())
    texts = texts_of(register)
    assert len(texts.providers) == len(register) == 3
    assert len(set(texts.providers.tolist())) == 2
    assert len(set(texts.awards.tolist())) == 1
    assert set(texts.awards.tolist()) < set(texts.providers.tolist()), "a title may be a name"
    assert len(texts.fingerprints) == len(texts.texts) == 4, "with the sentence and the empty one"
    assert not texts.texts[NO_TEXT].any()


def test_vectors_of_names_that_were_read_with_another_table_are_of_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = vectors_version(BUNDLE.knowledge)
    assert now != vectors_version(OTHER.knowledge)
    (tmp_path / "other.csv").write_text("name,work\nmind,advice\n")
    monkeypatch.setattr(families, "_TABLE", tmp_path / "other.csv")
    families.table_version.cache_clear()
    try:
        assert vectors_version(BUNDLE.knowledge) != now
    finally:
        monkeypatch.undo()
        families.table_version.cache_clear()
    assert vectors_version(Knowledge()) == ""


def test_likeness_is_the_cosine(tmp_path: Path, places: Path) -> None:
    register = built(tmp_path / "reg", places, BUNDLE, items())
    vector = tiny().query("roof services")
    found = texts_of(register).providers_like(vector, register.everywhere())
    for row in range(len(register)):
        said = provider_text(tiny(), register.organisations[row].provider)
        own = tiny().encode([said], STORED)[0]
        assert found[row] == pytest.approx(
            float(own.astype(float) @ vector / (STORED * QUERY)), abs=1e-6
        )
    some = Rows(np.array([2]), np.array([3]), np.array([0]))
    assert texts_of(register).providers_like(vector, some).tolist() == [found[2], found[0]]
    (first, second) = texts_of(register).awards_like(vector, np.arange(2)).tolist()
    assert first == second


def test_what_is_unchanged_is_not_encoded_again(
    tmp_path: Path, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(tmp_path / "reg", places, BUNDLE, items())
    asked: list[str] = []
    whole = module.encode_many

    def counted(encoder: Any, texts: Any) -> Any:
        asked.extend(texts)
        return whole(encoder, texts)

    monkeypatch.setattr(module, "encode_many", counted)
    more = [*items(), provider("D", "WS1 1AA", name="Meals")]
    again = built(tmp_path / "reg", places, BUNDLE, more)
    assert asked == ["meals"]
    fresh = built(tmp_path / "fresh", places, BUNDLE, more)
    for name in ARRAYS:
        assert (getattr(texts_of(again), name) == getattr(texts_of(fresh), name)).all()
    asked.clear()
    built(tmp_path / "reg", places, OTHER, more)
    assert len(asked) == 5


def test_a_bundle_without_an_encoder_makes_none(tmp_path: Path, places: Path) -> None:
    register = built(tmp_path / "reg", places, Bundle("none", "", {}, {}), items())
    assert register.encoded is None


PROFILE = "Roofs of slate in Walsall.\nShort. Gutters; we lay lead and mend gutters - day by day"


def test_the_first_sentences_of_a_profile_are_read(tmp_path: Path, places: Path) -> None:
    more = f"{PROFILE}. Meals at home. One sentence too many is here"
    given = [provider("A", profile=more), provider("B"), provider("C", profile="Meals at home!")]
    register = built(tmp_path / "reg", places, BUNDLE, given)
    texts, vector = texts_of(register), tiny().query("lead")
    read = {
        "A": (
            "roofs of slate in .",
            "we lay lead and mend gutters - day by day.",
            "meals at home.",
        ),
        "B": ("",) * READ,
        "C": ("meals at home!", *("",) * (READ - 1)),
    }
    for name, said in read.items():
        row = register.row(name)
        assert row is not None
        made = tiny().encode(said, STORED)
        assert (texts.texts[texts.sentences[row]] == made).all()
        near = made.astype(float) @ vector / (STORED * QUERY)
        assert texts.sentences_like(vector, row) == pytest.approx(near, abs=1e-6)


def test_of_a_long_sentence_the_beginning_is_read() -> None:
    assert sentence_text(tiny(), "We mend, " * 40) == ("we mend, " * 40)[:120]
    assert sentences_of("word " * 100 + ". and so on, on and on") == [
        ("word " * 100 + ".").strip(),
        "and so on, on and on",
    ]


@pytest.mark.parametrize("others", ["", "A", "S", "AS"])
def test_a_provider_that_is_erased_leaves_no_vector_that_no_other_has(
    tmp_path: Path, places: Path, others: str
) -> None:
    path, name = tmp_path / "reg", "Roof Services"
    gone = provider("A", "WS1 1AA", name=name, profile="We lay lead. We mend every roof.")
    same = {
        "A": provider("B", "WS1 1AB", name=name, profile=gone.profile),
        "S": provider("C", "WS1 1AB", name="Meals", profile="We lay lead."),
    }
    given = [gone, provider("D", name="Youth Work"), *(same[other] for other in others)]
    register = built(path, places, BUNDLE, given)
    row = register.row("A")
    assert row is not None
    whole, *sentences = (
        fingerprint(text)
        for text in (provider_text(tiny(), gone), "we lay lead.", "we mend every roof.")
    )
    assert {whole, *sentences} <= set(texts_of(register).fingerprints.tolist())
    suppress(path, "A")
    texts = texts_of(Register.open(path))
    assert texts.providers[row] == NO_TEXT
    assert not texts.sentences[row].any()
    left = {whole, *sentences} & set(texts.fingerprints.tolist())
    assert left == {"": set(), "S": {sentences[0]}}.get(others, {whole, *sentences})
    empty = np.arange(len(texts.texts)) == NO_TEXT
    assert (texts.texts.any(axis=1) == (texts.fingerprints != 0) & ~empty).all()
    again = built(path, places, BUNDLE, given)
    assert left == {whole, *sentences} & set(texts_of(again).fingerprints.tolist())


def youth_and_roofs() -> list[Provider | Award]:
    roofer = provider("A", "WS1 1AA", name="Roofing")
    return [roofer, award("1", roofer, lot=lot(id="1", title="Youth work", cpv=()))]


def test_texts_are_of_the_services_that_are_nearest(tmp_path: Path, places: Path) -> None:
    texts = texts_of(built(tmp_path / "reg", places, WITH_SERVICES, youth_and_roofs()))
    roofing, youth = (services().of_lot(tiny().query(s)) for s in ("roofing", "youth work"))
    assert texts.rows_sharing(roofing, np.arange(1)) == [pytest.approx(1, abs=0.01)]
    assert texts.awards_sharing(youth, np.arange(1)) == [pytest.approx(1, abs=0.01)]
    assert texts.rows_sharing(youth, np.arange(1))[0] < 0.98
    assert texts.awards_sharing(roofing, np.arange(1))[0] < 0.98
    number = texts.service_shared(roofing, 0, 0.5)
    assert number is not None
    assert services().names[number] == "roofing"
    assert texts.service_shared(youth, 0, 0.99) is None
    again = pickle.loads(pickle.dumps(texts))
    assert again.rows_sharing(roofing, np.arange(1)) == [pytest.approx(1, abs=0.01)]


def test_a_register_whose_bundle_has_no_services_shares_none_and_gets_them_without_encoding(
    tmp_path: Path, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "reg"
    before = built(path, places, BUNDLE, youth_and_roofs())
    asked = services().of_lot(tiny().query("roofing"))
    assert texts_of(before).rows_sharing(asked, np.arange(1)).tolist() == [0]
    assert vectors_version(BUNDLE.knowledge) != vectors_version(WITH_SERVICES.knowledge)
    encoded: list[str] = []
    monkeypatch.setattr(module, "encode_many", lambda _, texts: encoded.extend(texts) or ())
    embed(path, WITH_SERVICES)
    assert not encoded
    after = texts_of(Register.open(path))
    assert (after.texts == texts_of(before).texts).all()
    assert after.rows_sharing(asked, np.arange(1)) == [pytest.approx(1, abs=0.01)]


def test_the_services_of_unchanged_texts_stay_and_are_those_of_a_whole_build(
    tmp_path: Path, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, more = tmp_path / "reg", [*youth_and_roofs(), provider("B", name="Meals")]
    built(path, places, WITH_SERVICES, youth_and_roofs())
    asked: list[int] = []
    whole = Services.of_offers

    def counted(self: Services, vectors: Any) -> NearServices:
        asked.append(len(vectors))
        return whole(self, vectors)

    monkeypatch.setattr(Services, "of_offers", counted)
    again = texts_of(built(path, places, WITH_SERVICES, more))
    fresh = texts_of(built(tmp_path / "fresh", places, WITH_SERVICES, more))
    assert asked == [1, len(fresh.texts)]
    for name in OF_SERVICES:
        assert (getattr(again, name) == getattr(fresh, name)).all()


def test_services_of_another_table_are_found_again(tmp_path: Path, places: Path) -> None:
    path = tmp_path / "reg"
    built(path, places, WITH_SERVICES, youth_and_roofs())
    vectors = services().asked[::-1]
    other = Services(SERVICES[::-1], vectors, np.stack([vectors] * 3), tiny().version)
    turned = Bundle("tiny", "", {}, {}, Knowledge(encoder=tiny(), services=other))
    embed(path, turned)
    after = texts_of(Register.open(path))
    fresh = texts_of(built(tmp_path / "fresh", places, turned, youth_and_roofs()))
    for name in OF_SERVICES:
        assert (getattr(after, name) == getattr(fresh, name)).all()


def test_a_provider_that_is_erased_leaves_no_service(tmp_path: Path, places: Path) -> None:
    path = tmp_path / "reg"
    gone = provider("A", "WS1 1AA", name="Roofing")
    built(path, places, WITH_SERVICES, [gone, provider("B", name="Youth Work")])
    suppress(path, "A")
    texts = texts_of(Register.open(path))
    assert texts.service_weights is not None
    assert texts.services is not None
    of_none = ~texts.texts.any(axis=1)
    assert of_none.sum() == 2, "the empty text and the one that is gone"
    assert not texts.service_weights[of_none].any()
    assert texts.service_weights[~of_none].any(axis=1).all()
    assert not texts.services[texts.fingerprints == 0].any()


def test_a_register_from_before_sentences_were_read_opens_and_gets_them(
    tmp_path: Path, places: Path
) -> None:
    path = tmp_path / "reg"
    register = built(path, places, BUNDLE, items())
    whole = {name: np.array(getattr(texts_of(register), name)) for name in ARRAYS}
    (register.folder / FOLDER / "sentences.npy").unlink()
    without_digests(tmp_path / "reg")
    older = texts_of(Register.open(path))
    for texts in (older, pickle.loads(pickle.dumps(older))):
        assert texts.sentences.shape == (3, 0)
        assert texts.sentences_like(tiny().query("roof"), 0).tolist() == []
    assert embed(path, BUNDLE) == register.version
    again = texts_of(Register.open(path))
    assert all((getattr(again, name) == array).all() for name, array in whole.items())


def test_an_erased_provider_leaves_a_register_from_before_sentences_were_read(
    tmp_path: Path, places: Path
) -> None:
    register = built(tmp_path / "reg", places, BUNDLE, items())
    (register.folder / FOLDER / "sentences.npy").unlink()
    without_digests(tmp_path / "reg")
    suppress(tmp_path / "reg", "C")
    texts = texts_of(Register.open(tmp_path / "reg"))
    assert texts.providers.tolist().count(NO_TEXT) == 1
    assert texts.sentences.shape == (3, 0)


def test_processes_make_the_same_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "encoder.npz"
    tiny().save(path)
    opened = type(tiny()).open(path)
    texts = [f"roof {i}" for i in range(40)]
    alone = np.concatenate(list(module.encode_many(opened, texts)))
    monkeypatch.setattr(module, "_WORTH_PROCESSES", 10)
    monkeypatch.setattr(module, "_AT_ONCE", 16)
    parts = list(module.encode_many(opened, texts))
    assert [len(part) for part in parts] == [16, 16, 8]
    assert (np.concatenate(parts) == alone).all()
    assert alone.shape == (40, SIZE)


@pytest.mark.parametrize("name", [*ARRAYS, *OF_SERVICES])
@pytest.mark.parametrize("how", ["beyond", "negative", "shorter", "floats"])
def test_vectors_that_do_not_belong_together_are_refused(
    tmp_path: Path, places: Path, name: str, how: str
) -> None:
    register = built(tmp_path / "reg", places, WITH_SERVICES, items())
    file = register.folder / FOLDER / f"{name}.npy"
    values = np.load(file)
    if name in OF_SERVICES and (how == "beyond" or (name, how) == ("service_weights", "negative")):
        pytest.skip("any service and weight may be meant")
    if name in {"texts", "fingerprints"} and how in {"beyond", "negative"}:
        pytest.skip("these are not numbers of texts")
    if name == "fingerprints" and how == "floats":
        pytest.skip("only a build reads them")
    changed = {
        "beyond": np.full_like(values, 1000 if values.itemsize > 1 else 1),
        "negative": np.full_like(values, -1) if values.dtype.kind == "i" else values,
        "shorter": values[:-1],
        "floats": values.astype(np.float64),
    }[how]
    file.unlink()
    np.save(file, changed)
    without_digests(tmp_path / "reg")
    with pytest.raises(RegisterError, match="is damaged; build it again"):
        Register.open(tmp_path / "reg")

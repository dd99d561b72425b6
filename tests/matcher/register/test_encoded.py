"""What an encoder makes of a register: one vector a different text, and no word of a place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.core.types import Award, Provider
from matcher.geo.geocoding import LotPlace
from matcher.register.build import encode
from matcher.register.build.build import BuildOptions, build
from matcher.register.build.erase import suppress
from matcher.register.encoded import NO_TEXT, EncodedTexts
from matcher.register.encoded_texts import award_text, lot_text, provider_text
from matcher.register.register import Register
from matcher.register.rows import Rows
from models.bundle import Bundle
from models.encoder import QUERY, STORED
from models.knowledge import Knowledge
from tests.encoders import SIZE, tiny
from tests.factory import award, lot, provider
from tests.registers import feed, line_of_places

NOWHERE = LotPlace(None, "unknown", None, "", None)
BUNDLE = Bundle("tiny", "", {}, {}, Knowledge(encoder=tiny()))
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
    assert len(texts.fingerprints) == len(texts.texts) == 3
    assert not texts.texts[NO_TEXT].any()
    assert register.manifest.meaning == tiny().version


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
    whole = encode.encode_many

    def counted(encoder: Any, texts: Any) -> Any:
        asked.extend(texts)
        return whole(encoder, texts)

    monkeypatch.setattr(encode, "encode_many", counted)
    more = [*items(), provider("D", "WS1 1AA", name="Meals")]
    again = built(tmp_path / "reg", places, BUNDLE, more)
    assert asked == ["meals"]
    fresh = built(tmp_path / "fresh", places, BUNDLE, more)
    for name in ("providers", "awards", "texts", "fingerprints"):
        assert (getattr(texts_of(again), name) == getattr(texts_of(fresh), name)).all()
    asked.clear()
    built(tmp_path / "reg", places, OTHER, more)
    assert len(asked) == 4


def test_a_bundle_without_an_encoder_makes_none(tmp_path: Path, places: Path) -> None:
    register = built(tmp_path / "reg", places, Bundle("none", "", {}, {}), items())
    assert register.encoded is None


@pytest.mark.parametrize("shared", [True, False])
def test_a_provider_that_is_erased_leaves_no_vector(
    tmp_path: Path, places: Path, shared: bool
) -> None:
    path = tmp_path / "reg"
    given = [i for i in items() if shared or not (isinstance(i, Provider) and i.id == "B")]
    register = built(path, places, BUNDLE, given)
    row = register.row("A")
    assert row is not None
    own = int(texts_of(register).providers[row])
    suppress(path, "A")
    texts = texts_of(Register.open(path))
    assert texts.providers[row] == NO_TEXT
    assert bool(texts.texts[own].any()) is shared
    assert bool(texts.fingerprints[own]) is shared


def test_processes_make_the_same_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "encoder.npz"
    tiny().save(path)
    opened = type(tiny()).open(path)
    texts = [f"roof {i}" for i in range(40)]
    alone = np.concatenate(list(encode.encode_many(opened, texts)))
    monkeypatch.setattr(encode, "_WORTH_PROCESSES", 10)
    monkeypatch.setattr(encode, "_AT_ONCE", 16)
    parts = list(encode.encode_many(opened, texts))
    assert [len(part) for part in parts] == [16, 16, 8]
    assert (np.concatenate(parts) == alone).all()
    assert alone.shape == (40, SIZE)

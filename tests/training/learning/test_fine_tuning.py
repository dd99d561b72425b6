"""Fine-tuning a sentence encoder, on a small one of random weights; needs the extra [encoder]."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from string import ascii_lowercase, digits
from typing import Any

import numpy as np
import pytest

from matcher.law.types import Purpose
from matcher.register.register import Register
from models.encoder import Encoder
from models.errors import BundleError
from tests.history import FIRST, SETTINGS, TRADES, a_lot, everyone, items
from tests.registers import registered
from tests.training.conftest import silent
from training.learning.base_encoder import BaseEncoder
from training.learning.encoders import Encoders
from training.learning.fine_tuning import EncoderTraining
from training.learning.grade_tuning import GradedTexts, Tuning, graded_texts
from training.learning.people import JudgedLot
from training.learning.settings import EncoderSettings, GradeSettings

torch = pytest.importorskip("torch", reason="needs the extra [encoder]")
transformers = pytest.importorskip("transformers", reason="needs the extra [encoder]")

DAYS = [date(2025, 5, 1), date(2025, 9, 1)]
SMALL = EncoderSettings(epochs=2, batch=32, rate=1e-3, pieces=16)


@pytest.fixture(scope="module")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers with random weights, as a folder of Hugging Face has it."""
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("base") / "small-bert"
    folder.mkdir()
    letters = [*ascii_lowercase, *digits]
    words = sorted({w for one in TRADES.values() for w in (*one.wanted, *one.said)})
    words += sorted({w.lower() for one in TRADES.values() for w in one.named} - set(words))
    pieces = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", *letters, "é"]
    pieces += [*(f"##{c}" for c in letters), *words]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=len(pieces),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=128,
        max_position_embeddings=32,
    )
    network = transformers.BertModel(config)
    save_file(network.state_dict(), str(folder / "model.safetensors"))
    return folder


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Register:
    path = tmp_path_factory.mktemp("history") / "reg"
    return registered(path, places_table, *items(300), trust_ids=True)


def training(base: Path, out: Path, **settings: Any) -> EncoderTraining:
    chosen = msgspec_replace(SETTINGS, encoder=replace(SMALL, **settings))
    return EncoderTraining(BaseEncoder.open(base), out, chosen, silent)


def msgspec_replace(settings: Any, **fields: Any) -> Any:
    import msgspec

    return msgspec.structs.replace(settings, **fields)


def test_the_served_encoder_gives_nearly_the_vectors_of_the_network(base_folder: Path) -> None:
    base = BaseEncoder.open(base_folder)
    served = base.encoder(base.weights, frozenset(), frozenset(), {})
    texts = ["roof and slates", "lunch and breakfast", "singing lessons for all", "x1"]
    numbered = [served.pieces.numbers(text, 16) for text in texts]
    config = transformers.BertConfig(**base.shape)
    network = transformers.BertModel(config, add_pooling_layer=False).eval()
    weights = {n: torch.from_numpy(a) for n, a in base.weights.items() if "pooler" not in n}
    network.load_state_dict(weights)
    for text, numbers in zip(texts, numbered, strict=True):
        with torch.no_grad():
            whole = network(input_ids=torch.tensor([numbers])).last_hidden_state[0].mean(dim=0)
        wanted = (whole / whole.norm()).numpy()
        found = served.query(text).astype(float)
        assert wanted @ (found / np.linalg.norm(found)) > 0.999


def test_pieces_that_no_text_can_have_are_left_out(base_folder: Path) -> None:
    pieces = BaseEncoder.open(base_folder).pieces
    assert "é" not in pieces
    assert "[unused0]" not in pieces
    assert "[UNK]" in pieces


def test_lots_come_nearer_to_the_names_of_their_trade(
    base_folder: Path, history: Register, tmp_path: Path
) -> None:
    job = training(base_folder, tmp_path / "encoders", epochs=6)
    learned = job.encoders(history, DAYS[1:]).on(DAYS[1])
    assert learned is not None
    before = job.base.encoder(job.base.weights, frozenset(), frozenset(), {})
    assert _margin(learned) > _margin(before) + 0.1


def _margin(encoder: Encoder) -> float:
    """How much nearer the words of lots are to names of their own trade than to others'."""
    trades = list(TRADES.values())
    lots = np.stack([encoder.query(" and ".join(one.wanted[:3])) for one in trades]).astype(float)
    names = np.stack([encoder.query(" ".join(one.named[:3]).lower()) for one in trades])
    cosines = (lots / np.linalg.norm(lots, axis=1, keepdims=True)) @ (
        names / np.linalg.norm(names, axis=1, keepdims=True)
    ).T
    own = np.eye(len(trades), dtype=bool)
    return float(cosines[own].mean() - cosines[~own].mean())


def test_each_day_has_an_encoder_that_learned_only_from_earlier_awards(
    base_folder: Path, history: Register, places_table: Path, tmp_path: Path
) -> None:
    """Other awards from the first day on change only the encoder of the second."""
    found = training(base_folder, tmp_path / "a").encoders(history, DAYS)
    early = [one for one in items(300) if getattr(one, "day", FIRST) < DAYS[0]]
    shorter = registered(tmp_path / "reg", places_table, *early, trust_ids=True)
    again = training(base_folder, tmp_path / "b").encoders(shorter, DAYS)
    first, second = ([one.on(day) for day in DAYS] for one in (found, again))
    assert first[0] is not None
    assert first[1] is not None
    assert second[0] is not None
    assert second[1] is not None
    assert first[0].version == second[0].version
    assert first[1].version != second[1].version
    assert first[0].card["knows awards before"] == DAYS[0].isoformat()


def test_training_that_is_stopped_goes_on_and_ends_as_if_it_had_not_been(
    base_folder: Path, history: Register, tmp_path: Path
) -> None:
    whole = training(base_folder, tmp_path / "whole").encoders(history, DAYS[:1]).on(DAYS[0])
    job = training(base_folder, tmp_path / "parts")
    seen: list[int] = []

    def stop(what: str, done: int, total: int | None) -> None:
        seen.append(done)
        if total and what.startswith("fine-tuning") and done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace(job, progress=stop).encoders(history, DAYS[:1])
    assert [path.suffix for path in (tmp_path / "parts").iterdir()] == [".state"]
    steps: list[int] = []

    def count(what: str, done: int, _: int | None) -> None:
        if what.startswith("fine-tuning"):
            steps.append(done)

    ended = replace(job, progress=count).encoders(history, DAYS[:1]).on(DAYS[0])
    assert ended is not None
    assert whole is not None
    assert steps[0] > 0
    assert ended.version == whole.version
    assert [path.suffix for path in (tmp_path / "parts").iterdir()] == [".npz"]


def test_an_encoder_that_is_there_is_used_again_unless_the_settings_changed(
    base_folder: Path, history: Register, tmp_path: Path
) -> None:
    job = training(base_folder, tmp_path)
    job.encoders(history, DAYS[:1])
    path = tmp_path / f"encoder-{DAYS[0]}.npz"
    written = path.stat().st_mtime_ns
    job.encoders(history, DAYS[:1])
    assert path.stat().st_mtime_ns == written
    training(base_folder, tmp_path, temperature=0.1).encoders(history, DAYS[:1])
    assert path.stat().st_mtime_ns != written


def test_a_folder_that_is_no_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"has no vocab\.txt, model\.safetensors"):
        BaseEncoder.open(tmp_path)


def test_an_encoder_that_is_served_can_learn_further(base_folder: Path) -> None:
    """Its 8-bit weights as a network, and back, give the same vectors but for rounding."""
    base = BaseEncoder.open(base_folder)
    served = base.encoder(base.weights, frozenset({"walsal"}), frozenset({"road"}), {})
    further = BaseEncoder.of(served)
    assert further.shape == {**base.shape, "max_position_embeddings": served.longest}
    again = further.encoder(further.weights, served.place_names, served.common, {})
    for text in ("roof and slates", "lunch and breakfast", "x1"):
        a, b = (one.query(text).astype(float) for one in (served, again))
        assert a @ b > 0.9999 * np.linalg.norm(a) * np.linalg.norm(b)


def judged_by_trade(seed: int = 4) -> list[JudgedLot]:
    """Lots of each trade, for which people of that trade fit and others do not."""
    draw = np.random.default_rng(seed)
    providers = everyone()
    return [
        JudgedLot.decided(
            a_lot(trade, 800 + number, draw),
            {one.id: own == trade for own, some in providers.items() for one in some[:6]},
            Purpose.INVITE,
        )
        for trade in TRADES
        for number in range(4)
    ]


def test_tuning_brings_providers_that_fit_nearer_than_others(
    base_folder: Path, history: Register
) -> None:
    base = BaseEncoder.open(base_folder)
    untuned = base.encoder(base.weights, frozenset(), frozenset(), {"knows awards before": "x"})
    grades = GradeSettings(epochs=12, lists=2, rate=1e-3)
    job = Tuning(history, judged_by_trade(), [], msgspec_replace(SETTINGS, grades=grades), silent)
    tuned = job.encoders(Encoders(((DAYS[1], untuned),))).on(DAYS[1])
    assert tuned is not None
    others = graded_texts(history, judged_by_trade(seed=5), untuned)
    assert _apart(tuned, others) > _apart(untuned, others) + 0.1
    assert tuned.card["tuned on grades"]["lots"] == 4 * len(TRADES)
    assert tuned.card["knows awards before"] == "x"
    again = job.encoders(Encoders(((DAYS[1], untuned),))).on(DAYS[1])
    assert again is not None
    assert again.version == tuned.version


def _apart(encoder: Encoder, graded: GradedTexts) -> float:
    """How much nearer providers that fit are to a lot than others, by their nearest text."""
    vectors = np.stack([encoder.query(text) for text in graded.texts]).astype(float)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    near = [
        ((vectors[list(texts)] @ vectors[one.lot]).max(), grade)
        for one in graded.lists
        for texts, grade in zip(one.providers, one.grades, strict=True)
    ]
    fit, unfit = ([n for n, g in near if (g >= 2) == wanted] for wanted in (True, False))
    return float(np.mean(fit) - np.mean(unfit))


def test_tuning_without_an_encoder_or_grades_is_refused(
    base_folder: Path, history: Register
) -> None:
    job = Tuning(history, [], [], SETTINGS, silent)
    with pytest.raises(BundleError, match="no encoder to tune"):
        job.encoders(Encoders())
    base = BaseEncoder.open(base_folder)
    untuned = base.encoder(base.weights, frozenset(), frozenset(), {})
    with pytest.raises(BundleError, match="no graded provider"):
        job.encoders(Encoders(((DAYS[1], untuned),)))


def test_names_that_people_told_come_nearer_to_their_work(
    base_folder: Path, history: Register
) -> None:
    base = BaseEncoder.open(base_folder)
    untuned = base.encoder(base.weights, frozenset(), frozenset(), {})
    names = dict(zip(("x", "yy", "zzz"), TRADES, strict=False))
    told = [(name, " and ".join(TRADES[trade].wanted[:3])) for name, trade in names.items()]
    settings = msgspec_replace(SETTINGS, grades=GradeSettings(epochs=30, lists=2, rate=1e-3))
    job = Tuning(history, judged_by_trade(), told, settings, silent)
    found = job.encoders(Encoders(((DAYS[1], untuned),))).on(DAYS[1])
    assert found is not None
    named, works = (
        np.stack([found.query(t) for t in side]).astype(float) for side in zip(*told, strict=True)
    )
    assert ((named @ works.T).argmax(axis=1) == np.arange(len(told))).all()

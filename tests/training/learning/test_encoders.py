"""Which encoder a window may use: never one that knows an award of that window or later."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from matcher.law.types import Signal
from matcher.ranking.features.registry import BY_ENCODER
from models.errors import BundleError
from tests.encoders import tiny
from tests.factory import award, provider
from tests.registers import line_of_places, registered
from tests.training.conftest import silent
from training.learning.encoders import NO_ENCODERS, Encoders
from training.learning.examples import RegisterBefore
from training.learning.rankers import features_for

OLD, NEW = tiny(0, "2022-03-01"), tiny(1, "2022-07-01")


@pytest.fixture
def both(tmp_path: Path) -> Encoders:
    folder = tmp_path / "encoders"
    folder.mkdir()
    NEW.save(folder / "a.npz")
    OLD.save(folder / "b.npz")
    return Encoders.open(folder)


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2022, 3, 1), OLD.version),
        (date(2022, 6, 30), OLD.version),
        (date(2022, 7, 1), NEW.version),
        (date(2030, 1, 1), NEW.version),
    ],
)
def test_a_day_has_the_newest_encoder_that_knows_nothing_of_it(
    both: Encoders, day: date, version: str
) -> None:
    found = both.on(day)
    assert found is not None
    assert found.version == version


def test_a_day_that_every_encoder_knows_of_is_refused(both: Encoders) -> None:
    with pytest.raises(BundleError, match="each knows awards of 2022-02-28 or later"):
        both.on(date(2022, 2, 28))


def test_a_folder_without_encoders_or_with_one_that_keeps_its_day_to_itself_is_refused(
    tmp_path: Path,
) -> None:
    with pytest.raises(BundleError, match="no encoder there"):
        Encoders.open(tmp_path)
    tiny(0, "").save(tmp_path / "a.npz")
    with pytest.raises(BundleError, match=r"a\.npz does not say before which day"):
        Encoders.open(tmp_path)


def test_a_register_is_encoded_once_for_all_days_of_an_encoder(
    both: Encoders, tmp_path: Path
) -> None:
    places = line_of_places(tmp_path / "places", 0)
    register = registered(tmp_path / "reg", places, award("1", provider("A", "WS1 1AA")))
    march, june, july = (
        both.encoded(register, date(2022, month, 1), tmp_path, silent) for month in (3, 6, 7)
    )
    assert march is not None
    assert june is not None
    assert july is not None
    assert march.texts == june.texts != july.texts
    at = RegisterBefore(register.folder.parent, tmp_path, tmp_path, date(2022, 7, 1), july.texts)
    assert at.encoded == july.texts
    assert np.load(july.texts / "providers.npy").shape == (1,)


def test_without_encoders_nothing_is_encoded_and_no_such_feature_is_learned(
    tmp_path: Path,
) -> None:
    places = line_of_places(tmp_path / "places", 0)
    register = registered(tmp_path / "reg", places, award("1", provider("A", "WS1 1AA")))
    assert NO_ENCODERS.encoded(register, date(2022, 7, 1), tmp_path, silent) is None
    every = frozenset(Signal)
    assert not BY_ENCODER & set(features_for(every))
    assert set(features_for(every, encoder=True)) - set(features_for(every)) == BY_ENCODER

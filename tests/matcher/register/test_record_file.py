from __future__ import annotations

from dataclasses import fields
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.types import (
    Grade,
    Kind,
    Organisation,
    Provider,
    Site,
    Size,
    Source,
    Status,
)
from matcher.register.record_file import RecordFile, RecordFileWriter
from tests import factory

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
many = st.lists(words, max_size=3).map(tuple)
sources = st.builds(Source, words, st.none() | st.dates(), words)
sites = st.builds(Site, words, st.sampled_from(Grade))
providers = st.builds(
    Provider,
    id=words,
    name=words,
    source=sources,
    ids=many,
    aliases=many,
    kind=st.sampled_from(Kind),
    profile=words,
    tags=many,
    sites=st.lists(sites, max_size=3).map(tuple),
    areas=many,
    income=st.none() | st.floats(0, 1e12),
    size=st.sampled_from(Size),
    status=st.sampled_from(Status),
    website=words,
)

FULL = Provider(
    id="GB-CHC-1150079",
    name="Beacon Café\n“Llanfair”",
    source=Source("register", date(2026, 5, 1), "OGL v3.0"),
    ids=("GB-COH-07633349",),
    aliases=("Beacon",),
    kind=Kind.CHARITY,
    profile="Meals\tand\nlunch clubs",
    tags=("Lunch clubs",),
    sites=(Site("WS1 1TP", Grade.OPERATING_SITE), Site("WS1 2AA", Grade.REGISTERED_OFFICE)),
    areas=("Walsall",),
    income=12345.67,
    size=Size.MICRO,
    status=Status.ACTIVE,
    website="https://example.org",
)


def test_every_field_of_a_provider_is_read_back(tmp_path: Path) -> None:
    empty = Provider(id="", name="", source=Source(""))
    unset = [f.name for f in fields(Provider) if getattr(FULL, f.name) == getattr(empty, f.name)]
    assert unset == [], "the fixture must set every field"
    with RecordFileWriter[Provider](tmp_path / "records") as out:
        assert [out.add(FULL), out.add(empty)] == [0, 1]
        assert len(out) == 2
    file = RecordFile(tmp_path / "records", Provider)
    assert len(file) == 2
    assert file[1] == empty
    assert file[0] == FULL
    assert type(file[0].status) is Status


@settings(deadline=None, max_examples=50)
@given(st.lists(providers, max_size=5))
def test_records_are_read_back_by_number(
    tmp_path_factory: pytest.TempPathFactory, records: list[Provider]
) -> None:
    path = tmp_path_factory.mktemp("records") / "records"
    with RecordFileWriter[Provider](path) as out:
        numbers = [out.add(record) for record in records]
    file = RecordFile(path, Provider)
    assert [file[n] for n in reversed(numbers)] == records[::-1]


def test_an_organisation_keeps_its_records(tmp_path: Path) -> None:
    organisation = Organisation(FULL, (FULL, factory.provider("GB-CHC-2", "WS1 1TP")))
    with RecordFileWriter[Organisation](tmp_path / "organisations") as out:
        out.add(organisation)
    assert RecordFile(tmp_path / "organisations", Organisation)[0] == organisation


def test_an_empty_file_opens_without_records(tmp_path: Path) -> None:
    with RecordFileWriter[Provider](tmp_path / "none"):
        pass
    file = RecordFile(tmp_path / "none", Provider)
    assert len(file) == 0
    with pytest.raises(IndexError):
        file[0]


def test_an_interrupted_file_cannot_be_opened(tmp_path: Path) -> None:
    def interrupted() -> None:
        with RecordFileWriter[Provider](tmp_path / "half") as out:
            out.add(FULL)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(FileNotFoundError):
        RecordFile(tmp_path / "half", Provider)


def test_opening_never_unpickles(tmp_path: Path) -> None:
    with RecordFileWriter[Provider](tmp_path / "records") as out:
        out.add(FULL)
    offsets = tmp_path / "records.offsets.npy"
    np.save(offsets, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match=r"pickle|object"):
        RecordFile(tmp_path / "records", Provider)

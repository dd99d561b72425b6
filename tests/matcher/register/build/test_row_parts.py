"""The line of an organisation with one record is that of the record, without reading it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.types import Grade, Kind, Organisation, Provider, Site, Size, Source, Status
from matcher.register.build.row_parts import line_of_one
from matcher.register.linkage.merge import summarise

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['{"postcode":"', ',"income":null,', '\\"', "],"]
)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
RECORDS = st.builds(
    Provider,
    id=TEXT,
    name=TEXT,
    source=st.builds(Source, TEXT, st.none() | st.dates(date(1990, 1, 1)), TEXT),
    ids=TEXTS,
    aliases=TEXTS,
    kind=st.sampled_from(Kind),
    profile=TEXT,
    tags=TEXTS,
    sites=st.lists(st.builds(Site, TEXT, st.sampled_from(Grade)), max_size=3).map(tuple),
    areas=TEXTS,
    income=st.none() | st.floats(0, 1e12),
    size=st.sampled_from(Size),
    status=st.sampled_from(Status),
    website=TEXT,
)


def _line(record: Provider) -> bytes:
    return msgspec.json.encode(record) + b"\n"


@given(RECORDS)
def test_a_line_made_of_one_record_is_what_the_organisation_would_give(record: Provider) -> None:
    whole = msgspec.json.encode(Organisation(summarise([record]), (record,))) + b"\n"
    assert line_of_one(_line(record)) in (None, whole)


@given(RECORDS)
def test_most_companies_are_not_read_for_it(record: Provider) -> None:
    assert line_of_one(_line(replace(record, sites=record.sites[:1], income=None))) is not None

"""Writes the awards of a snapshot, oldest first: their indexes, columns and winners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import starts_of
from matcher.core.cpv import code_prefixes
from matcher.core.identifiers import notice_key
from matcher.geo.geocoding import place_in_text, placing
from matcher.geo.national_grid import NOWHERE
from matcher.geo.postcodes import PostcodeTable
from matcher.register.analysis import DESCRIPTION, buyer_key, lot_words
from matcher.register.build.intake import Intake
from matcher.register.build.layout import Layout
from matcher.register.columns import save
from matcher.register.current_snapshot import own_councils
from matcher.register.index_writer import TextIndexWriter
from matcher.register.past_award import PastAward
from matcher.register.record_file import RecordFileWriter
from matcher.sources.feed import Progress
from models import text


def write_awards(
    folder: Path, intake: Intake, layout: Layout, table: PostcodeTable, progress: Progress
) -> None:
    """Write the awards of `intake` into the new snapshot `folder`."""
    order = intake.oldest_first()
    councils = own_councils(folder)
    place_of = placing(table, councils)
    past, codes = TextIndexWriter(folder / "past"), TextIndexWriter(folder / "codes")
    titles = TextIndexWriter(folder / "titles")
    day, value = np.zeros(len(order), np.int32), np.full(len(order), np.nan, np.float32)
    buyer, notice = np.zeros(len(order), np.uint64), np.zeros(len(order), np.uint64)
    spot = np.full((len(order), 2), NOWHERE, np.int32)
    winners: list[npt.NDArray[np.int64]] = []
    with RecordFileWriter[PastAward](folder / "awards") as out:
        for i, number in enumerate(order):
            award = intake.awards[int(number)]
            lot = award.lot
            if len(lot.description) > DESCRIPTION:
                award = replace(award, lot=replace(lot, description=lot.description[:DESCRIPTION]))
            out.add(award)
            past.add(lot_words(lot.title, lot.description))
            titles.add(text.phrases(lot.title))
            codes.add(dict.fromkeys(code_prefixes(lot.cpv), 1.0))
            notice[i] = notice_key(lot.id)
            day[i], buyer[i] = award.day.toordinal(), buyer_key(lot.buyer)
            value[i] = np.nan if award.value is None else award.value
            place = place_in_text(lot.title, lot, place_of(lot), table, councils).spot
            if place is not None:
                spot[i] = place.east, place.north
            winners.append(np.unique(layout.row_of_record[intake.suppliers(int(number))]))
            if i % 500 == 0:
                progress("writing awards", i, len(order))
    for index in (past, titles, codes):
        index.finish()
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "award_day": day,
        "award_value": value,
        "award_buyer": buyer,
        "award_notice": notice,
        "award_east": spot[:, 0],
        "award_north": spot[:, 1],
    }
    save(folder / "columns", arrays | _links(winners, len(layout)))


def _links(
    winners: Sequence[npt.NDArray[np.int64]], rows: int
) -> dict[str, npt.NDArray[np.generic]]:
    """The tables award → rows that won it (`winners`) and row → awards won (`won`)."""
    size = np.array([len(w) for w in winners], np.int64)
    flat = np.concatenate([np.empty(0, np.int64), *winners])
    award = np.repeat(np.arange(len(winners)), size)
    by_row = np.lexsort((award, flat))
    count = np.bincount(flat.astype(np.int64), minlength=rows)
    return {
        "winners": flat.astype(np.int32),
        "winners_offsets": starts_of(size),
        "won": award[by_row].astype(np.int32),
        "won_offsets": starts_of(count),
    }

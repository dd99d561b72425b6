"""Evaluations as tables and sentences in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from api.cells import visible
from api.cli.output.console import short
from matcher.core.formatting import count

Json: TypeAlias = Mapping[str, Any]

NONE = "–"
FEWEST = 10
"""The fewest lots of a slice that is shown."""
_NAMED = 5


def tables(report: Json) -> RenderableType:
    """The report in short; the HTML page has more."""
    parts: list[RenderableType] = [_runs(report)]
    if report["comparisons"]:
        parts.append(_comparisons(report["comparisons"]))
    if report["slices"]:
        parts.append(_slices(report))
    if report["overlap"]:
        parts.append(_overlap(report["overlap"]))
    if report.get("side by side"):
        parts.append(_most_different(report["side by side"]))
    if report["exposure"]:
        parts.append(_exposure(report["exposure"]))
    parts.append(_notes(report))
    return Group(*parts)


def _table(title: str) -> Table:
    """A table with a plain text title."""
    return Table(title=Text(title), title_justify="left")


def _row(out: Table, *cells: str, end_section: bool = False) -> None:
    """Add a row of plain text."""
    out.add_row(*(Text(visible(cell)) for cell in cells), end_section=end_section)


def _number(value: object, places: int = 3) -> str:
    return f"{value:.{places}f}" if isinstance(value, int | float) else NONE


def _mean(mean: object, low: object, high: object) -> str:
    text = _number(mean)
    return f"{text} [{_number(low)}, {_number(high)}]" if isinstance(low, float) else text


def _runs(report: Json) -> Table:
    out = _table("Mean over all lots judged, 95% interval")
    graded = any("Judged@10" in run for run in report["runs"])
    extra = ("judged rows only", "Judged@10") if graded else ()
    for name in ("run", "lots", "missing", "measure", "mean", "over ties", "judged", *extra):
        out.add_column(name)
    for run in report["runs"]:
        about = (run["run"], f"{run['lots']:,}", f"{len(run.get('missing', ())):,}")
        if not run.get("measures"):
            _row(out, *about, "", run["status"] if run["status"] != "ran" else "no judgements")
        for at, (measure, found) in enumerate(run.get("measures", {}).items()):
            _row(
                out,
                *(about if not at else ("", "", "")),
                measure,
                _mean(found["mean"], *found["interval"]),
                _number(found["expected over ties"]),
                f"{found['judged']:.1%}",
                *(_condensed(run, found) if graded else ()),
            )
    return out


def _condensed(run: Json, found: Json) -> tuple[str, str]:
    """The mean over judged rows alone, and the share of the first ten rows that is judged."""
    condensed = found.get("condensed")
    return (
        _mean(condensed["mean"], *condensed["interval"]) if condensed else NONE,
        f"{run['Judged@10']['mean']:.1%}" if "Judged@10" in run else NONE,
    )


def _comparisons(rows: Sequence[Json]) -> Table:
    out = _table("Paired differences, lot by lot")
    for name in ("runs", "measure", "difference", "p (Holm)", "effect", "detectable", "claim"):
        out.add_column(name)
    last = ("", "")
    for row in rows:
        p = row["p after Holm"]
        _row(
            out,
            f"{row['first']} minus {row['second']}"
            if (row["first"], row["second"]) != last
            else "",
            row["measure"],
            _mean(row["difference"], row["low"], row["high"]),
            NONE if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}",
            _number(row["effect"], 2),
            _number(row["detectable"]),
            row["claim"],
        )
        last = (row["first"], row["second"])
    return out


def _slices(report: Json) -> Table:
    first = report["methods"]["measures"][0]
    runs = list(dict.fromkeys(name for row in report["slices"] for name in row["runs"]))
    out = _table(f"{first} by slice")
    for name in ("by", "slice", "lots", *runs):
        out.add_column(Text(visible(name)))
    shown = [row for row in report["slices"] if row["lots"] >= FEWEST]
    for row in shown:
        means = [_mean(*row["runs"][run][first]) if run in row["runs"] else NONE for run in runs]
        _row(out, row["by"], row["slice"], f"{row['lots']:,}", *means)
    if len(shown) < len(report["slices"]):
        small = len(report["slices"]) - len(shown)
        slices = count(
            small,
            f"slice with fewer than {FEWEST} lots is",
            f"slices with fewer than {FEWEST} lots are",
        )
        out.caption = f"{slices} only in the JSON"
    return out


def _overlap(rows: Sequence[Json]) -> Table:
    out = _table("How alike the lists are, mean over lots")
    depth = rows[0]["depth"]
    for name in ("runs", "lots", "RBO", f"overlap@{depth}", f"churn@{depth}", "places moved"):
        out.add_column(name)
    for row in rows:
        _row(
            out,
            f"{row['first']} and {row['second']}",
            f"{row['lots']:,}",
            *(_number(row["RBO"]), _number(row["overlap"])),
            *(_number(row["churn"], 1), _number(row["moved"], 1)),
        )
    return out


def _most_different(lots: Sequence[Json]) -> Table:
    """The lots whose lists differ most, with what each list scored."""
    names = list(lots[0]["lists"])
    measures = next((list(lot["measures"][names[0]]) for lot in lots if lot["measures"]), [])
    out = _table(
        f"The lots that differ most, {_NAMED} of {len(lots)}: --html shows both lists of each"
        if len(lots) > _NAMED
        else "The lots that differ most: --html shows both lists of each"
    )
    for name in ("lot", "RBO", "overlap", *(f"{m}: {' / '.join(names)}" for m in measures)):
        out.add_column(name)
    for lot in lots[:_NAMED]:
        scores = [
            " / ".join(_number(lot["measures"].get(name, {}).get(m)) for name in names)
            for m in measures
        ]
        title = f": {short(lot['title'])}" if lot["title"] else ""
        _row(out, lot["lot"] + title, _number(lot["RBO"]), _number(lot["overlap"]), *scores)
    return out


def _exposure(rows: Sequence[Json]) -> Table:
    out = _table("Attention against its target")
    for name in ("by", "run", "AWRF of a list", "by chance", "of all together", "verdict"):
        out.add_column(name)
    for row in rows:
        _row(
            out,
            row["by"],
            row["run"],
            _mean(*row["AWRF"]) if "AWRF" in row else NONE,
            _number(row.get("AWRF by chance")),
            _number(row.get("AWRF of all lists together")),
            row["verdict"],
        )
    return out


def _notes(report: Json) -> Text:
    notes = Text()
    for run in report["runs"]:
        missing = run.get("missing", ())
        if missing:
            more = f" and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
            notes.append(
                f"{run['run']} has no list for "
                f"{count(len(missing), 'lot, which counts', 'lots, which count')} as zero: "
                f"{', '.join(missing[:_NAMED])}{more}\n"
            )
        if run.get("lots left out, not judged"):
            words = "lot without judgements was", "lots without judgements were"
            left = count(run["lots left out, not judged"], *words)
            notes.append(f"{run['run']}: {left} left out\n")
        if run["status"] != "ran":
            notes.append(
                f"{run['run']} was {run['status']}: this report says nothing about it\n",
                style="bold",
            )
    qrels = report["qrels"]
    if qrels and qrels["lots without anybody relevant"]:
        none = qrels["lots without anybody relevant"]
        notes.append(
            f"No provider is relevant for {count(len(none), 'lot')}; every run scores zero there\n"
        )
    if qrels:
        notes.append(_nowhere(qrels))
    return notes


def _nowhere(qrels: Json) -> str:
    """Relevant providers with which no run could score, perhaps because they have other ids."""
    told = ""
    for where in ("on no list", "not in the register"):
        found = qrels[where]
        if found:
            told += (
                f"{len(found):,} of {count(qrels['relevant providers'], 'relevant provider')} "
                f"{'is' if len(found) == 1 else 'are'} {where}: {', '.join(found[:_NAMED])}"
                f"{f' and {len(found) - _NAMED:,} more' if len(found) > _NAMED else ''}\n"
            )
    return f"{told}A list that has them under other ids scores nothing for them\n" if told else ""


def ablation(report: Json) -> RenderableType:
    """What the ranker loses without each group of signals."""
    out = _table(
        f"What {report['bundle']} loses without each signal, {count(report['lots'], 'lot')}"
    )
    for name in ("without", "lots won", "measure", "lots", "worth", "p (Holm)"):
        out.add_column(name)
    for row in report["groups"]:
        for at, one in enumerate(row["worth"]):
            p = one.get("p after Holm")
            _row(
                out,
                row["group"] if not at else "",
                one["part"],
                one["measure"],
                f"{one['lots']:,}",
                _mean(one["worth"], one["low"], one["high"]),
                NONE if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}",
                end_section=at == len(row["worth"]) - 1,
            )
    return out

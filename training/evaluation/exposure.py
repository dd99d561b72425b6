"""Exposure: the attention that groups of providers get, compared with a target.

A place gets attention of 1 / log2(rank + 1), scaled so that each list gives out 1.  AWRF of a list
is 1 minus the Jensen-Shannon divergence (base 2) of the groups' shares from their target
(Sapiezynski et al. 2019, as in TREC's fair ranking track).  A mean over lots can hide that each
list is unfair, and single lists can hide that the same group is always last.  So the report has
single lists, all lists together, and the course over time.

A ranking fails where a group gets less than four fifths of its target, beyond what the choice of
lots explains.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.errors import BadInput
from matcher.geo.national_grid import NOWHERE
from matcher.register.register import Register
from training.evaluation.line_files import line_error, rows
from training.evaluation.metrics import interval
from training.evaluation.qrels import Qrels
from training.evaluation.runs import Run
from training.evaluation.significance import FEWEST
from training.evaluation.slices import profile_level, size_band

Vector: TypeAlias = npt.NDArray[np.float64]
Groups: TypeAlias = dict[str, dict[str, str]]
"""Kind of group → provider → group."""
Target: TypeAlias = Mapping[str, float]
"""Group → its target share of attention; shares add up to 1."""

DEPTH = 10
FOUR_FIFTHS = 0.8
_TOO_SMALL = 0.01
"""A group with a smaller target is not judged."""
_DRAWS = 2000
_POINTS = 40
HEADINGS: Mapping[str, Sequence[str]] = {
    "provider": ("provider", "id", "provider_id", "doc_id", "docno"),
    "by": ("by", "dimension"),
    "group": ("group", "value", "slice"),
}


def read(path: Path) -> Groups:
    """The groups in a CSV file with the columns provider, by and group.  Raises BadInput."""
    groups: Groups = {}
    for line, row in rows(path, HEADINGS):
        if not row["provider"] or not row["group"]:
            raise line_error(
                path, line, "has no provider or no group (columns provider, by, group)"
            )
        group_of = groups.setdefault(row["by"] or "group", {})
        if group_of.get(row["provider"], row["group"]) != row["group"]:
            raise line_error(path, line, f"provider {row['provider']} is in two groups")
        group_of[row["provider"]] = row["group"]
    if not groups:
        raise BadInput(f"{path.name}: has no group (columns headed provider, by, group)")
    return groups


def write(groups: Groups, out: TextIO) -> None:
    """Write the groups as the CSV that `read` reads."""
    writer = csv.writer(out)
    writer.writerow(("provider", "by", "group"))
    writer.writerows(
        (provider, by, group)
        for by, group_of in groups.items()
        for provider, group in group_of.items()
    )


def register_groups(register: Register) -> Groups:
    """All providers of a register by size (where known), region, record and profile."""
    groups: Groups = {"size": {}, "region": {}, "record": {}, "profile": {}}
    contracts = np.diff(register.won.offsets)
    if register.known_awards < len(register.awards):
        known = register.winners.numbers[: register.winners.offsets[register.known_awards]]
        contracts = np.bincount(known, minlength=len(register))
    columns, councils = register.columns, register.postcodes.councils
    for row in range(len(register)):
        one = register.organisations[row]
        placed = columns.east[row] != NOWHERE
        council = councils[int(columns.council[row])] if placed else ""
        group_by_kind = {
            "size": size_band(one),
            "region": register.councils.region(council),
            "record": _record(int(contracts[row])),
            "profile": profile_level(one),
        }
        for by, group in group_by_kind.items():
            if group:
                groups[by].update(dict.fromkeys((one.provider.id, *one.provider.ids), group))
    return groups


def _record(contracts: int) -> str:
    if not contracts:
        return "no contract known"
    return "one or two contracts known" if contracts < 3 else "three or more contracts known"


def named_target(name: str, group_of: Mapping[str, str], qrels: Qrels | None) -> dict[str, float]:
    """The shares for a target: 'pool' (of all providers in a group), 'relevant', or 'equal'.

    Raises BadInput for another name, and where no relevant provider is in a group.
    """
    if name == "equal":
        names = sorted(set(group_of.values()))
        return dict.fromkeys(names, 1 / max(len(names), 1))
    if name == "pool":
        return _shares(group_of.values())
    if name == "relevant" and qrels is not None:
        relevant = [group_of[p] for lot in qrels.lots for p in qrels.relevant(lot) if p in group_of]
        if group_of and not relevant:
            raise BadInput("--target relevant: no relevant provider is in a group")
        return _shares(relevant)
    if name == "relevant":
        raise BadInput("--target relevant: needs --qrels, to know which providers are relevant")
    raise BadInput(
        f"--target {name!r}: give pool, relevant or equal, or a CSV file (by,group,share)"
    )


def read_targets(path: Path) -> dict[str, dict[str, float]]:
    """Kind of group → group → share, from a CSV file with the columns by, group and share."""
    targets: dict[str, dict[str, float]] = {}
    headings = {"by": ("by",), "group": ("group",), "share": ("share",)}
    for line, row in rows(path, headings):
        try:
            share = float(row["share"])
        except ValueError:
            share = float("nan")
        if not 0 <= share <= 1:
            raise line_error(path, line, f"share {row['share']!r} is not a number from 0 to 1")
        targets.setdefault(row["by"] or "group", {})[row["group"]] = share
    for by, shares in targets.items():
        if abs(sum(shares.values()) - 1) > 1e-6:
            raise BadInput(
                f"{path.name}: the shares of {by} add up to {sum(shares.values()):g}, not to 1"
            )
    return targets


def _shares(of: Iterable[str]) -> dict[str, float]:
    counted: dict[str, int] = {}
    for group in of:
        counted[group] = counted.get(group, 0) + 1
    whole = sum(counted.values())
    return {group: counted[group] / whole for group in sorted(counted)}


def attention(count: int) -> Vector:
    """(count,) the attention of each place of a list; the sum is 1."""
    falling: Vector = 1 / np.log2(np.arange(2, count + 2))
    return falling / falling.sum() if count else falling


def awrf(shares: Vector, target: Vector) -> float:
    """How near shares (groups,) are to the target: 1 if equal, 0 with no group in common."""
    middle = (shares + target) / 2

    def away(p: Vector) -> float:
        kept = p > 0
        return float((p[kept] * np.log2(p[kept] / middle[kept])).sum())

    return 1 - (away(shares) + away(target)) / 2


@dataclass(frozen=True)
class _Attention:
    """The attention that each list gives to each group."""

    shares: npt.NDArray[np.float64]
    """(lots, groups), each row adds up to 1"""
    unknown: float
    """the share of attention to providers in no group"""


def _attention_of(
    run: Run, lots: Sequence[str], group_of: Mapping[str, str], names: Sequence[str], depth: int
) -> _Attention:
    column = {name: at for at, name in enumerate(names)}
    shares, unknown = [], []
    for lot in lots:
        listed = run.first(lot, depth)
        shared = np.zeros(len(names) + 1)
        for provider, share in zip(listed, attention(len(listed)).tolist(), strict=True):
            shared[column.get(group_of.get(provider, ""), -1)] += share
        unknown.append(shared[-1])
        if shared[:-1].sum() > 0:
            shares.append(shared[:-1] / shared[:-1].sum())
    kept = np.array(shares) if shares else np.zeros((0, len(names)))
    return _Attention(kept, float(np.mean(unknown)) if unknown else 0.0)


def measure_exposure(
    run: Run, group_of: Mapping[str, str], target: Target, depth: int = DEPTH, seed: int = 7
) -> dict[str, Any]:
    """How a run shares attention among groups: per list, over all, over time, and a verdict.

    The order of lots in the run is taken as their order in time.
    """
    names, target_shares = list(target), np.array(list(target.values()))
    shared = _attention_of(run, list(run.scores), group_of, names, depth)
    shares = shared.shares
    report: dict[str, Any] = {
        "lists": len(run.scores),
        "lists with a group": len(shares),
        "attention to no group": round(shared.unknown, 4),
        "depth": depth,
    }
    if not len(shares):
        return report | {"groups": [], "verdict": "no claim: no provider listed is in a group"}
    awrf_of_lists = [awrf(row, target_shares) for row in shares]
    groups = list(_group_rows(names, target_shares, shares, seed))
    return report | {
        "AWRF": _rounded((float(np.mean(awrf_of_lists)), *interval(awrf_of_lists))),
        "AWRF by chance": round(_by_chance(target_shares, depth, seed), 4),
        "AWRF of all lists together": round(awrf(shares.mean(axis=0), target_shares), 4),
        "over time": _course(shares, target_shares),
        "groups": groups,
        "verdict": _verdict(groups, len(shares)),
    }


def _group_rows(
    names: Sequence[str], target_shares: Vector, shares: npt.NDArray[np.float64], seed: int
) -> Iterator[dict[str, Any]]:
    for at, name in enumerate(names):
        mean, low, high = (float(shares[:, at].mean()), *interval(shares[:, at].tolist(), seed))
        target_share = float(target_shares[at])
        yield {
            "group": name,
            "target": round(target_share, 4),
            "attention": _rounded((mean, low, high)),
            "of its target": _rounded(
                (mean / target_share, low / target_share, high / target_share)
            )
            if target_share
            else None,
            "short": target_share >= _TOO_SMALL and high / target_share < FOUR_FIFTHS,
        }


def _rounded(numbers: Iterable[float]) -> list[float]:
    return [round(number, 4) for number in numbers]


def _by_chance(target_shares: Vector, depth: int, seed: int) -> float:
    """The mean AWRF of lists sampled by the target: what a single list can reach."""
    random = np.random.default_rng(seed)
    drawn = random.choice(
        len(target_shares), (_DRAWS, depth), p=target_shares / target_shares.sum()
    )
    weights = attention(depth)
    rows_ = [np.bincount(row, weights, len(target_shares)).astype(np.float64) for row in drawn]
    return float(np.mean([awrf(row, target_shares) for row in rows_]))


def _course(shares: npt.NDArray[np.float64], target_shares: Vector) -> list[list[float]]:
    """[number of lists so far, AWRF of them together], at up to `_POINTS` points."""
    so_far = np.cumsum(shares, axis=0) / np.arange(1, len(shares) + 1)[:, None]
    at = np.unique(np.linspace(0, len(shares) - 1, _POINTS).astype(int)).tolist()
    return [[i + 1, round(awrf(so_far[i], target_shares), 4)] for i in at]


def _verdict(groups: Sequence[Mapping[str, Any]], lots: int) -> str:
    if lots < FEWEST:
        return f"no claim: {lots} lists, at least {FEWEST} are needed"
    if len(groups) < 2:
        return "no claim: all providers with a known group are in the same one"
    short = [str(one["group"]) for one in groups if one["short"]]
    if short:
        return f"fails: less than four fifths of its target goes to {', '.join(short)}"
    return "passes: no group gets less than four fifths of its target beyond chance"

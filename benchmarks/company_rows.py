"""Invents company data in Companies House's own layout: fictional, and the same for one seed.

    python -m benchmarks.company_rows OUT.csv --rows 1000000 [--month 1] [--seed 1]

Words of names are as frequent as in `matcher/register/linkage/word_counts.csv`; the others are
invented from syllables, few of them often and most of them once.  Some postcodes are those of
agents, who register thousands of companies.  Groups have several companies at one postcode, some
names come again, and some companies are in liquidation, dormant or late.

`--month 1` is the file of the next month: of a hundred companies, one is new, gone or changed.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import matcher.register.linkage
from matcher.geo.postcodes import PostcodeTable

HEADER = (
    "CompanyName, CompanyNumber,RegAddress.CareOf,RegAddress.POBox,RegAddress.AddressLine1,"
    " RegAddress.AddressLine2,RegAddress.PostTown,RegAddress.County,RegAddress.Country,"
    "RegAddress.PostCode,CompanyCategory,CompanyStatus,CountryOfOrigin,DissolutionDate,"
    "IncorporationDate,Accounts.AccountRefDay,Accounts.AccountRefMonth,Accounts.NextDueDate,"
    "Accounts.LastMadeUpDate,Accounts.AccountCategory,Returns.NextDueDate,Returns.LastMadeUpDate,"
    "Mortgages.NumMortCharges,Mortgages.NumMortOutstanding,Mortgages.NumMortPartSatisfied,"
    "Mortgages.NumMortSatisfied,SICCode.SicText_1,SICCode.SicText_2,SICCode.SicText_3,"
    "SICCode.SicText_4,LimitedPartnerships.NumGenPartners,LimitedPartnerships.NumLimPartners,URI,"
    + ",".join(f"PreviousName_{n}.CONDATE, PreviousName_{n}.CompanyName" for n in range(1, 11))
    + ",ConfStmtNextDueDate, ConfStmtLastMadeUpDate"
)
NAME = "BasicCompanyData-2026-{:02}-01.csv"
_PART = 50_000
_NEW, _GONE, _CHANGED = 0.003, 0.003, 0.004
_INVENTED, _AGENTS = 600_000, 400
_SOUNDS = (
    "ba be bo bra ca ce cor da del dun e el fa fen ga gel ha hol i ja ka kin la len lo ma mer mi"
    " na nor o pa pen qua ra ren ro sa sel sha ta ter tho u va ven wa wil xan ya zo"
)
_SYLLABLES = _SOUNDS.split()
_LAST_SOUNDS = "n r x l m ton ley ford wick s ra ko ity ex by via um na den well"
_ENDS = _LAST_SOUNDS.split()
_ROLES = ("HOLDINGS", "PROPERTIES", "GROUP", "SERVICES", "TRADING", "INVESTMENTS", "NO. 2")
_FORMS: tuple[tuple[str, str, float], ...] = (
    ("LIMITED", "Private Limited Company", 0.52),
    ("LTD", "Private Limited Company", 0.41),
    ("LLP", "Limited Liability Partnership", 0.013),
    ("PLC", "Public Limited Company", 0.002),
    ("C.I.C.", "Community Interest Company", 0.006),
    ("CIO", "Charitable Incorporated Organisation", 0.009),
    ("SOCIETY LIMITED", "Registered Society", 0.002),
    (
        "",
        "PRI/LTD BY GUAR/NSC (Private, limited by guarantee, no share capital)",
        0.038,
    ),
)
_ACCOUNTS = (
    ("MICRO ENTITY", 0.3), ("TOTAL EXEMPTION FULL", 0.26), ("NO ACCOUNTS FILED", 0.2),
    ("DORMANT", 0.12), ("UNAUDITED ABRIDGED", 0.06), ("SMALL", 0.02), ("FULL", 0.02),
    ("GROUP", 0.008), ("AUDITED ABRIDGED", 0.007), ("", 0.005),
)  # fmt: skip
_STATUSES = (
    ("Active", 0.925), ("Active - Proposal to Strike off", 0.05), ("Liquidation", 0.02),
    ("In Administration", 0.002), ("Live but Receiver Manager on at least one charge", 0.003),
)  # fmt: skip
_SIC = (
    "68209 - Other letting and operating of own or leased real estate",
    "70229 - Management consultancy activities other than financial management",
    "99999 - Dormant Company",
    "82990 - Other business support service activities n.e.c.",
    "62020 - Information technology consultancy activities",
    "47910 - Retail sale via mail order houses or via Internet",
    "68100 - Buying and selling of own real estate",
    "98000 - Residents property management",
    "41202 - Construction of domestic buildings",
    "96090 - Other service activities n.e.c.",
    "41100 - Development of building projects",
    "56103 - Take-away food shops and mobile food stands",
    "49410 - Freight transport by road",
    "62090 - Other information technology service activities",
    "64209 - Activities of other holding companies n.e.c.",
    "43210 - Electrical installation",
    "43390 - Other building completion and finishing",
    "62012 - Business and domestic software development",
    "45200 - Maintenance and repair of motor vehicles",
    "56101 - Licenced restaurants",
    "86900 - Other human health activities",
    "81210 - General cleaning of buildings",
    "43220 - Plumbing, heat and air-conditioning installation",
    "85590 - Other education n.e.c.",
    "43999 - Other specialised construction activities n.e.c.",
    "93199 - Other sports activities",
    "46900 - Non-specialised wholesale trade",
    "73110 - Advertising agencies",
    "69201 - Accounting and auditing activities",
    "56302 - Public houses and bars",
    "78200 - Temporary employment agency activities",
    "96020 - Hairdressing and other beauty treatment",
    "88990 - Other social work activities without accommodation n.e.c.",
    "87300 - Residential care activities for the elderly and disabled",
    "90010 - Performing arts",
    "59111 - Motion picture production activities",
    "71122 - Engineering related scientific and technical consulting activities",
    "74100 - specialised design activities",
    "81300 - Landscape service activities",
    "49320 - Taxi operation",
    "86210 - General medical practice activities",
    "43341 - Painting",
    "43320 - Joinery installation",
    "80100 - Private security activities",
    "53202 - Unlicensed carrier",
    "47710 - Retail sale of clothing in specialised stores",
    "85100 - Pre-primary education",
    "88910 - Child day-care activities",
    "49390 - Other passenger land transport",
    "38110 - Collection of non-hazardous waste",
    "01500 - Mixed farming",
    "25620 - Machining",
    "18129 - Printing n.e.c.",
    "94990 - Activities of other membership organizations n.e.c.",
    "79110 - Travel agency activities",
    "86230 - Dental practice activities",
    "75000 - Veterinary activities",
    "None Supplied",
)


def write_rows(
    path: Path, rows: int, postcodes: Sequence[str], month: int = 0, seed: int = 1
) -> int:
    """Write a file of company data with about `rows` companies.  Returns how many it has."""
    invention = Invention(postcodes, seed)
    written = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(HEADER + "\r\n")
        out = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        for start in range(0, rows, _PART):
            part = list(invention.part(start, min(_PART, rows - start), month))
            out.writerows(part)
            written += len(part)
        if month:
            part = list(invention.part(rows, round(rows * _NEW), 0))
            out.writerows(part)
            written += len(part)
    return written


@dataclass
class Invention:
    """Invents rows of company data, the same ones for one seed and position."""

    postcodes: Sequence[str]
    seed: int = 1

    def __post_init__(self) -> None:
        table = Path(matcher.register.linkage.__path__[0]) / "word_counts.csv"
        with table.open(encoding="utf-8", newline="") as file:
            counted = [
                (r["word"].upper(), int(r["per_100000_names"])) for r in csv.DictReader(file)
            ]
        self._words = [word for word, _ in counted]
        self._word_odds = np.cumsum([count for _, count in counted])
        self._agents = np.random.default_rng(self.seed).integers(0, len(self.postcodes), _AGENTS)

    def part(self, start: int, size: int, month: int) -> Iterator[list[str]]:
        """The rows of the companies number `start` to `start + size`, as they are in `month`."""
        names = self._names(np.random.default_rng([self.seed, start, 1]), size)
        rows = self._rows(np.random.default_rng([self.seed, start, 2]), start, names)
        if not month:
            yield from rows
            return
        draw = np.random.default_rng([self.seed, start, 3])
        fate = draw.random(size)
        renamed = self._names(draw, size)
        for at, row in enumerate(rows):
            if fate[at] < _GONE:
                continue
            if fate[at] < _GONE + _CHANGED / 4:
                row[33], row[34], row[0] = "05/01/2026", row[0], renamed[at][0]
            elif fate[at] < _GONE + _CHANGED / 2:
                row[9] = self.postcodes[int(draw.integers(0, len(self.postcodes)))]
            elif fate[at] < _GONE + _CHANGED:
                row[11] = "Liquidation" if row[11] == "Active" else "Active"
            yield row

    def _names(self, draw: np.random.Generator, size: int) -> list[tuple[str, str]]:
        """Names with their categories."""
        length = draw.choice([1, 2, 3, 4, 5], size, p=[0.12, 0.45, 0.3, 0.1, 0.03])
        common = np.searchsorted(self._word_odds, draw.random((size, 5)) * self._word_odds[-1])
        rare = (_INVENTED ** draw.random((size, 5))).astype(int)
        is_rare = draw.random((size, 5)) < np.array([0.62, 0.2, 0.15, 0.15, 0.15])
        form = draw.choice(len(_FORMS), size, p=[share for *_, share in _FORMS])
        words = np.where(is_rare, -rare, common).tolist()
        names = []
        for n, row, f in zip(length.tolist(), words, form.tolist(), strict=True):
            spelt = [self._words[w] if w >= 0 else invented(-w) for w in row[:n]]
            names.append((" ".join([*spelt, _FORMS[f][0]]).strip(), _FORMS[f][1]))
        return names

    def _rows(
        self, draw: np.random.Generator, start: int, names: list[tuple[str, str]]
    ) -> Iterator[list[str]]:
        size = len(names)
        place = draw.integers(0, len(self.postcodes), size)
        agent = self._agents[(_AGENTS ** draw.random(size)).astype(int)]
        place = np.where(draw.random(size) < 0.2, agent, place).tolist()
        fate, role = draw.random(size).tolist(), draw.integers(0, len(_ROLES), size).tolist()
        earlier = draw.integers(0, size, size).tolist()
        accounts, status = _drawn(draw, _ACCOUNTS, size), _drawn(draw, _STATUSES, size)
        sic = (len(_SIC) ** draw.random((size, 2))).astype(int).tolist()
        day, year = draw.integers(1, 29, size).tolist(), draw.integers(1985, 2026, size).tolist()
        for at, (name, category) in enumerate(names):
            number = f"{start + at + 1:08}" if fate[at] > 0.06 else f"SC{start + at + 1:06}"
            row = [""] * 55
            row[0], row[10], where = name, category, place[at]
            if fate[at] > 0.96 and at:
                other = earlier[at] % at
                base = names[other][0].rsplit(" ", 1)[0]
                row[0], where = f"{base} {_ROLES[role[at]]} LIMITED", place[other]
            elif fate[at] > 0.95 and at:
                row[0], row[10] = names[earlier[at] % at]
            row[1], row[4], row[6] = number, f"{day[at]} INVENTED ROAD", "SOMETOWN"
            row[8], row[9] = "UNITED KINGDOM", self.postcodes[where]
            row[11], row[12] = status[at], "United Kingdom"
            if 0.1 < fate[at] < 0.11:
                row[13] = f"{day[at]:02}/02/2026"
            row[14], row[15], row[16] = f"{day[at]:02}/06/{year[at]}", "30", "6"
            row[17] = f"31/03/{2025 if 0.2 < fate[at] < 0.25 else 2027}"
            row[18], row[19] = "30/06/2025", accounts[at]
            row[22:26] = ["0"] * 4
            row[26] = _SIC[min(sic[at][0], len(_SIC) - 1)]
            if 0.3 < fate[at] < 0.45:
                row[27] = _SIC[sic[at][1]]
            row[30:33] = "0", "0", f"http://business.data.gov.uk/id/company/{number}"
            if 0.5 < fate[at] < 0.59:
                row[33], row[34] = "01/02/2019", f"{invented(1 + earlier[at] % _INVENTED)} {row[0]}"
            row[53] = f"{day[at]:02}/07/2027"
            yield row


def invented(number: int) -> str:
    """The invented word with this number, from 1: short ones are the frequent ones."""
    word, left = "", number * 7919 % 1_000_003 if number > 2000 else number
    while left:
        left, at = divmod(left, len(_SYLLABLES))
        word += _SYLLABLES[at]
    return (word + _ENDS[number % len(_ENDS)]).upper()


def _drawn(draw: np.random.Generator, odds: Any, size: int) -> list[str]:  # noqa: ANN401
    share = np.array([share for _, share in odds])
    chosen = draw.choice(len(odds), size, p=share / share.sum())
    return [odds[at][0] for at in chosen.tolist()]


def spread_postcodes(table: PostcodeTable, size: int = 400_000) -> list[str]:
    """Postcodes of the whole table, spread evenly."""
    keys = table.postcodes.keys
    step = max(1, len(keys) // size)
    fixed = (int(key).to_bytes(8, "big").decode().strip("\0") for key in keys[::step].tolist())
    return [f"{code[:4].strip()} {code[4:].strip()}" for code in fixed]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write one file of company data."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--month", type=int, choices=[0, 1], default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    postcodes = spread_postcodes(PostcodeTable.open(PostcodeTable.cached()))
    print(
        write_rows(options.out, options.rows, postcodes, options.month, options.seed), "companies"
    )


if __name__ == "__main__":
    main()

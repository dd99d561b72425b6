"""Finds the parts of a need: the items that its text lists, or groups of its CPV codes.

A part may become a lot, or the work of one member of a consortium.  Each states its source, so that
the officer can check that it is separate work.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest

from matcher.core.cpv import category_lines, category_name, code_prefixes
from matcher.core.formatting import series
from matcher.core.types import Lot
from models import text

MOST_PARTS = 12
READ = 20_000
"""The characters of a description that are searched for parts and places."""
_LEVELS = (2, 3, 4, 5, 6)
"""The CPV digits of a division, a group, a class, a category, and one level below."""
_SHORT_TITLE = 90
_HEADING = 80
_FEWEST_WORDS = 2
_LONG = 40

_MARK = (
    r"(?:[-•*–·▪‣●]|\(?\d{1,2}[.)](?!\d)|\(?[a-z][.)]|\(?[ivx]{1,5}[.)]"
    r"|(?P<lot>lot\s*\d{1,3}[a-z]?\s*[:.–—-]))\s*"
)
_ITEM = re.compile(rf"{_MARK}(?P<said>\S.*)", re.IGNORECASE)
_INLINE = re.compile(
    r"(?<![\s;,])[\s;,]++"
    r"(?=(?:[•▪●]|\(?(?:[a-k]|[1-9]|1\d|i{1,3}|iv|vi{0,3})\)|Lot \d{1,2} ?[:–—-])\s)"
)
_NOT_WORK = re.compile(
    r"(?:\d[\d.]*\s*)?(?:about|accreditation|all lots|annex|any|appendix|background|be"
    r"|certificates?|contact|contract|evaluation|evidence|general|how to|instructions?|insurances?"
    r"|if|information|introduction|invoic\w+|key dates|method statements?|note|overview|payment"
    r"|policies|pricing"
    r"|procurement|purpose|quality|references?|schedule|selection|social value|submission"
    r"|statement|summary|tenders?|terms|that|timetable|tupe|value|when|where|whether|which)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class WorkPart:
    """One part of the work: its text, its own CPV codes, and its source."""

    title: str
    text: str
    cpv: tuple[str, ...]
    source: str


def work_parts(lot: Lot) -> tuple[WorkPart, ...]:
    """The parts that a lot's text lists, or else the smallest groups of its codes.

    () where it has only one part.
    """
    return parts_in_text(lot) or next(reversed([*parts_by_code(lot)]), ())


def stated_parts(lot: Lot, needs: Sequence[str]) -> tuple[WorkPart, ...]:
    """The parts as they are stated."""
    return tuple(_part(lot, said, "as stated") for said in needs)


def part_as_lot(lot: Lot, part: WorkPart, name: str) -> Lot:
    """The part as a lot without a value, with the title of the whole as context."""
    context = lot.title if lot.title not in part.text else ""
    return replace(
        part_alone(lot, part, name),
        description="\n".join(filter(None, (part.text, context))),
        cpv=part.cpv or lot.cpv,
    )


def part_alone(lot: Lot, part: WorkPart, name: str) -> Lot:
    """The part as a lot of its own words and codes only, without a value."""
    return replace(
        lot,
        id=piece_id(lot.id, name),
        title=part.title,
        description=part.text,
        cpv=part.cpv,
        value=None,
    )


def piece_id(lot_id: str, name: str) -> str:
    """The id of a part of a lot.  It keeps the notice, which must not be evidence for the part.

    >>> piece_id("notice-1", "north"), piece_id("notice-1#2", "north")
    ('notice-1#north', 'notice-1#2.north')
    """
    return f"{lot_id}{'.' if '#' in lot_id else '#'}{'-'.join(name.split())}"


# --- what the text lists ---------------------------------------------------------------


def parts_in_text(lot: Lot) -> tuple[WorkPart, ...]:
    """The lots, else the sections, else the items that a lot's text lists, in order.

    () where it lists fewer than two, or too many.
    """
    lines = _INLINE.sub("\n", lot.description[:READ]).splitlines()
    found = [*_items(lines)]
    lots = [said for said, is_lot in found if is_lot]
    items = [said for said, _ in found]
    for said in (lots, [*_sections(lines, lot.title)], items):
        distinct = list(dict.fromkeys(filter(_is_work, said)))
        if 2 <= len(distinct) <= MOST_PARTS:
            return tuple(_part(lot, one, "listed in the text") for one in distinct)
    return ()


def _items(lines: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """(text, whether it is called a lot) of each item, with its wrapped lines."""
    item, is_lot = "", False
    for line in lines:
        mark = _ITEM.fullmatch(line.strip())
        if mark is None and item and line[:1].islower():
            item = f"{item} {line}"
            continue
        if item:
            yield item.rstrip(" ;,."), is_lot
        item, is_lot = (mark["said"], bool(mark["lot"])) if mark else ("", False)
    if item:
        yield item.rstrip(" ;,."), is_lot


def _sections(lines: Sequence[str], title: str) -> Iterator[str]:
    """Headings with the text below them; a repeated line is not a heading."""
    heading, said, times = "", list[str](), Counter(lines)
    for line, after in zip_longest(lines, lines[1:], fillvalue=""):
        if line != title and times[line] == 1 and _is_heading(line) and len(after) >= _LONG:
            if heading and said:
                yield f"{heading}\n{' '.join(said)}"
            heading, said = line.strip(" :"), []
        elif heading:
            said.append(line)
    if heading and said:
        yield f"{heading}\n{' '.join(said)}"


def _is_heading(line: str) -> bool:
    plain = line.strip()
    return (
        0 < len(plain) <= _HEADING
        and plain[0].isupper()
        and not plain.endswith((".", ";", ",", "?", "!"))
        and _ITEM.fullmatch(plain) is None
    )


def _is_work(said: str) -> bool:
    """Whether a text describes work, and not the rules of the tender."""
    return len(set(text.words(said))) >= _FEWEST_WORDS and not _NOT_WORK.match(said)


def _part(lot: Lot, said: str, source: str) -> WorkPart:
    heading, _, rest = said.partition("\n")
    first = heading if rest or len(heading) <= _SHORT_TITLE else _cut(heading)
    return WorkPart(first, rest or heading, _codes_like(said, lot.cpv), source)


def _cut(said: str) -> str:
    return f"{said[:_SHORT_TITLE].rpartition(' ')[0] or said[:_SHORT_TITLE]}…"


def _codes_like(said: str, cpv: Sequence[str]) -> tuple[str, ...]:
    """The codes whose words the part uses most; () where it uses none."""
    stems = set(text.words(said))
    shared = {code: len(stems & _words_of(code)) for code in cpv}
    most = max(shared.values(), default=0)
    return tuple(code for code, n in shared.items() if n == most > 0)


@lru_cache(4096)
def _words_of(code: str) -> frozenset[str]:
    return frozenset(
        stem for line in (category_name(code), *category_lines([code])) for stem in text.words(line)
    )


# --- what the codes say ----------------------------------------------------------------


def parts_by_code(lot: Lot) -> Iterator[tuple[WorkPart, ...]]:
    """The lot's codes in groups: by the widest category that divides them, then by narrower ones.

    A code that contains others describes the whole lot and is in every group.  So are codes of
    goods where services or works are bought: they name what the work is done on.
    """
    codes = dict.fromkeys(lot.cpv)
    under = Counter(head for code in codes for head in _heads(code))
    buys_goods = _buys_goods(lot)
    wide = dict.fromkeys(code for code in codes if under[code.rstrip("0")] > 1)
    wide |= dict.fromkeys(code for code in codes if _is_goods(code) is not buys_goods)
    narrow = [code for code in codes if code not in wide]
    before = 1
    for digits in _LEVELS:
        groups: dict[str, list[str]] = {}
        for code in narrow:
            groups.setdefault(code[:digits], []).append(code)
        if before < len(groups) <= MOST_PARTS:
            before = len(groups)
            yield _told_apart([_group(lot, some, [*wide]) for some in groups.values()])


def _buys_goods(lot: Lot) -> bool:
    """Whether goods are bought, by the category, else by all its codes."""
    category = lot.category.strip().lower()
    return category in {"goods", "products"} or (not category and all(map(_is_goods, lot.cpv)))


def _is_goods(code: str) -> bool:
    """Whether a code is of goods: divisions below 45, and 48."""
    return code[:2] < "45" or code[:2] == "48"


def _heads(code: str) -> set[str]:
    """All prefixes of a code, including its own digits: 85310000 is in 85000000."""
    return {*code_prefixes([code]), code.rstrip("0"), *(code[:n] for n in range(2, 8))}


def _group(lot: Lot, codes: Sequence[str], wide: Sequence[str]) -> WorkPart:
    names = list(dict.fromkeys(category_name(code) for code in codes))
    stems = {stem for name in names for stem in text.words(name)}
    stems |= {stem for line in category_lines(codes) for stem in text.words(line)}
    own = [
        said for said in _sentences(lot.description[:READ]) if stems.intersection(text.words(said))
    ]
    return WorkPart(
        title=series(names[:3]) + (" and more" if len(names) > 3 else ""),
        text=" ".join(own),
        cpv=(*codes, *wide),
        source=f"CPV {series(codes)}",
    )


def _told_apart(parts: Sequence[WorkPart]) -> tuple[WorkPart, ...]:
    """The parts, with their code in the title where two have the same title."""
    times = Counter(part.title for part in parts)
    return tuple(
        replace(part, title=f"{part.title} ({part.cpv[0]})") if times[part.title] > 1 else part
        for part in parts
    )


def _sentences(said: str) -> list[str]:
    return [one.strip() for one in re.split(r"(?<=[.;!?])\s+|\n", said) if one.strip()]

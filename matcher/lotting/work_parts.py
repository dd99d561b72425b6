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
from matcher.lotting.prose_lists import are_known_kinds, kinds_listed
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
_ITEM = re.compile(rf"{_MARK}(?P<item>\S.*)", re.IGNORECASE)
_INLINE = re.compile(
    r"(?<![\s;,])[\s;,]++"
    r"(?=(?:[•▪●]|\(?(?:[a-k]|[1-9]|1\d|i{1,3}|iv|vi{0,3})\)|Lot \d{1,2} ?[:–—-])\s)"
)
_DASHED = re.compile(r":\s?[-–]\s?(?=[A-Z])")
_DASH = re.compile(r"(?<![\s;,])[\s;,]++[-–]\s?(?=[A-Z])")
"""A list whose lines were joined into one: 'including: - Glazing works - Roofing works'."""
_NOT_WORK = re.compile(
    r"(?:\d[\d.]*\s*)?(?:about|accreditation|all lots|annex|any|appendix|background|be"
    r"|certificates?|contact|contract|evaluation|evidence"
    r"|general(?!.{0,60}\b(?:cleaning|maintenance|repairs?|works?)\b)|how to"
    r"|instructions?|insurances?"
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
    return tuple(_part(lot, need, "as stated") for need in needs)


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


# --- parts in the text -----------------------------------------------------------------


def parts_in_text(lot: Lot) -> tuple[WorkPart, ...]:
    """The lots, else the sections, else the items that a lot's text lists, in order.

    Or else the kinds of work that its title or a sentence lists.  () where there are fewer than two
    parts, or too many.
    """
    lines = list(_lines(lot.description[:READ]))
    marked = [*_items(lines)]
    lots = [item for item, is_lot in marked if is_lot]
    items = [item for item, _ in marked]
    for passages in (lots, [*_sections(lines, lot.title)], items):
        distinct = list(dict.fromkeys(filter(_is_work, passages))) or _single_words(passages)
        if 2 <= len(distinct) <= MOST_PARTS:
            return tuple(_part(lot, passage, "listed in the text") for passage in distinct)
    kinds = kinds_listed(lot.title, is_title=True) or kinds_listed(lot.description[:READ])
    if len(kinds) > MOST_PARTS:
        return ()
    return tuple(_part(lot, f"{k[:1].upper()}{k[1:]}", "listed in a sentence") for k in kinds)


def _lines(description: str) -> Iterator[str]:
    """The lines of a text, with each item of a list that stands in one line on its own."""
    for line in _INLINE.sub("\n", description).splitlines():
        lead, *listed = _DASHED.split(line, maxsplit=1)
        yield lead
        yield from (f"- {item}" for part in listed for item in _DASH.split(part))


def _items(lines: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """(text, whether it is called a lot) of each item, with its wrapped lines."""
    item, is_lot = "", False
    for line in lines:
        mark = _ITEM.fullmatch(line.strip())
        if mark is None and item and line[:1].islower():
            item = f"{item} {line}"
            continue
        if item:
            yield _without_end(item), is_lot
        item, is_lot = (mark["item"], bool(mark["lot"])) if mark else ("", False)
    if item:
        yield _without_end(item), is_lot


def _without_end(item: str) -> str:
    """An item without what joins it to the next: 'pest control; and'."""
    return item.rstrip(" ;,.").removesuffix(" and").rstrip(" ;,.")


def _sections(lines: Sequence[str], title: str) -> Iterator[str]:
    """Headings with the text below them; a repeated line is not a heading."""
    heading, body, times = "", list[str](), Counter(lines)
    for line, after in zip_longest(lines, lines[1:], fillvalue=""):
        if line != title and times[line] == 1 and _is_heading(line) and len(after) >= _LONG:
            if heading and body:
                yield f"{heading}\n{' '.join(body)}"
            heading, body = line.strip(" :"), []
        elif heading:
            body.append(line)
    if heading and body:
        yield f"{heading}\n{' '.join(body)}"


def _is_heading(line: str) -> bool:
    plain = line.strip()
    return (
        0 < len(plain) <= _HEADING
        and plain[0].isupper()
        and not plain.endswith((".", ";", ",", "?", "!"))
        and _ITEM.fullmatch(plain) is None
    )


def _is_work(passage: str) -> bool:
    """Whether a text describes work, and not the rules of the tender."""
    return len(set(text.words(passage))) >= _FEWEST_WORDS and not _NOT_WORK.match(passage)


def _single_words(passages: Sequence[str]) -> list[str]:
    """The items of a list of single words, where each is a known kind of work: 'Joinery'."""
    distinct = list(dict.fromkeys(passages))
    return distinct if are_known_kinds(distinct) else []


def _part(lot: Lot, passage: str, source: str) -> WorkPart:
    heading, _, rest = passage.partition("\n")
    title = heading if rest or len(heading) <= _SHORT_TITLE else _shortened(heading)
    return WorkPart(title, rest or heading, _codes_like(passage, lot.cpv), source)


def _shortened(heading: str) -> str:
    return f"{heading[:_SHORT_TITLE].rpartition(' ')[0] or heading[:_SHORT_TITLE]}…"


def _codes_like(passage: str, cpv: Sequence[str]) -> tuple[str, ...]:
    """The codes whose words the part uses most; () where it uses none."""
    stems = set(text.words(passage))
    shared = {code: len(stems & _words_of(code)) for code in cpv}
    most = max(shared.values(), default=0)
    return tuple(code for code, n in shared.items() if n == most > 0)


@lru_cache(4096)
def _words_of(code: str) -> frozenset[str]:
    return frozenset(
        stem for line in (category_name(code), *category_lines([code])) for stem in text.words(line)
    )


# --- parts by code ---------------------------------------------------------------------


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
            yield _distinctly_titled([_group(lot, group, [*wide]) for group in groups.values()])


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
    sentences = _sentences(lot.description[:READ])
    own = [sentence for sentence in sentences if stems.intersection(text.words(sentence))]
    return WorkPart(
        title=series(names[:3]) + (" and more" if len(names) > 3 else ""),
        text=" ".join(own),
        cpv=(*codes, *wide),
        source=f"CPV {series(codes)}",
    )


def _distinctly_titled(parts: Sequence[WorkPart]) -> tuple[WorkPart, ...]:
    """The parts, with their code in the title where two have the same title."""
    times = Counter(part.title for part in parts)
    return tuple(
        replace(part, title=f"{part.title} ({part.cpv[0]})") if times[part.title] > 1 else part
        for part in parts
    )


def _sentences(description: str) -> list[str]:
    pieces = re.split(r"(?<=[.;!?])\s+|\n", description)
    return [piece.strip() for piece in pieces if piece.strip()]

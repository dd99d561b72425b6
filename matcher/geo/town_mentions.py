"""The towns and villages that a text names as the place of the work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from matcher.core.cpv import all_category_lines
from matcher.geo.councils import Area, AreaKind, Councils
from matcher.geo.gazetteer import Context, Town, TownSize, choose, town_key
from models import text as words_of

_WORD = re.compile(r"[^\W\d_][\w'’.-]*[\w]|[^\W\d_]")
_JOINED = frozenset(
    {
        *("and", "by", "cum", "de", "en", "in", "la", "le", "next", "of", "on", "sur", "super"),
        *("the", "under", "upon", "with", "y"),
    }
)
_NAME = r"[A-Z][\w'’-]*(?:[ -](?:(?:and|by|in|of|on|the|upon|under|with|y) )*[A-Z][\w'’-]*){0,6}"
_BEFORE_PLACE = (
    r"\b(?:across|around|at|between|beyond|covering|in|near|outside|serving|surrounding|throughout"
    r"|within)\s+(?:and\s+around\s+)?(?:(?:the\s+)?(?:town|village|parish|area|district|city|centre"
    r"|suburb|estate|wards?|communit(?:y|ies))s?\s+of\s+)?(?:the\s+)?(?:(?:central|east|greater|mid"
    r"|north|rural|south|west)\s+)?"
)
_CAPITALS = r"[A-Z][\w'’-]*(?: [A-Z][\w'’-]*){0,3}"
_LIST = rf"(?:{_CAPITALS}(?:,?\s+(?:and|or)\s+|\s*[,&/]\s*)){{0,6}}\Z"
_BETWEEN = re.compile(r",?\s+(?:and|or)\s+|\s*[,&/]\s*")
_AT_PLACE = re.compile(f"(?i:{_BEFORE_PLACE}){_LIST}")
_AT_LOWER = re.compile(rf"(?i:{_BEFORE_PLACE}|\bresidents of\s+)\Z")
_OF_PLACE = re.compile(
    rf"(?i:\b(?:of|over|for|from|to)\s+(?:the\s+)?(?:(?:east|mid|north|south|west)\s+)?){_LIST}"
)
_NOT_AFTER = re.compile(r"\b(?:Mrs?|Ms|Miss|Dr|Sir|Lady|Lord|Cllr|Councillor|Prof)\.?\s+\Z")
_NOT_BEFORE = re.compile(
    r"\s+(?:Arms|Avenue|Bank|Bay|Beach|Bridge|Close|Common|Corner|Court|Crescent|Cross|Docks?|Drive"
    r"|End|Fields?|Forest|Gardens|Gate|Green|Group|Grove|Heath|Hill|House|Island|Junction|Lane"
    r"|Limited|Line|Ltd|Lodge|Magna|Mews|Mills?|Moor|PLC|Park|Parva|Place|Plc|Quay|Rd|Regis|Road|Row"
    r"|Sands|Square|St|Street|Terrace|Trust|Vale|Valley|Villas|Walk|Way|Wood|Yard)\b"
)
"""After a town's name these make the name of another place, or of a firm."""
_ENDS = re.compile(
    r"\s*(?:\Z|[.,;:)\]!?/–—\n-]|\(|\b(?:and|or|area|areas|by|during|for|from|including|is|on|to"
    r"|town|village|which|who|will|with)\b)"
)
_THEN = re.compile(rf"\s*(?:,|/|&|\band\b|\bor\b)\s*(?:and\s+)?(?P<next>{_NAME}|[a-z]+)?")
_WHICH = re.compile(rf"\s*(?:,\s*|\(\s*|\s(?:in|near)\s+)(?P<area>{_NAME})")
_TOWN_IS_NEAR = 120
_SHORTEST = 3
_MONTHS = frozenset({"march", "may", "august"})


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of towns in a text, from `start` to `end`.

    `placed` says that a word such as 'in' or 'across' is before it.
    """

    name: str
    start: int
    end: int
    placed: bool
    towns: tuple[Town, ...]
    around: frozenset[str]
    """councils of the area that the text names right after it: 'Hope, Flintshire'"""
    ordinary: bool
    """whether its name is also a word"""


@dataclass(frozen=True, slots=True)
class TownsInText:
    """The towns that a text places the work in, and the names that may mean several towns."""

    towns: tuple[Town, ...] = ()
    unclear: Mapping[str, tuple[Town, ...]] | None = None


def towns_in(text: str, councils: Councils, context: Context = ()) -> TownsInText:
    """The towns that `text` names after a word such as 'in', 'across' or 'residents of'.

    A town whose name is also an ordinary word ('Reading', 'Sale') counts only where it ends its
    phrase: not in 'Reading groups', 'Street cleaning' or 'in Reading and writing'. Namesakes
    are told apart by the area named after one, by `context`, else by the other areas of the text.
    """
    mentions = [each for each in _mentions(text, councils) if each.placed]
    named = _councils_named(text, councils)
    towns, unclear = [], {}
    for each in mentions:
        town = choose(each.towns, [*([each.around] if each.around else []), *context, *named])
        if town is not None:
            towns.append(town)
        elif _is_known(each):
            unclear[each.name] = each.towns
    beside = [*({t.council} for t in towns), *(_county(t, councils) for t in towns)]
    for name, namesakes in list(unclear.items()):
        told = choose(namesakes, [frozenset(each) for each in beside]) if beside else None
        if told is not None:
            towns.append(told)
            del unclear[name]
    return TownsInText(tuple(dict.fromkeys(towns)), unclear)


def towns_in_title(title: str, councils: Councils, context: Context = ()) -> tuple[Town, ...]:
    """The towns that a title names, with or without a word before: 'Bloxwich: home care'."""
    mentions = [m for m in _mentions(title, councils) if not m.ordinary and _is_known(m)]
    chosen = (choose(m.towns, [m.around, *context] if m.around else context) for m in mentions)
    return tuple(dict.fromkeys(town for town in chosen if town is not None))


def _county(town: Town, councils: Councils) -> frozenset[str]:
    """The councils of the county that a town is in; its own where it is in none."""
    county = councils.areas.get(councils.rows[town.council].county_code)
    return county.councils if county is not None else frozenset({town.council})


def _is_known(mention: Mention) -> bool:
    return mention.towns[0].size >= TownSize.VILLAGE or len(mention.towns) == 1


def _councils_named(text: str, councils: Councils) -> list[frozenset[str]]:
    """The councils and counties that a text names anywhere, each as a set of councils."""
    names = (match.group() for match in re.finditer(_NAME, text))
    areas = (councils.find(name) for name in dict.fromkeys(names))
    return [
        area.councils
        for area in areas
        if area is not None and not area.kind.wide and not councils.towns.find(area.name)
    ]


def _mentions(text: str, councils: Councils) -> Iterator[Mention]:
    """The names of towns in a text, the longest at each place, in order."""
    found = list(_WORD.finditer(text))
    small = frozenset(each.group() for each in found if each.group().islower())
    at, last = 0, None
    while at < len(found):
        length = _longest(found, at, text, councils)
        if not length:
            at += 1
            continue
        start, end = found[at].start(), found[at + length - 1].end()
        goes_on = last is not None and _BETWEEN.fullmatch(text[last.end : start])
        listed = bool(goes_on and last is not None and last.placed)
        mention = _mention(text, start, end, councils, small, listed=listed)
        if mention is not None:
            yield mention
            last = mention
        at += length


def _longest(found: list[re.Match[str]], at: int, text: str, councils: Councils) -> int:
    """How many words from `at` are the longest name of a town; 0 for none."""
    first = town_key(found[at].group()).partition(" ")[0]
    if first and first not in councils.towns.first_words:
        return 0
    most = 1
    while most < councils.towns.longest and at + most < len(found):
        last = found[at + most - 1]
        between = text[last.end() : found[at + most].start()]
        if between not in (" ", "-") and (between, last.group()) != (". ", "St"):
            break
        most += 1
    for length in range(most, 0, -1):
        name = text[found[at].start() : found[at + length - 1].end()]
        if town_key(name) in councils.towns.by_name:
            return length
    return 0


def _mention(
    text: str, start: int, end: int, councils: Councils, small: frozenset[str], *, listed: bool
) -> Mention | None:
    name = " ".join(text[start:end].split())
    towns = councils.towns.find(name)
    before, after = text[max(0, start - _TOWN_IS_NEAR) : start], text[end:]
    area = councils.find(name)
    if area is not None and (
        area.kind is not AreaKind.COUNCIL or not any(t.council in area.councils for t in towns)
    ):
        return None
    if _NOT_AFTER.search(before) or _NOT_BEFORE.match(after) or len(name) < _SHORTEST:
        return None
    around = _around(after, towns, councils)
    ordinary = any(town.word for town in towns) or _is_trade(name)
    if name not in {town.name for town in towns} and not _is_written_as_name(name):
        if ordinary or name.casefold() != name:
            return None
        placed = listed or bool(_AT_LOWER.search(before))
    elif ordinary:
        placed = listed or bool(_AT_PLACE.search(before))
        placed = placed and (bool(around) or _ends_phrase(name, after, councils, small))
    else:
        placed = listed or bool(_AT_PLACE.search(before) or _OF_PLACE.search(before))
    return Mention(name, start, end, placed, towns, around, ordinary)


def _is_written_as_name(name: str) -> bool:
    """Whether its words have capitals, but for 'upon' and the like."""
    words = name.split()
    return name[0].isupper() and all(w[:1].isupper() or w.casefold() in _JOINED for w in words)


def _ends_phrase(name: str, after: str, councils: Councils, small: frozenset[str]) -> bool:
    """Whether a name that is also a word ends its phrase, as the name of a place does."""
    key = name.casefold()
    if key in _MONTHS or key in small or not _ENDS.match(after):
        return False
    then = _THEN.match(after)
    if then is None or not then["next"]:
        return True
    words = then["next"].split()
    return any(
        councils.towns.find(each) or councils.find(each)
        for each in (" ".join(words[:length]) for length in range(1, len(words) + 1))
    )


def _around(after: str, towns: tuple[Town, ...], councils: Councils) -> frozenset[str]:
    """The councils of the area named right after a town, if the town may be in it."""
    which = _WHICH.match(after)
    area: Area | None = councils.find(which["area"]) if which else None
    if area is None:
        return frozenset()
    if any(town.council in area.councils for town in towns):
        return area.councils
    return councils.beside(area, [town.council for town in towns])


@cache
def trade_stems() -> frozenset[str]:
    """The stems of the words that describe categories of the CPV: what is bought, not where."""
    return frozenset(stem for line in all_category_lines() for stem in words_of.words(line))


def _is_trade(name: str) -> bool:
    """Whether each word of a name is in a category of the CPV, as it is written there."""
    return _trade_words().issuperset(words_of.plain(name).split())


@cache
def _trade_words() -> frozenset[str]:
    return frozenset(word for line in all_category_lines() for word in words_of.plain(line).split())

"""Puts each lot at the start of a passage of its own, as 'Lot 1: …', where a document does not.

People write the lots of a contract as a list below 'in three lots:', as sentences ('Lot 1 is for
transport.'), or within one sentence ('Lot 1 transport, Lot 2 meals and Lot 3 day care').
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from matcher.sources.documents.passages import Passage

_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty"
)
_NUMBERS = {word: str(number) for number, word in enumerate(_WORDS.split(), 1)}
LOT = r"lot(?:\s++|(?=\d|\#))(?:(?:no\b\.?|number\b|\#)\s*+)?"
"""A pattern of the word before the id of a lot."""
NUMBER_WORD = "|".join(sorted(_NUMBERS, key=len, reverse=True))
NEXT = re.compile(
    r"\W{0,3}(?:\d[\d.]{0,7}[.)]?\s+)?(?:all lots|annex|appendix|award|background|common|contacts?"
    r"|contract (?:management|terms|period)|evaluation|general|how to|insurance|instructions?"
    r"|key dates|payment|pricing|procurement|quality|schedule|selection|social value|submission"
    r"|terms (?:and|of)|timetable|tupe)\b[^.!?]{0,60}",
    re.IGNORECASE,
)
"""A line that starts a part that is of no single lot."""
_ID = rf"\d{{1,3}}|{NUMBER_WORD}|[a-z]"
_LONGEST_TITLE = 100
_LONGEST_LEAD = 300
_MOST_ITEMS = 100
_LINE = re.compile(
    rf"\W{{0,3}}{LOT}(?P<id>{_ID})\b\s*+[:.)|=*–—-]*+\s*+(?P<text>\S.*)", re.I | re.S
)
_DEFINES = re.compile(
    r"(?:(?:is|will be) (?:about|for)|(?:is|will be)(?! ?(?:\w{2,12}ed|to)\b)"
    r"|(?:will )?(?:cover|comprise|consist|include)s?(?: of)?|for|concerns|relates to|being)"
    r"[ :]+(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
"""A sentence that says what a lot is; 'is awarded' and 'is to be' do not."""
_VERB = re.compile(
    r"\b(?:and/or|are|can|cannot|does|has|have|is|may|must|or|shall|should|was|were|will)\b"
    r"|\b(?:awarded|bidders?|cancelled|deleted|evaluated|not used|removed|tenderers?|withdrawn)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(r"\blots?\b[^.:]{0,60}(?P<end>[:.–—-])\s*$", re.IGNORECASE)
"""The end of a line that announces lots."""
_OTHER_LEAD = re.compile(
    r"\b(?:(?:work )?packages|work ?streams|(?<=separate )contracts|contracts(?=, one))\b"
    r"[^.:]{0,60}(?P<end>:)\s*$",
    re.IGNORECASE,
)
"""The same by another name; they are lots only where the line says how many follow."""
_SORT = "(?:area|different|distinct|following|geographic(?:al)?|individual|separate|small(?:er)?)"
_COUNT = re.compile(rf"\b(?P<count>\d{{1,2}}|{NUMBER_WORD})\s+(?:{_SORT}\s+){{0,2}}$", re.I)
_DIVIDED = re.compile(
    rf"^\W{{0,3}}(?:the )?$|\b(?:following|into|list of|summary of|these)\s+(?:{_SORT}\s+){{0,2}}$",
    re.IGNORECASE,
)
"""Before the word 'lots', where no number stands."""
_ABOUT_LOTS = re.compile(
    r"\b(?:across|all|any|bidders?|both|each|either|every|must|shall|should|tenderers?|whichever)\b",
    re.IGNORECASE,
)
_ITEM = re.compile(
    r"(?:[-–—•*·o▪●◦‣]\s+|\(?(?P<id>\d{1,2}|[a-z]|[ivx]{2,4})[.):]\s+"
    r"|\((?P<other>\d{1,2}|[a-z]|[ivx]{2,4})\)\s*)"
    r"(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_ITEM_END = re.compile(r"[;,.](?: ?(?:and|or))?\s*$", re.IGNORECASE)
"""How an item of a list in one sentence ends."""
_MENTION = re.compile(rf"\(?\b{LOT}(?P<id>{_ID})\b\s*+[:.)|=*–—-]*+\s*+", re.IGNORECASE)
_PARTED = re.compile(r"(?:[,;:.]|(?:[,;]? )(?:and|&|plus))$", re.IGNORECASE)
"""How a lot ends before the next one in a sentence."""
_FOLLOWS = re.compile(
    r"[:(–-]$|\b(?:broken|divided|grouped|separated|split)\b[^.;]{0,30} into$", re.IGNORECASE
)
"""How a text ends before the lots that it is in."""
_IN_BRACKETS = re.compile(r"\([^()]+\)")
_BEHIND = re.compile(
    rf"(?<![^\s,;:.])(?P<text>[^\W\d_][^.,;:()\n]{{2,100}}?)\s?\({LOT}(?P<id>{_ID})\)",
    re.IGNORECASE,
)
"""What a lot is, before its id: 'meals (lot 1)'."""
_JOINS = re.compile(
    r"\b(?:are|as|covers?|covering|includes?|into|is|namely|seeks?|wants?)\s+", re.I
)
_JOINS_NEXT = re.compile(r"^(?:and|plus)\s+", re.IGNORECASE)
_END = re.compile(r"[.!?](?=\s+[A-Z])|\n")
_LETTERS = re.compile(r"[^\W\d_]{3}")
_PLURAL = re.compile(r"\blots\b", re.IGNORECASE)


def lots_apart(passages: Sequence[Passage], known: Mapping[int, str]) -> list[Passage]:
    """The passages, in which each lot that is written otherwise starts one of its own.

    `known` are the ids of the lots that headings and tables give, by index of the passage: other
    lines count only where they go on from these, and a list only where there are none.
    """
    ids = {at: lot_id(id_) for at, id_ in known.items()}
    return (
        _from_sentence(passages, ids)
        or _from_lines(passages, set(ids.values()))
        or (not ids and _from_list(passages))
        or list(passages)
    )


def lot_id(written: str) -> str:
    """The id of a lot in capitals, a number in digits.

    >>> lot_id("three"), lot_id("b")
    ('3', 'B')
    """
    return _NUMBERS.get(written.lower(), written.upper())


def _from_lines(passages: Sequence[Passage], known: set[str]) -> list[Passage]:
    """The passages with lines such as 'Lot 2 is for meals.' as headings; none without such."""
    lines: dict[str, tuple[int, str]] = {}
    for at, passage in enumerate(passages):
        match = None if passage.cells or passage.heading else _LINE.fullmatch(passage.text)
        if match and lot_id(match["id"]) not in known | lines.keys() and (says := _says(match)):
            lines[lot_id(match["id"])] = (at, says)
    if not lines or not is_run({*known, *lines}):
        return []
    rewritten = list(passages)
    for id_, (at, says) in lines.items():
        rewritten[at] = _headed(passages[at], id_, says)
    return rewritten


def _says(match: re.Match[str]) -> str:
    """What a line says that a lot is, or ''."""
    text = match["text"]
    if defined := _DEFINES.fullmatch(text):
        return defined["text"]
    first = _END.split(text, maxsplit=1)[0]
    return "" if len(first) > _LONGEST_TITLE or _VERB.search(first) else text


def is_run(ids: Collection[str]) -> bool:
    """Whether ids are 1, 2, … or A, B, …, at least two of them."""
    if all(id_.isdecimal() for id_ in ids):
        return len(ids) > 1 and {int(id_) for id_ in ids} == set(range(1, len(ids) + 1))
    return len(ids) > 1 and sorted(ids) == [chr(ord("A") + at) for at in range(len(ids))]


def _headed(passage: Passage, id_: str, says: str) -> Passage:
    return replace(passage, text=f"Lot {id_}: {says[:1].upper()}{says[1:]}")


def _from_list(passages: Sequence[Passage]) -> list[Passage]:
    """The passages with the items below 'in three lots:' as headings; none without such a list."""
    for at, passage in enumerate(passages):
        count = None if passage.cells else _announced(passage.text[-_LONGEST_LEAD:])
        lines = count if count and passage.text.rstrip().endswith(":") else 0
        below = passages[at + 1 : at + 1 + _MOST_ITEMS]
        items = [] if count is None else _items(below, lines)
        if len(items) > 1 and count in {0, len(items)}:
            marked = (_headed(one, id_, says) for one, id_, says in items)
            return [*passages[: at + 1], *marked, *passages[at + 1 + len(items) :]]
    return []


def _announced(text: str) -> int | None:
    """How many lots the end of a text announces, 0 where it gives no number; None for no lots."""
    lead = _OTHER_LEAD.search(text) or _LEAD.search(text)
    before = _last_sentence(text, lead.start()) if lead else ""
    if lead is None or _ABOUT_LOTS.search(before):
        return None
    if count := _COUNT.search(before):
        return int(lot_id(count["count"]))
    named = lead.re is _LEAD and lead["end"] != "."
    return 0 if named and _DIVIDED.search(before) else None


def _items(passages: Sequence[Passage], lines: int) -> list[tuple[Passage, str, str]]:
    """The items of a list: each passage, the id of its lot and what it says.

    A list without bullets or numbers is one only of so many short `lines`.
    """
    matches = []
    for passage in passages:
        match = None if passage.cells else _ITEM.fullmatch(passage.text)
        if match is None:
            break
        matches.append((passage, match))
    if not matches:
        titles = [one for one in passages[:lines] if _is_title(one)]
        return [(one, str(n), one.text) for n, one in enumerate(titles, 1)]
    ids = [lot_id(match["id"] or match["other"] or "") for _, match in matches]
    if not is_run(ids):
        ids = [str(number) for number in range(1, len(ids) + 1)]
    texts = (_ITEM_END.sub("", match["text"]) for _, match in matches)
    return [(one, id_, said) for (one, _), id_, said in zip(matches, ids, texts, strict=True)]


def _is_title(passage: Passage) -> bool:
    text = passage.text
    return not passage.cells and len(text) <= _LONGEST_TITLE and not text.endswith((".", ":"))


def _from_sentence(passages: Sequence[Passage], known: Collection[int]) -> list[Passage]:
    """The passages with the lots that one of them names as headings; none without such.

    `known` are the indices of those that give a lot: where another one does, a sentence adds none.
    """
    for at, passage in enumerate(passages):
        elsewhere = len(known) > (at in known)
        parts = [] if passage.cells or elsewhere else list(_parts(passage))
        if parts:
            return [*passages[:at], *parts, *passages[at + 1 :]]
    return []


def _ids_behind(text: str) -> dict[str, str]:
    """The lots of a sentence that names them first: 'meals (lot 1) and transport (lot 2)'."""
    found = {lot_id(one["id"]): one["text"] for one in _BEHIND.finditer(text)}
    if not is_run(found):
        return {}
    return {
        id_: _JOINS.split(says, maxsplit=1)[-1] if number == 0 else _JOINS_NEXT.sub("", says)
        for number, (id_, says) in enumerate(found.items())
    }


def _last_sentence(text: str, end: int) -> str:
    """What the sentence that goes on at `end` says before it."""
    start = max((found.end() for found in _END.finditer(text) if found.end() <= end), default=0)
    return text[start:end].lstrip()


def _parts(passage: Passage) -> Iterator[Passage]:
    """What comes before the first lot of a passage, each lot, and what comes after."""
    text = passage.text
    if behind := _ids_behind(text):
        yield passage
        yield from (_headed(passage, id_, says) for id_, says in behind.items())
        return
    mentions = list(_MENTION.finditer(text))
    ids = [lot_id(mention["id"]) for mention in mentions]
    if len(ids) != len(set(ids)) or not is_run(ids):
        return
    last = _END.search(text, mentions[-1].end())
    end = last.start() if last else len(text)
    says = _between(text, mentions, end)
    if not says:
        return
    if before := text[: mentions[0].start()].strip():
        yield replace(passage, text=before)
    yield from (_headed(passage, id_, one) for id_, one in zip(ids, says, strict=True))
    if after := text[end:].lstrip(".!? \n"):
        yield replace(passage, text=after, heading=0)


def _between(text: str, mentions: Sequence[re.Match[str]], end: int) -> list[str]:
    """What a sentence that ends at `end` says of each lot that it mentions; [] where it does not.

    It says something of each, with a comma, 'and' or the like between two of them, and begins with
    the first or says before it that lots follow.
    """
    lead = _last_sentence(text, mentions[0].start()).strip()
    if lead and not (_PLURAL.search(lead) or _FOLLOWS.search(lead)):
        return []
    ends = [*(mention.start() for mention in mentions[1:]), end]
    pieces = [
        " ".join(text[mention.end() : stop].split())
        for mention, stop in zip(mentions, ends, strict=True)
    ]
    if not all(map(_PARTED.search, pieces[:-1])):
        return []
    said = [_PARTED.sub("", piece) for piece in pieces]
    said = [one[1:-1] if _IN_BRACKETS.fullmatch(one) else one for one in said]
    if not all(map(_LETTERS.search, said)):
        return []
    defined = ((_DEFINES.fullmatch(one), one) for one in said)
    return [(found["text"] if found else one).strip(" .") for found, one in defined]

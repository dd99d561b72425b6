"""Numbers and sentences of a text, made ready for the grammars of values and terms."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text_to_num import alpha2digit

from matcher.core.amount_marks import with_british_marks
from matcher.core.kept import kept
from matcher.sources.wording.welsh import in_english

NUMBER = (
    r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,2})?"
    r"|\d{1,3}(?: \d{3}){1,4}(?:\.\d\d)?(?!\d|,\d)"
    r"|\d{1,12}(?:\.\d{1,4})?"
)
"""A pattern of a number, with commas, spaces or nothing between its thousands."""
UNIT = (
    r"billion|bn|million|mn|mill?|m|thousand|thou|k"
    r"|(?<!\d{4} )(?<!,\d{3} )(?<!\d{3} \d{3} )grand(?! (?:pianos?|total)\b)"
)
"""A pattern of what a number may be multiplied by.  In '£45,000 Grand Avenue' it is a name."""
_UNITS = {"b": 1e9, "m": 1e6, "t": 1e3, "k": 1e3, "g": 1e3}
_LONGEST_SENTENCE = 2_000
_LONGEST_SHOWN = 140
_LARGE = re.compile(r"(\d) ?(billion|million|thousand)\b", re.IGNORECASE)
_LARGE_SIGNS = {"billion": "bn", "million": "m", "thousand": "k"}
_HALF = re.compile(
    r"\b(\w{1,12}) and (?:a (half|quarter)|three[ -]quarters?) (billion|million|thousand|years?)\b"
    r"|\bhalf a (million|billion)\b|\ba (million|billion|thousand) pounds\b",
    re.IGNORECASE,
)
_DIGIT_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_POINT = re.compile(
    rf"\b({'|'.join(_DIGIT_WORDS)}) point ({'|'.join(_DIGIT_WORDS)}) (billion|million)\b",
    re.IGNORECASE,
)
_LARGE_COMMA = re.compile(
    r"\b(million|thousand),? (?:and )?"
    r"(?=(?:[a-z]+(?:[ -](?:and )?[a-z]+){0,3} )?(?:hundred|thousand)\b)",
    re.IGNORECASE,
)
"""Within 'two million, five hundred thousand'."""
_HALVES = re.compile(
    r"\b(?:an? )?(?P<n>half|quarter|three[ -]quarters) of an? (?P<unit>million|billion)\b"
    r"|\ban? (?P<time>year|month) and a half\b",
    re.IGNORECASE,
)
_PARTS = {"half": "0.5", "quarter": "0.25", "three-quarters": "0.75", "three quarters": "0.75"}
_WORD_OF_NUMBER = (
    r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w{3,5}teen|twenty"
    r"|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million)\b"
)
_BETWEEN = re.compile(
    rf"\b(between (?:{_WORD_OF_NUMBER}[ -]){{1,6}})and (?={_WORD_OF_NUMBER})", re.IGNORECASE
)
"""A range whose 'and' is not that of one number: 'between eighty and one hundred thousand'."""
_HALF_YEAR = re.compile(r"\bhalf an? year\b", re.IGNORECASE)
_DECADES = re.compile(r"\b(?:a|one|(?P<two>two)) decades?\b", re.IGNORECASE)
_HYPHENED = re.compile(r"([a-z])-(years?|months?|weeks?)\b", re.IGNORECASE)
_POUND_SIGN = re.compile(
    r"&pound;|&#163;|&#[xX][aA]3;|Â£|￡|₤(?= ?\d)|(?:\ufffd|œ)(?= ?\d)"
    r"|(?<![^\s(:])\?(?=\d{1,3},\d{3}\b)"
)
"""Pound signs, also those that an encoding spoiled: '\ufffd60,000', '?60,000'."""
_WIDE = {0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF0C: ",", 0xFF0E: "."}
"""Full-width digits, comma and point."""
_JOINED = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl"}
"""Letters that are set as one: '\ufb01ve years'."""
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75", "1/2": ".5", "1/4": ".25", "3/4": ".75"}
_FRACTION = re.compile(
    r"(?<=\d) ?([½¼¾])"
    r"|(?<![\d½¼¾/])([½¼¾]|1/2|[13]/4)(?= ?(?:of an? )?(?:m|mn|million|bn|billion)\b)",
    re.IGNORECASE,
)
"""A part of a number, or of a million: '2½ years', '£¼m', '1/4 million'."""
_POINTS = re.compile(r"(?<=£)(?: ?)[1-9]\d{0,2}(?:\.\d{3}){1,3}(?:,00)?(?![\d.]| ?(?:m|b|k|t))")
"""Points between thousands: '£60.000,00'."""
_POINTS_AND_PENCE = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:\.\d{3}){1,3},\d\d(?![\d.,])")
"""Points between thousands and a comma before pence: '60.000,00 GBP'."""
_SWISS = re.compile(r"(?<![\d.,'’])\d{1,3}(?:['’]\d{3})+(?![\d'’])")
"""Apostrophes between thousands: "£60'000"."""
_PENCE = re.compile(r"((?:£ ?|\b)\d{1,3}(?: \d{3}){1,4}),\d\d(?!\d)")
"""Pence after a comma: '£60 000,00'."""
_CIRCA = re.compile(r"\bc\.? ?(?=[£\d])")
_POUNDS_AFTER = re.compile(
    rf"(?<![\d.,£])({NUMBER}) ?((?:bn|m|k)?) ?(?:pounds|gbp)\b(?! ?\d)", re.IGNORECASE
)
"""The word for pounds after a number."""
_GBP = re.compile(r"\bgbp ?£? ?(?=\d)", re.IGNORECASE)
_PER = re.compile(r"(?<![^\W\d_])p\. ?([amw])\b\.?", re.IGNORECASE)
"""'p.a.' and its like, whose points end no clause."""
_EXT = re.compile(r"(?<=\d )(years?|yrs?|months?|mths?) ext\b|(?<=\d)(yrs?|mths?) ext\b", re.I)
_LEADING_POINT = re.compile(r"(?<=£)(?: ?)\.(?=\d)")
_COMMA = re.compile(r"(£ ?\d{1,3}),(\d{1,2}) ?(billion|bn|million|mn|m)\b", re.IGNORECASE)
"""A comma before decimals: '£2,4 million'."""
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200b\u202f\u205f\u3000]+")
_WORD = re.compile(r"[^\W_]|[½¼¾]")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_SENTENCE = re.compile(r"[^\n.;!?]+(?:[.](?=\d|[aceghmw]\b|vat|,)[^\n.;!?]+)*", re.IGNORECASE)
_ABBREVIATED = re.compile(
    r"(?<![^\W\d_])(?:(?P<more>c(?=\. ?(?:£|\d[\d ,]{4}|\d{1,3} (?:years|months|weeks)))"
    r"|i\.e|e\.g|inc|incl|exc|excl|ex|approx|est|max|min|no)\."
    r"|(?P<last>p\.? ?c\.? ?m|p\.? ?[amw]|v\.a\.t|yrs?|mths?)\.(?! (?-i:[A-Z][a-z])| \d{1,2}\b))",
    re.IGNORECASE,
)
"""Abbreviations whose point ends no sentence; those that may end one do before a capital letter."""
_BROKEN = re.compile(r"(£ ?\d{1,3}(?:,\d{3}){0,2},)[ \t]?\r?\n[ \t]?(?=\d{3}(?!\d))")
"""An amount that goes on in the next line: '£85,' and '000'."""
_WRAPPED = re.compile(r"(?<![.!?:;])\n(?=[a-z£(])|(?<=:)\n(?=£)")


@kept(
    1 << 8, longest=_LONGEST_SENTENCE
)  # a sentence is read as one of a term, of options and beside others
def in_digits(text: str) -> str:
    """The text with numbers in digits, and with ordinary spaces and hyphens.

    >>> in_digits("twenty-four months, two and a half years, £1.5 million")
    '24 months, 2.5 years, £1.5m'
    >>> in_digits("£0.125 a mile, £12.500 a year")  # a point after 0 is not between thousands
    '£0.125 a mile, £12,500 a year'
    """
    plain = in_english(_DASHES.sub("-", _SPACES.sub(" ", text.replace("\n", " "))))
    plain = _FRACTION.sub(_in_decimals, _GBP.sub("£", in_plain_signs(plain)))
    plain = _LEADING_POINT.sub("0.", _PER.sub(r"p\1", plain))
    plain = _POINTS.sub(lambda found: found[0].replace(".", ",").removesuffix(",00"), plain)
    plain = _POINTS_AND_PENCE.sub(lambda found: with_british_marks(found[0]), plain)
    plain = _SWISS.sub(lambda found: re.sub("['’]", ",", found[0]), plain)
    plain = _COMMA.sub(r"\1.\2 \3", _PENCE.sub(r"\1", plain))
    plain = _LARGE.sub(lambda found: found[1] + _LARGE_SIGNS[found[2].lower()], plain)
    plain = _POINT.sub(_decimal, _LARGE_COMMA.sub(r"\1 ", plain))
    plain = _BETWEEN.sub(r"\1to ", plain)
    plain = _HALF_YEAR.sub("6 months", plain)
    plain = _DECADES.sub(lambda found: "20 years" if found["two"] else "10 years", plain)
    plain = _HYPHENED.sub(r"\1 \2", _HALF.sub(_with_half, _HALVES.sub(_part, plain)))
    plain = _EXT.sub(lambda found: f"{found[1] or found[2]} extension", _CIRCA.sub("", plain))
    return _POUNDS_AFTER.sub(r"£\1\2", alpha2digit(plain, "en", 0))


def _in_decimals(fraction: re.Match[str]) -> str:
    return _FRACTIONS[fraction[1]] if fraction[1] else f"0{_FRACTIONS[fraction[2]]}"


def in_plain_signs(text: str) -> str:
    """The text with every pound sign as £, every digit as 0 to 9 and every letter alone."""
    if text.isascii() and "&" not in text and "?" not in text:
        return text
    return _POUND_SIGN.sub("£", text.translate(_WIDE | _JOINED))


def with_pound_signs(text: str) -> str:
    """The text with a sign before each number of pounds: 'GBP 5,000', '5,000 pounds'."""
    return _POUNDS_AFTER.sub(r"£\1\2", _GBP.sub("£", in_plain_signs(text)))


def _part(found: re.Match[str]) -> str:
    if found["time"]:
        return f"1.5 {found['time']}s"
    return f"{_PARTS[found['n'].lower()]}{_LARGE_SIGNS[found['unit'].lower()]}"


def _decimal(found: re.Match[str]) -> str:
    whole, part = (_DIGIT_WORDS.index(found[n].lower()) for n in (1, 2))
    return f"{whole}.{part}{_LARGE_SIGNS[found[3].lower()]}"


def _with_half(found: re.Match[str]) -> str:
    if found[4]:
        return f"0.5{_LARGE_SIGNS[found[4].lower()]}"
    if found[5]:
        return f"1{_LARGE_SIGNS[found[5].lower()]} pounds"
    whole, part = alpha2digit(found[1], "en", 0), _PARTS[(found[2] or "three quarters").lower()]
    unit = _LARGE_SIGNS.get(found[3].lower(), f" {found[3]}")
    return f"{whole}{part[1:]}{unit}" if whole.isdigit() else found[0]


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text that hold a word; one may continue on the next line."""
    return (sentence for sentence, _ in linked_sentences(text))


def linked_sentences(text: str) -> Iterator[tuple[str, bool]]:
    """The sentences of a text, each with whether a semicolon joins it to the one before."""
    joined = _WRAPPED.sub(" ", _BROKEN.sub(r"\1", in_plain_signs(text)))
    joined = _ABBREVIATED.sub(lambda found: found["more"] or found["last"], joined)
    for found in _SENTENCE.finditer(joined):
        if _WORD.search(found[0]):
            yield found[0][:_LONGEST_SENTENCE], joined[found.start() - 1 : found.start()] == ";"


def value_of(number: str, unit: str | None) -> float:
    """The value of a number and its unit: ("1.5", "m") is 1,500,000."""
    plain = float(number.replace(",", "").replace(" ", ""))
    return round(plain * _UNITS.get((unit or "")[:1].lower(), 1), 2)


def short(sentence: str) -> str:
    """The sentence on one line, cut where it is long."""
    plain = " ".join(sentence.split())
    return plain if len(plain) <= _LONGEST_SHOWN else f"{plain[: _LONGEST_SHOWN - 1]}…"

"""Reads how long a contract runs from the periods of an OCDS notice.

Source: the OCDS release schema 1.1 (Period), with the lengths in years, months and weeks that
British portals add, and lengths in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from matcher.sources.formats.json_values import Fields, day, ident, mapping, number, text

_LENGTHS = {
    "durationInYears": 1.0,
    "durationInMonths": 12.0,
    "durationInWeeks": 52.0,
    "durationInDays": 365.25,
}
_WHOLE_TERM, _DATED = "The contract runs for ", "The contract runs from {} to {}. "
_MONTH_DAYS = 30
"""Days of a month in notices of Scotland and Wales: 720 days are 24 months."""
_NUMBER = r"(\d{1,4}(?:\.\d{1,4})?)"
_ISO_LENGTH = re.compile(
    rf"P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T[0HMS.]{{0,12}})?",
    re.ASCII | re.IGNORECASE,
)
_LENGTH_IN_WORDS = re.compile(
    rf"{_NUMBER}[ -]?(year|yr|month|mth|week|wk|day)s?", re.ASCII | re.IGNORECASE
)
_LENGTH_FIELD = re.compile(
    r"(?:duration|length|term)?(?:in)?(year|month|week|day)s?", re.ASCII | re.IGNORECASE
)
"""The field of a length, as exports spell it: DurationInMonths, duration_months, months."""
_UNIT = re.compile("year|month|week|day|yr|mth|wk", re.IGNORECASE)
_UNITS = {"y": "durationInYears", "m": "durationInMonths", "w": "durationInWeeks"}
"""The field of a length, by the first letter of its unit; days are not listed."""
_LONGEST_YEARS = 100
"""A longer length stands for one that is not known, such as 9999 months."""
_LONGEST_WORDS = 80


def contract_ends(periods: Iterable[object], awarded: date) -> tuple[date | None, date | None]:
    """When a contract ends, and when its last extension would, by the first period that says it.

    A length without dates counts from the day of the award.  A period that ends before it starts
    says nothing.  None where no period says it.
    """
    for value in periods:
        period = mapping(value)
        start = day(period.get("startDate")) or awarded
        end, most = day(period.get("endDate")), day(period.get("maxExtentDate"))
        years = years_of_period(value)
        if end and end < (day(period.get("startDate")) or end):
            continue  # one of the two days is wrong
        if end is None and years is not None and years < _LONGEST_YEARS:
            end = start + timedelta(days=round(years * 365.25))
        if end is not None:
            return end, most if most and most > end else None
    return None, None


def years_of(holder: Fields) -> float | None:
    """The length of a contract with its options in years, or None where it is not given."""
    period = holder.get("contractPeriod")
    if not period:
        period = {key: holder[key] for key in _LENGTHS if key in holder}
    years = years_of_period(period)
    if years is None or mapping(period).get("maxExtentDate"):
        return years
    return round(years + _option_years(holder, years), 2)


def _option_years(holder: Fields, years: float) -> float:
    """The years by which options may lengthen a contract of `years`, as far as it says so."""
    described = (("renewal", "hasRenewal"), ("options", "hasOptions"))
    given = [mapping(holder.get(key)) for key, said in described if holder.get(said) is not False]
    period = mapping(holder.get("contractPeriod"))
    return max((_renewal_years(one, years, period) for one in given if one), default=0.0)


def _renewal_years(renewal: Fields, years: float, period: Fields) -> float:
    """The years of one renewal; 0 where `years` already holds what its description says."""
    if length := years_of_period(renewal.get("period")):
        return length * (number(renewal.get("maximumRenewals")) or 1.0)
    description = text(renewal.get("description"))
    if not description:
        return 0.0
    from matcher.sources.wording.terms import contract_term, options_of  # slow to import

    dates = [day(period.get(key)) for key in ("startDate", "endDate")]
    dated = contract_term(_DATED.format(*dates) + description) if all(dates) else None
    options = options_of(description, years)
    if options is None:
        return dated.options if dated else 0.0
    return options


def years_of_period(value: object) -> float | None:
    """The years of a period with every extension that it allows, by its dates or its length."""
    if not value:
        return None
    period = _with_length(value)
    start = day(period.get("startDate"))
    ends = [day(period.get(key)) for key in ("endDate", "maxExtentDate")]
    days = [(end - start).days for end in ends if start and end]
    told = [years for d in days if (years := round(d / 365.25, 2)) > 0]
    if told:
        return max(told)
    if iso := _ISO_LENGTH.fullmatch(ident(period.get("duration"))):
        years, months, weeks, days_ = (float(part or 0) for part in iso.groups())
        if told_years := round(years + months / 12 + weeks / 52 + days_ / 365.25, 2):
            return told_years
    days_given = number(period.get("durationInDays")) or 0.0
    if days_given >= _MONTH_DAYS and days_given % _MONTH_DAYS == 0 and days_given % 365:
        return round(days_given / _MONTH_DAYS / 12, 2)
    lengths = ((number(period.get(key)), parts) for key, parts in _LENGTHS.items())
    length_in_years = (length / parts for length, parts in lengths if length and length > 0)
    return next((round(n, 2) for n in length_in_years if n <= _LONGEST_YEARS), None)


def _with_length(value: object) -> Fields:
    """A period; one that is only a length, or has it in words, with the field of that length."""
    value = value[0] if isinstance(value, list) and value else value
    period = {"duration": value} if isinstance(value, str) else _usual_fields(mapping(value))
    told = period.get("duration")
    if mapping(told):
        number_, unit = mapping(told).get("value"), mapping(told).get("unit")
    else:
        number_, unit = told, period.get("durationUnit") or period.get("unit")
    words = ident(told) if not ident(unit) else f"{number(number_) or 0.0:g} {ident(unit)}"
    found = _LENGTH_IN_WORDS.fullmatch(words)
    if not found:
        years = years_in_words(words)
        return {**period, "durationInYears": years} if years else period
    return {**period, _UNITS.get(found[2][0].lower(), "durationInDays"): found[1]}


def _usual_fields(period: Fields) -> Fields:
    """A period whose lengths are numbers in the usual fields, however these are spelt.

    >>> _usual_fields({"duration_in_months": "thirty-six"})
    {'durationInMonths': 36.0}
    """
    usual: dict[str, object] = {}
    for key, value in period.items():
        found = _LENGTH_FIELD.fullmatch(key.replace("_", ""))
        name = f"durationIn{found[1].title()}s" if found else key
        usual[name] = _length(value, name) if found else value
    return usual


def _length(value: object, field: str) -> float | None:
    """The number in a field of a length, which may be in words, with a unit or without."""
    value = mapping(value).get("value") if mapping(value) else value
    if (told := number(value)) is not None:
        return told
    words = ident(value)
    if words and not _UNIT.search(words):
        words = f"{words} {field.removeprefix('durationIn').lower()}"
    years = years_in_words(words)
    return round(years * _LENGTHS[field], 2) if years else None


def years_in_words(length: str) -> float | None:
    """The years of a length in words, with its options: "three years + 1 + 1"; None without one."""
    is_number = length.isdecimal() or _ISO_LENGTH.fullmatch(length)
    if not length or len(length) > _LONGEST_WORDS or is_number:
        return None
    from matcher.sources.wording.terms import contract_term  # slow to import, and seldom needed

    term = contract_term(_WHOLE_TERM + length)
    return round(term.longest, 2) if term else None

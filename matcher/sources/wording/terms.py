"""How long a contract runs, as a specification states it in words: terms, dates and options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from matcher.core.kept import kept
from matcher.sources.wording.contract_dates import (
    DatedTerm,
    dated_term,
    extended_to,
    start_and_end,
    without_weekdays,
    years_between,
    years_to_latest_end,
)
from matcher.sources.wording.extensions import EQUAL, may_extend
from matcher.sources.wording.lengths import exact, with_sums
from matcher.sources.wording.number_words import in_digits, sentences, short
from matcher.sources.wording.option_words import AN_OPTION
from matcher.sources.wording.term_lengths import (
    ContractTerm,
    adds_up_options,
    extensions_in,
    term_in,
)

_LONGEST_DATES = 20_000
"""Characters in which a start date with an end date is looked for."""
_NEAR = 200
"""Characters after a start and an end in which their options are looked for."""
_NEARLY = 0.1
"""Years by which a description may differ from the length that a notice gives."""
LONGEST_TERM = 40.0
"""Most years of a contract; a longer time is not read as its term."""

_EQUAL_PARTS = re.compile(
    r"\W{0,3}(\d{1,2}(?: ?(?:years?|yrs?|months?))?)(?: ?(?:\+|plus) ?\1){1,5}"
    r" ?(?:years?|yrs?|months?)?\W{0,3}(?:\Z|(?<=[,.;(-] ))",
    re.IGNORECASE,
)
"""What begins with a sum of options alone: '1+1 years', not '3+1'."""
_HOLDS = re.compile(
    r"\b(?:duration|length|period|term|\d{1,3} (?:months|years))(?: \w{1,12}){0,3} inclu\w{1,6} "
    r"(?:\w{1,12} ){0,4}(?:extensions?|options?)\b",
    re.IGNORECASE,
)
"""Words for a length that holds its extensions: 'the 60 months includes an extension'."""
_OPTIONS_IN = re.compile(
    r"\b(length|term|duration|period),? \(?(?:including|incl|inclusive of|with) "
    r"(?:(?:all|any|the|possible|potential) ){0,2}(?:extensions?|options?)(?: periods?)?\)?"
    r"(?= ?(?::|is\b|of\b))",
    re.IGNORECASE,
)
"""A label of a length that holds its options: 'Contract length including extensions: 6 years'."""
_ALL_THERE_IS = re.compile(
    r"\b(?:in all|maximum|overall|total)\b"
    r"(?! (?:\w{1,14} ){0,2}?(?:budget|costs?|price|spend|sum|value)\b)",
    re.IGNORECASE,
)
"""In the sentence of a length, words for one that holds the options before it."""
_LABEL_LINE = re.compile(
    r"(?:^|(?<=\n))[ \t]{0,8}((?:(?:the|contract|agreement|framework|initial|total|overall"
    r"|optional|possible|permitted|potential|maximum|minimum|available|proposed|estimated|expected"
    r"|anticipated|intended|fixed|core|service) ){0,3}"
    r"(?:(?:duration|length|period|term)(?: of (?:the )?(?:contract|agreement|framework))?"
    r"|(?:extensions?|renewals?)(?: (?:options?|periods?))?|options?(?: to extend)?"
    r"|description of renewals)) ?:?"
    r"(?:[ \t]?\r?\n\n?(?=[^\n]{1,40}\b(?:years?|months?|weeks?)\b)"
    r"|(?P<unit> \(?(?:in )?(?:years|months)\b\)?)[ \t]?:?\r?\n\n?(?=\d{1,3}[ \t]*(?:\r?\n|\Z)))",
    re.IGNORECASE,
)
"""A label with the length on the next line."""
_RUNS = re.compile(
    r"\b(?:agreement|arrangement|awarded|commissioned|commence\w{0,3}|concession|contract|contracts"
    r"|duration|framework|initial|initially|lasts?|length|let|period|run|runs|term)\b"
    r"|\beach of (?:(?:the|its|these) )?\d{1,2} years\b"
    r"|\b(?:an?|each|per) (?:annum|year) for \d{1,2} years\b"
    r"|\+ ?\d{1,2} basis\b|\blots ?: ?(?=\d)|\blots (?:are|run|will (?:be|run)) for \d"
    r"|\d (?:years?|months?) (?:from|commencing|starting|beginning)(?: on)? (?:the )?\d"
    r"|\bfrom \S{1,12}(?: \w{3,9} \d{2,4})? for \d{1,2} (?:years?|months?)\b"
    r"|\bfor \d{1,2} (?:years?|months?) at (?:(?:an? )?(?:charge|cost|fee|price|rate) of )?"
    r"£ ?[\d,.]{1,12}k? ?(?:(?:an?|each|per) (?:month|quarter|week|year|annum)|p\.?[am])\b",
    re.IGNORECASE,
)
_MAY_BE = re.compile(
    r"\b(?:ability|can|entitled|may|might|options?|optional|possib\w{2,5}|right|scope)\b"
    r"|^\W{0,3}(?:\w{1,12} ){0,2}(?:extensions?|renewals?)(?: \w{1,12}){0,2} ?:",
    re.IGNORECASE,
)
"""In a sentence before that with the term, words for an option that may be used."""
_TWICE_SAID = re.compile(r"\b(\d{1,2} [^/£\n]{3,40}?) ?/ ?\1(?![\w+])", re.IGNORECASE)
"""A length in two languages, which are one by now: '2 years + 1 / 2 years + 1'."""
_PAID_FOR = re.compile(
    r"(?:\b(?:allocated|set aside|budget|costs?|fees?|funding|pay(?:able)?|price"
    r"|spend|sum|valued?|worth|maximum)\b.{0,80}?"
    r"(?:[£€$] ?\d|\b\d{1,4}(?:\.\d{1,2})?(?:k|m)\b)|\btotal\W{1,3}£ ?\d"
    r"|^\W{0,3}(?:(?:about|approx|approximately|around|est|estimated|up to) )?(?:£|gbp) ?\d"
    r"|£ ?\d[^£:]{0,20} (?:allocated|available|set aside)\b"
    r"|£ ?\d[^£:]{0,20}"
    r"(?:(?: (?:an?|each|per) | ?/ ?)(?:annum|month|quarter|week|year|yr)\b|p\.?a\b))"
    r"[^£:]{0,60}?(?:\b(?:for|over|across) | [x×*-] |, | \()(?:each of )?(?:an? |the )?"
    r"(?:(?:(?P<part>first|1st)|coming|fixed|following|full|next|initial|maximum|total|whole) )?"
    r"(?:(?:maximum|period|term) of )?(?:up to )?"
    r"(?=\d{1,2}(?:\+\d{1,2}){1,4}\W*\Z|\d{1,2}[ +\d]{0,12} ?"
    r"(?:(?:academic|calendar|financial|school) )?(?:years?|yrs?|months?|mths?|weeks?)\b"
    r"(?!['’]|[ -](?:of|olds?|ago|probation\w{0,3}|notice|rent|trial|membership|warranty|training"
    r"|supply|placement)\b))",
    re.IGNORECASE,
)
"""A price up to the length that it is paid for: 'the budget is £40k a year for 3+1+1 years'."""
_OTHER_AMOUNT = re.compile(r" ?\([^()£]{0,20}£[^()£]{0,40}\)")
"""An amount in brackets, between another and the length that both are for."""
_ALONE = re.compile(
    r"\W{0,3}\d{1,2} ?(?:years?|yrs?|months?) ?(?:\( ?)?(?:\d{1,2} ?)?(?:\+|plus |firm\b|fixed\b)"
    r"|\W{0,3}\d{1,2}(?: ?\+ ?\d{1,2}){1,4} ?(?:years?|yrs?|months?)?\W{0,3}\Z"
    r"|\W{0,3}\d{1,2} ?(?:years?|yrs?|months?),? (?:then|thereafter)\b"
    r"|\W{0,3}\d{1,2} ?(?:years?|yrs?|months?),? ?\(?(?:with (?:an? |no )?|no )"
    r"(?:break|extension|option)"
    r"|\W{0,3}\d{1,2} ?(?:years?|yrs?|months?)(?: and \d{1,2} months)? ?(?:at|@) ?£"
)
"""A line with nothing but a term and its options: '2 yrs (+ 2 yrs)'."""

_BARE = re.compile(
    r"\W{0,3}(?:\d{1,2}|\w{3,6})[ -](?:years?|months)"
    r"(?:,? (?:firm|fixed|max|only|please|in total|no (?:extension|option)s?))*\W{0,3}",
    re.IGNORECASE,
)
"""A sentence that is nothing but a length, which may follow a price: '£9k a year. 3 years.'"""


def contract_term(text: str) -> ContractTerm | None:
    """The length of the contract, or None; an age or experience is not its length.

    >>> contract_term("Drivers have three years of practice. The contract is for two years.")
    ContractTerm(years=2.0, words='2 years', options=0.0)
    """
    whole = list(sentences(_LABEL_LINE.sub(r"\1\g<unit>: ", text).replace("\n£", "\n\n£")))
    found: list[ContractTerm] = []
    for at, sentence in enumerate(whole):
        term = _in_sentence(sentence, whole[at + 1 : at + 3], whole[max(0, at - 2) : at])
        if term and term.named:
            return term
        found += [term] if term else []
    dated = start_and_end(without_weekdays(in_digits(text[:_LONGEST_DATES])))
    if dated is None:
        return found[0] if found else _paid_for(whole)
    after = dated.rest[:_NEAR]
    extends = may_extend(after)
    term = _of_days(replace(dated, rest=after if extends else ""))
    return replace(term, words=short(term.words))


def _in_sentence(sentence: str, after: Sequence[str], before: Sequence[str]) -> ContractTerm | None:
    """The term of a sentence, with its options as it, those after it or those before state them."""
    digits = _plain(sentence)
    holds_options = _OPTIONS_IN.search(digits)
    digits = _OPTIONS_IN.sub(r"\1", digits)
    dated = dated_term(digits)
    term = _of_days(dated) if dated else term_in(digits)
    if term is None or not (term.named or _says_term(digits, term)):
        return None
    if not term.options:
        options = max(0.0, exact(years_to_latest_end(digits) - term.years))
        term = replace(term, options=options)
    if not (term.options or holds_options):
        term = _with_options_later(term, after, dated)
    if not (term.options or holds_options):
        options_first = [] if _ALL_THERE_IS.search(digits) else before
        options_first = [one for one in options_first if _is_of_options(_plain(one))]
        term = _with_options_later(term, options_first, dated)
    if not 0 < term.years <= term.longest <= LONGEST_TERM:
        return None
    sure = term.named or term.options > 0
    return replace(term, words=short(term.words), named=sure)


def _plain(text: str) -> str:
    """A text with its numbers in digits, its lengths added up and its dates without weekdays."""
    return with_sums(_plain_words(text))


def _plain_words(text: str) -> str:
    return without_weekdays(_TWICE_SAID.sub(r"\1", in_digits(text)))


def _says_term(digits: str, term: ContractTerm) -> bool:
    """Whether a sentence speaks of a contract, without calling its length the contract's."""
    may_extend = term.options and AN_OPTION.search(digits)
    return bool(may_extend or _RUNS.search(digits) or _ALONE.match(digits))


def _paid_for(whole: list[str]) -> ContractTerm | None:
    """The length of the contract, read from a price: "£40k a year for 3 years"."""
    for at, sentence in enumerate(whole):
        after = whole[at + 1] if at + 1 < len(whole) else ""
        digits = _plain(f"{sentence}, {after}" if _BARE.fullmatch(_plain(after)) else sentence)
        digits = _OTHER_AMOUNT.sub("", digits)
        price = _PAID_FOR.search(digits)
        rest = digits[price.end() :] if price else ""
        term = term_in(rest)
        if price and price["part"] and not (term and term.options):
            term = None
        if term and not term.options:
            term = _with_options_later(term, whole[at + 1 : at + 3], None)
        if term and 0 < term.years <= term.longest <= LONGEST_TERM:
            return replace(term, words=short(term.words))
    return None


def _of_days(dated: DatedTerm) -> ContractTerm:
    """A term by its days; its options end on a later day, or else have a length."""
    term = ContractTerm(dated.years, dated.words, dated.options, named=True)
    more = term if term.options else extensions_in(dated.rest, dated.years)
    return replace(term, years=more.years, options=more.options)


def _is_of_options(digits: str) -> bool:
    """Whether the lengths of a sentence are those of options alone: 'Option to extend: 1 year'."""
    return _MAY_BE.search(digits) is not None and term_in(digits) is None


def _with_options_later(
    term: ContractTerm, after: Sequence[str], dated: DatedTerm | None
) -> ContractTerm:
    """A term with its options as the sentences after the one with its length say them."""
    for sentence in after:
        digits = _plain(sentence)
        if may_extend(digits):
            own = term_in(digits)
            if own and own.options and abs(own.longest - term.years) < EQUAL:
                return replace(term, years=own.years, options=own.options)
            until = extended_to(digits)
            if dated and until and until > dated.last:
                return replace(term, options=years_between(dated.last, until))
            more = extensions_in(digits, term.years)
            if more.options:
                return replace(term, years=more.years, options=more.options)
    return term


@kept(1 << 8, longest=_LONGEST_DATES)  # the lots of a notice often share one
def options_of(description: str, years: float) -> float | None:
    """The years that a description of renewals or options adds to a contract of `years`.

    0 where these years hold them already, as far as the description says so; None where it gives
    no length.
    """
    digits = _plain(description)
    if _HOLDS.search(digits):
        return 0.0
    is_of_options = _EQUAL_PARTS.match(_plain_words(description)) or adds_up_options(digits)
    for own in (contract_term(description), term_in(digits)):
        if own and own.options and abs(own.longest - years) < _NEARLY and not is_of_options:
            return 0.0
        if own and own.options and abs(own.years - years) < _NEARLY:
            return own.options
    return max(0.0, round(extensions_in(f"plus {digits}", years).longest - years, 2)) or None

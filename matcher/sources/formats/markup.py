"""Takes HTML out of texts, and restores the line breaks that a feed wrote as letters."""

from __future__ import annotations

import html
import re

_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f\x80-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u2069\ufeff\ud800-\udfff]"
)
_ESCAPED_SIGN = re.compile(r"_x00[01][0-9A-F]_", re.IGNORECASE)
"""How a spreadsheet writes a line break and the like in its file: `_x000D_`."""
_WINDOWS_SIGN = re.compile(r"[\x80\x82-\x84\x86-\x8c\x8e\x91-\x9c\x9e\x9f]")
"""Signs of Windows-1252 that a feed gave as control characters: \x92 for ’."""
_READ_AS_WINDOWS = re.compile(
    r"Â[\xa0-\xbf]|Ã[\x80-\x9f\xa0-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
    r"|Å[´µ¶·’“\x92]|â€[\x80-\x9f\xa0-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â‚¬|â„¢"
)
"""One sign in UTF-8 that was read as Windows-1252: Ã© for é, â€™ for ’, Å´ for Ŵ, Â£ for £."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MOST_ESCAPED = 2
"""Times that a text may have been escaped: '&amp;amp;'."""
_MOST_MISREAD = 3
"""Times that a text may have been read in the wrong encoding."""
_BLOCKS = "address|article|blockquote|br|dd|div|dl|dt|h[1-6]|hr|li|ol|p|section|table|tr|ul"
_INLINE = (
    "a|abbr|b|cite|code|center|del|em|font|i|ins|label|mark|o:p|q|s|small|span"
    "|strike|strong|sub|sup|tbody|td|tfoot|th|thead|tt|u"
)
_UNSEEN = re.compile(r"<!--[^<>]{0,2000}-->")
_BLOCK = re.compile(rf"</?(?:{_BLOCKS})(?:\s[^<>]{{0,2000}})?/?>", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]>", re.IGNORECASE)
_TAG = re.compile(rf"</?(?:{_INLINE})(?:\s[^<>]{{0,2000}})?/?>", re.IGNORECASE)
_RUN = re.compile(r"(?:rn)+")
_ESCAPED = re.compile(
    r"(?:\\{1,8}r\\{1,8}n)+|(?:\\{1,8}r){1,20}(?=\n|$)|(?:\\{1,8}n){1,20}(?=[A-Z0-9•*\s-]|$)"
)
"""Line breaks that were escaped, once or several times; half of one may be left: `\\r`."""
_ESCAPED_ALL = re.compile(r"(?:\\{1,8}r)?\\{1,8}n|(?:\\{1,8}r){1,20}(?=\n|$)")
"""The same in a text that has them with `\\r`: there no path of a file has to be spared."""
_ESCAPED_WHOLE = re.compile(r"\\r\\{1,8}n")
_EXCEL = re.compile(r"_x000[dDaA]_")
"""Line breaks as Excel writes them into a sheet."""
_SLASHED = re.compile(r"(?:/r/n){1,20}(?=[A-Z0-9•*\s-]|$)|(?:%0[Dd]%0[Aa]){1,20}")
"""Line breaks written with the wrong slash, or as web addresses have them."""
_SMALL_WORD = re.compile(r"(?:and|for|of|the|to|with)\b")
"""What follows a line break and never ends a word with `rn`."""
_LONG_WORD = re.compile(r"[a-z]{5}")
_HOST = re.compile(r"[\w-]{0,60}(?:@|\.[a-z])")
"""The rest of a web or email address, after its first `rn`: 'rnli.org'."""
_IN_ADDRESS = re.compile(r"(?:://|\bwww\.)[^\s/:]{1,100}/\S{0,199}[^\s.,;:)]$")
"""A text that ends within the path of a web address."""
_LONGEST_ADDRESS = 200
_HYPHEN = re.compile(r"[-\u2010-\u2014][^\W\d_]")
"""A hyphen or dash within a word, which starts no list item: 'Severn-side'."""
_LETTERS = re.compile(r"[^\W\d_]{0,24}$")
_GOES_ON = re.compile(
    r"(?:an?|and|are|as|at|by|each|for|from|in|is|of|on|or|per|plus|that|the|to|until|which|will|with)"
    r"\b|[,;(=]"
)
"""How a text goes on after a line break within a sentence."""
_BROKEN = re.compile(r"^[^\W\d_]{0,24}?rn(?=[A-Z])")
"""What stands before a line break that is not yet restored: 'rn' in 'rnSCOPE'."""
_UNIT = re.compile(r"\d[a-z]{1,2}$")
"""An amount with its unit before a line break: '£40k', '12pm'."""
_WORDS = frozenset(
    {
        *("adjourn", "adorn", "bairn", "barn", "born", "bourn", "burn", "cairn", "cavern"),
        *("churn", "cistern", "concern", "corn", "darn", "discern", "earn", "eastern", "extern"),
        *("fern", "govern", "horn", "intern", "kern", "lantern", "learn", "modern", "morn"),
        *("mourn", "northern", "pattern", "return", "scorn", "secern", "shorn", "sojourn"),
        *("southern", "spurn", "stern", "subaltern", "sworn", "tarn", "tavern", "tern", "thorn"),
        *("torn", "turn", "urn", "warn", "western", "worn", "yarn", "yearn", "hepburn", "ahern"),
        *("astern", "bittern", "lectern", "pastern", "postern", "quern", "stubborn", "suborn"),
        *("asgwrn", "cadarn", "gadarn", "chadarn", "cern", "chwrn", "dafarn", "thafarn", "tafarn"),
        *("darn", "ddarn", "dwrn", "ddwrn", "gwern", "llusern", "sarn", "siwrn", "talwrn", "teyrn"),
        *("deyrn", "uffern", "wern"),
        *("wyvern", "acorn", "forlorn", "malvern", "severn", "redfern", "nairn", "lorn", "hearn"),
    }
)
_WHOLE = frozenset({"area", "data"})
"""Words that no `rn` after them belongs to, though `earn` is an ending."""
_ENDINGS = (
    *("eastern", "western", "northern", "southern", "burn", "turn", "thorn", "corn", "horn"),
    *("govern", "modern", "earn", "concern", "pattern", "born", "bourn", "worn", "barn"),
    *("warn", "yarn", "churn", "journ"),
)
_CLOSING = ".,:;!?)]…”’%\"'"
_BEFORE_WORD_END = "aeou"
"""Letters before `rn` at the end of English words."""
_SHORT = 3
"""Letters of a word to which no `rn` before a small word belongs."""
_NEVER_BEFORE = "bcdfghjklmnpqrstvxz"
"""Letters after which no word has `rn`: a vowel, w or y comes before it."""
_IMPOSSIBLE = re.compile(rf"[{_NEVER_BEFORE},:;!?)%]rn|\.rn(?=[A-Z])")
_WHOLE_ENDINGS = (
    *("able", "age", "ance", "ate", "ence", "ible", "ice", "ise", "ive", "ize", "ture"),
    *("area", "data", "ia", "trauma"),
)
"""Ends of words that no word with `rn` after them has: 'clearance'."""
_WITHIN_WORDS = ("frate", "quate")
"""Beginnings of words that go on with `rn`: 'fraternity', 'quaternary'."""


def without_markup(text: str) -> str:
    r"""A text without HTML: entities decoded, a block on a line of its own, other tags gone.

    Signs that are no tags stay, and so do tags that no description has, such as scripts.  Signs
    that were read in the wrong encoding are restored.

    >>> without_markup("Childrenâ€™s cafÃ©, Â£5")
    'Children’s café, £5'
    >>> without_markup("<p>Hot <b>meals</b> &amp; tea</p>Under <5 miles").splitlines()
    ['', 'Hot meals & tea', 'Under <5 miles']
    """
    for _ in range(_MOST_ESCAPED):
        if "&" in text:
            text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if not text.isascii():
        for _ in range(_MOST_MISREAD):
            text = _READ_AS_WINDOWS.sub(_read_again, text)
        text = _WINDOWS_SIGN.sub(_of_windows, text)
    if "<" in text:
        text = _BLOCK.sub("\n", _CELL.sub(" ", _UNSEEN.sub("", text)))
        text = _TAG.sub("", text)
    return text


def _of_windows(sign: re.Match[str]) -> str:
    """The sign of Windows-1252 for a control character of the same number."""
    return sign[0].encode("latin-1").decode("cp1252")


def _read_again(signs: re.Match[str]) -> str:
    """The sign whose bytes in UTF-8 were read as Windows-1252; the same text where there is none.

    A character that Windows-1252 lacks stands for the byte of its number.
    """
    content = b"".join(
        one.encode("latin-1") if "\x80" <= one <= "\x9f" else one.encode("cp1252")
        for one in signs[0]
    )
    try:
        found = content.decode("utf-8")
    except UnicodeDecodeError:
        return signs[0]
    return found if found.isprintable() or found == "\xa0" else signs[0]


def visible(text: str) -> str:
    r"""A text without signs that are not seen, such as zero-width spaces and half an emoji.

    >>> visible("Oak\u200b Meals_x000D_")
    'Oak Meals '
    """
    if "_x00" in text:
        text = _ESCAPED_SIGN.sub(" ", text)
    return text if text.isprintable() else _INVISIBLE.sub("", text)


def with_line_breaks(text: str) -> str:
    r"""A text whose line breaks a feed wrote as the letters `rn`, with line breaks.

    A word that ends in these letters keeps them.

    >>> with_line_breaks("Northernrnrnand modernrn. 2 sweepersrnLot 3. Returns")
    'Northern\nand modern\n. 2 sweepers\nLot 3. Returns'
    """
    if "_x000" in text:
        text = _EXCEL.sub("\n", text)
    if "\\" in text:
        often = bool(_ESCAPED_WHOLE.search(text))
        text = (_ESCAPED_ALL if often else _ESCAPED).sub("\n", text)
    if "/r/n" in text or "%0" in text:
        text = _SLASHED.sub("\n", text)
    if "rn" not in text:
        return text
    often = len(_IMPOSSIBLE.findall(text)) > 1
    return _RUN.sub(lambda run: _mended(run, often=often), text)


def _mended(run: re.Match[str], *, often: bool) -> str:
    """A line break, or the letters. `often`: the text has `rn` in places where no word has it."""
    text, times = run.string, len(run[0]) // 2
    letters = _LETTERS.search(text, max(0, run.start() - 24), run.start())
    before = _BROKEN.sub("", letters[0]) if letters else ""
    after, previous = text[run.end() : run.end() + 1], text[run.start() - 1 : run.start()]
    word = f"{before}rn".lower()
    is_word = (
        bool(before)
        and before.lower() not in _WHOLE
        and (word in _WORDS or word.endswith(_ENDINGS))
    )
    if times > 1:
        return "rn\n" if is_word else "\n"
    impossible = previous in _NEVER_BEFORE and len(before) > 2
    ends_sentence = previous in _CLOSING and bool(previous) and after.isupper()
    if not (ends_sentence or (impossible and after.isupper())) and _IN_ADDRESS.search(
        text[max(0, run.start() - _LONGEST_ADDRESS) : run.end() + 1]
    ):
        return run[0]
    if _HYPHEN.match(text, run.end()) and len(before) > 1 and not impossible:
        return run[0]
    is_host = previous in ".:/@" and bool(_HOST.match(text, run.end()))
    ends = not after or not after.isalpha() or after.isupper()
    if often and len(before) > 1 and (previous in _NEVER_BEFORE or (ends and before.islower())):
        return run[0] if is_word else "\n"
    unit = bool(_UNIT.search(text, max(0, run.start() - 3), run.start()))
    if (impossible or unit) and _GOES_ON.match(text, run.end()):
        return "\n"
    is_break = not is_word and (
        _is_between_words(run, before, impossible=impossible)
        or _is_break(before, previous, after, is_host=is_host, unit=unit)
    )
    return "\n" if is_break else run[0]


def _is_between_words(run: re.Match[str], before: str, *, impossible: bool) -> bool:
    """Whether a whole word stands before `rn` and another behind it, both in small letters."""
    if len(before) <= _SHORT or not before.islower():
        return False
    text, end = run.string, run.end()
    is_long = impossible and _LONG_WORD.match(text, end) and not _HOST.match(text, end)
    return bool(_SMALL_WORD.match(text, end) or is_long)


def _is_break(before: str, previous: str, after: str, *, is_host: bool, unit: bool) -> bool:
    """Whether one `rn` that ends no known word is a line break, by what is around it."""
    if previous and previous in _CLOSING:
        return not after.islower() or not is_host
    starts_anew = after.isupper() or after.isdigit() or after in ("•", "-", "–", "*", "·")
    if previous.isdigit() or (unit and (starts_anew or not after)):
        return True
    if not previous or previous.isspace():
        return starts_anew or not after or after.isspace()
    ends_word = len(before) > 1 and previous.islower()
    whole = before.lower()
    ends_known = whole.endswith(_WHOLE_ENDINGS) and not whole.endswith(_WITHIN_WORDS)
    if (len(before) > 4 and ends_known) or whole in _WHOLE:
        return True
    is_end = not after or after.isspace()
    if before.isupper() and (len(before) > 2 or (len(before) > 1 and (after.isupper() or is_end))):
        return True
    return ends_word and (
        (bool(after) and starts_anew) or (is_end and previous not in _BEFORE_WORD_END)
    )

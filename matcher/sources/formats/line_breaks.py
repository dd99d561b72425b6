"""Restores the line breaks that a feed wrote as letters: `rn`, or as escapes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_RUN = re.compile(r"(?:rn)+")
_ESCAPED = re.compile(
    r"(?:\\{1,8}r\\{1,8}n)+|(?:\\{1,8}r){1,20}(?=[\nA-Z•*]|$)|(?:\\{1,8}n){1,20}(?=[A-Z0-9•*\s-]|$)"
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
_LONG_WORD, _SHORT_WORD = re.compile(r"[a-z]{5}"), re.compile(r"[a-z]{3}")
_HOST = re.compile(r"[\w-]{0,60}(?:@|\.[a-z])")
"""The rest of a web or email address, after its first `rn`: 'rnli.org'."""
_IN_ADDRESS = re.compile(r"(?:://|\bwww\.)[^\s/:]{1,100}/\S{0,199}[^\s.,;:)]$")
"""A text that ends within the path of a web address."""
_LONGEST_ADDRESS = 200
_HYPHEN = re.compile(r"[-\u2010-\u2014][^\W\d_]")
"""A hyphen or dash within a word, which starts no list item: 'Severn-side'."""
_LETTERS = re.compile(r"[^\W\d_]{0,24}$")
_GOES_ON = re.compile(
    r"(?:all|an?|and|any|are|as|at|by|can|each|for|from|has|have|if|in|is|it|may|must|not|of|on|or|our"
    r"|per|plus|that|the|their|this|to|until|was|we|where|which|who|will|with|you)"
    r"\b|[,;(=]"
)
"""How a text goes on after a line break within a sentence."""
_BROKEN = re.compile(r"^[^\W\d_]{0,24}rn(?=[A-Z])")
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
        *(
            "wyvern",
            "acorn",
            "forlorn",
            "malvern",
            "severn",
            "chiltern",
            "redfern",
            "nairn",
            "lorn",
            "hearn",
        ),
        *("esgyrn", "cyrn", "ffwrn", "ffyrn", "chwyrn", "carn", "hurn", "kentigern", "tintern"),
        *("abercarn", "askern", "bodedern", "findern", "gilwern", "hathern", "scothern", "nevern"),
        *("stathern", "walkern", "llanwern", "llansadwrn", "penysarn", "talysarn", "hordern"),
        *("edeyrn", "llanedeyrn", "mechdeyrn"),
        *("relearn", "unlearn", "hearn", "ahearn", "kearn", "stearn", "haearn", "cadhaearn"),
    }
)
_WHOLE = frozenset(
    {
        *("area", "data", "june", "two", "who", "situ", "echo", "eco", "disco", "fresco", "tesco"),
        *("costco", "zumba", "samba", "kenya", "libya", "soya", "soho", "jericho", "morocco"),
    }
)
"""Words that no `rn` after them belongs to, though they would end as a word does: 'tworn'."""
_ENDINGS = (
    *("eastern", "western", "northern", "southern", "burn", "turn", "thorn", "corn", "horn"),
    *("govern", "modern", "concern", "pattern", "born", "bourn", "worn", "barn"),
    *("warn", "yarn", "churn", "journ"),
)
_CLOSING = ".,:;!?)]…”’%\"'*+"
_JOINING = ("/", "-", "–", "—")
"""Signs within words: 'mi-rna'."""
_BEFORE_WORD_END = "aeou"
"""Letters before `rn` at the end of English words."""
_SHORTEST, _LONG = 2, 4
"""Letters of a word that may stand before `rn`, and of one that is known by its end."""
_STARTS = ("•", "-", "–", "*", "·")
"""Signs before the item of a list."""
_SHORT = 3
"""Letters of a word to which no `rn` before a small word belongs."""
_NEVER_BEFORE = "bcdfghjklmnpqrstvxz"
"""Letters after which no word has `rn`: a vowel, w or y comes before it."""
_IMPOSSIBLE = re.compile(rf"[{_NEVER_BEFORE},:;!?)%]rn|\d\drn(?=[A-Za-z])|\.rn(?=[A-Z])")
_WHOLE_ENDINGS = (
    *("able", "age", "ance", "ate", "ence", "ible", "ice", "ise", "ive", "ize", "ture"),
    *("area", "data", "ia", "trauma", "shire"),
)
"""Ends of words that no word with `rn` after them has: 'clearance'."""
_WITHIN_WORDS = ("frate", "quate")
"""Beginnings of words that go on with `rn`: 'fraternity', 'quaternary'."""


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
    place = _Place.of(run)
    if len(run[0]) > len("rn"):
        return "rn\n" if place.ends_known_word else "\n"
    return "\n" if place.is_break(often=often) else run[0]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where `rn` stands: the letters before it in the same word, and the signs on either side."""

    text: str
    start: int
    end: int
    before: str
    previous: str
    after: str

    @classmethod
    def of(cls, run: re.Match[str]) -> Self:
        text, start, end = run.string, run.start(), run.end()
        letters = _LETTERS.search(text, max(0, start - 24), start)
        before = _BROKEN.sub("", letters[0]) if letters else ""
        return cls(text, start, end, before, text[start - 1 : start], text[end : end + 1])

    @property
    def ends_known_word(self) -> bool:
        """Whether the letters with `rn` are a word, or end as words do: 'tavern', 'Blackburn'."""
        if not self.before[-1:].islower() or self.before.lower() in _WHOLE:
            return False
        word = f"{self.before}rn".lower()
        return word in _WORDS or word.endswith(_ENDINGS)

    @property
    def is_impossible(self) -> bool:
        """Whether no word has `rn` after these letters."""
        is_after_y = self.previous == "y" and len(self.before) > _LONG
        return is_after_y or (self.previous in _NEVER_BEFORE and len(self.before) > _SHORTEST)

    @property
    def starts_anew(self) -> bool:
        """Whether a sentence or the item of a list may start behind it."""
        return self.after.isupper() or self.after.isdigit() or self.after in _STARTS

    @property
    def is_end(self) -> bool:
        """Whether nothing or a space follows."""
        return not self.after or self.after.isspace()

    def is_break(self, *, often: bool) -> bool:
        """Whether one `rn` is a line break."""
        if self._is_of_address() or self._is_before_hyphen():
            return False
        if often and len(self.before) > 1:
            ends = not self.after.isalpha() or self.after.isupper()
            if ends or self.previous in _NEVER_BEFORE:
                return not self.ends_known_word
        if (self.is_impossible or self._is_unit()) and _GOES_ON.match(self.text, self.end):
            return True
        if self.before == "s" and self.text[self.start - 2 : self.start - 1] in ("'", "’"):
            return True  # the council'srnThe
        return not self.ends_known_word and (
            self._is_between_words() or self._is_beside_word() or self._ends_word()
        )

    def _is_of_address(self) -> bool:
        ends_sentence = self.after.isupper() and self.previous in (*_CLOSING, "/")
        if ends_sentence or (self.is_impossible and self.after.isupper()):
            return False
        return bool(
            _IN_ADDRESS.search(self.text[max(0, self.start - _LONGEST_ADDRESS) : self.end + 1])
        )

    def _is_before_hyphen(self) -> bool:
        is_hyphen = bool(_HYPHEN.match(self.text, self.end))
        return is_hyphen and len(self.before) > 1 and not self.is_impossible

    def _is_unit(self) -> bool:
        return bool(_UNIT.search(self.text, max(0, self.start - 3), self.start))

    def _is_between_words(self) -> bool:
        """Whether a whole word stands before it and another in small letters behind it."""
        if len(self.before) <= _SHORT or not self.before[1:].islower():
            return False
        is_plural = self.previous == "s" and len(self.before) > _LONG
        word = _SHORT_WORD if is_plural else _LONG_WORD
        is_long = self.is_impossible and word.match(self.text, self.end)
        is_host = _HOST.match(self.text, self.end)
        return bool(_SMALL_WORD.match(self.text, self.end) or (is_long and not is_host))

    def _is_beside_word(self) -> bool:
        """Whether it stands after a sign, a digit, a space or a capital, as no word has it."""
        if self.previous in (*_CLOSING, *_JOINING) and self.previous:
            is_host = self.previous in ".:/@" and bool(_HOST.match(self.text, self.end))
            return not self.after.islower() or (not is_host and self.previous not in _JOINING)
        if self.previous.isdigit() or (self._is_unit() and (self.starts_anew or not self.after)):
            return True
        if not self.previous or self.previous.isspace():
            is_word = bool(_LONG_WORD.match(self.text, self.end))
            return self.starts_anew or self.is_end or is_word
        return self.previous.isupper() and self.after.isupper()

    def _ends_word(self) -> bool:
        """Whether the letters before it are a word, and `rn` is none of it."""
        whole = self.before.lower()
        ends_known = whole.endswith(_WHOLE_ENDINGS) and not whole.endswith(_WITHIN_WORDS)
        if (len(whole) > _LONG and ends_known) or whole in _WHOLE:
            return True
        if self.before.isupper() and len(whole) > 1:
            return len(whole) > _SHORTEST or self.after.isupper() or self.is_end
        if len(whole) <= 1 or not self.previous.islower():
            return False
        return self.starts_anew or (self.is_end and self._is_no_ending())

    def _is_no_ending(self) -> bool:
        """Whether a word of small letters that is not known would end in `rn`, or none could."""
        if self.previous not in _BEFORE_WORD_END:
            return True
        at = self.start - len(self.before) - 1
        is_apart = at >= 0 and self.text[at].isspace()  # not within an id
        return is_apart and self.before.islower() and len(self.before) > _SHORTEST

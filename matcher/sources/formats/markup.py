"""Takes HTML and signs that are not seen out of texts, and restores signs that were misread."""

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
_COMMENT = re.compile(r"<!--[^<>]{0,2000}-->")
_SCRIPT = re.compile(
    r"<(?:script|style)(?:\s[^<>]{0,2000})?>[^<]{0,20000}</(?:script|style)\s?>", re.IGNORECASE
)
_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\((?:https?://|mailto:|/)[^()\s]{0,500}\)")
_STRONG = re.compile(r"\*\*(?=\S)([^*\n]{1,500})\*\*")
"""A link and strong words as Markdown has them."""
_BLOCK = re.compile(rf"</?(?:{_BLOCKS})(?:\s[^<>]{{0,2000}})?/?>", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]>", re.IGNORECASE)
_TAG = re.compile(rf"</?(?:{_INLINE})(?:\s[^<>]{{0,2000}})?/?>", re.IGNORECASE)


def without_markup(text: str) -> str:
    r"""A text without HTML: entities decoded, a block on a line of its own, other tags gone.

    Comments, scripts and styles of HTML are left out, and so are the links and stars of Markdown.
    Signs that are no tags stay, and so do scripts in a text without tags.  Signs that were read in
    the wrong encoding are restored.

    >>> without_markup("Childrenâ€™s cafÃ©, Â£5")
    'Children’s café, £5'
    >>> without_markup("<p>Hot <b>meals</b> &amp; tea</p>Under <5 miles").splitlines()
    ['', 'Hot meals & tea', 'Under <5 miles']
    """
    for _ in range(_MOST_ESCAPED):
        if "&" in text:
            text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    text = restored(text)
    if "<" in text:
        text = _COMMENT.sub("", text)
        if _BLOCK.search(text) or _TAG.search(text):
            text = _SCRIPT.sub("", text)
        text = _TAG.sub("", _BLOCK.sub("\n", _CELL.sub(" ", text)))
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    return _STRONG.sub(r"\1", text) if "**" in text else text


def restored(text: str) -> str:
    r"""A text with its signs restored that were read in the wrong encoding.

    >>> restored("â€œteaâ€\x9d")
    '“tea”'
    """
    if text.isascii():
        return text
    for _ in range(_MOST_MISREAD):
        text = _READ_AS_WINDOWS.sub(_read_again, text)
    return _WINDOWS_SIGN.sub(_of_windows, text)


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

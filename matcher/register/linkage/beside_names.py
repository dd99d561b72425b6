"""What stands beside a name: that a record is a duplicate or closed, an owner, an address."""

from __future__ import annotations

import re

from matcher.register.linkage.names_table import TABLE

_FORMS = "|".join(TABLE["legal"]["british"])
_UNITS = ("unit", "suite", "floor", "flat", "office", "room")
_NO_NAMES = frozenset({*TABLE["legal"]["british"], *_UNITS})
_ALONE = "|".join(TABLE["remarks"]["alone"])
_SENTENCE = rf"(?:(?:{_ALONE})\W+)?(?:{'|'.join(TABLE['remarks']['sentences'])})"
_ABOUT = rf"(?:{'|'.join(TABLE['remarks']['about'])})\b"
_OTHER_ACCOUNT = r"(?:use|see|refer\s+to)\s+(?:[a-z]+\s+){0,2}(?:no\.?\s*|#\s*)?[a-z]{0,3}\d{3,12}"
"""A remark that names another account: 'use vendor 204417'."""
_REMARK = rf"(?:{_SENTENCE}|{_ALONE}|{_OTHER_ACCOUNT})"
_DASH = r"(?:\s+[-–—]+\s*|\s*[-–—]+\s+)"
_BEFORE = re.compile(
    rf"^[\W_]*(?:(?:{_SENTENCE})\b[\W_]+|{_REMARK}(?:{_DASH}|\s*[])}}:*|>/_]+\s*)"
    r"|z{3,9}[\W_]+|(?:zz|x{2,9})\s*[-*_]\s*)(?=\w)",
    re.IGNORECASE,
)
_MAY_HAVE = re.compile(
    rf"\b(?:{_ALONE}|use|see|refer|pay|longer|part|member|subsidiary|behalf|registered)\b"
    r"|^\W*(?:zz|xx)|[,;] *(?:\w+ +)?\d",
    re.IGNORECASE,
)
"""A name without any of these has no remark, owner or address beside it."""
_GOES_ON = rf"(?:\W+(?:\d|use\b|see\b|refer\b|{_SENTENCE}).*)?[\W_]*$"
_AFTER = re.compile(
    rf"(?<=\w)(?:[\s.)]*[\[({{*|:]+\s*|[.)]*{_DASH}|\s+(?=(?:{_SENTENCE})\b)){_REMARK}{_GOES_ON}",
    re.IGNORECASE,
)
_AFTER_FORM = re.compile(
    rf"\b(ltd|limited|llp|plc|cic)\b[.,]?\s+{_REMARK}{_GOES_ON}", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"(?<=\w)[.)]?\s*[,;]\s*"
    rf"(?:(?:{'|'.join(_UNITS)})\s+\w{{1,4}},?(?:\s+\d{{1,4}}[a-z]?)?|\d{{1,4}}[a-z]?),?\s+"
    rf"(?:[^\W\d][\w'’.]*[ ,]+){{1,4}}(?:{'|'.join(TABLE['streets'])})\b"
    rf"(?=\s*(?:[,;.]|$|[a-z]{{1,2}}\d))(?!.{{0,200}}\b(?:{_FORMS})\b).*$",
    re.IGNORECASE,
)
"""A number and a street after a comma, and all that follows a mark, but for a legal form.

Other words after a street are of a name: "Belgrave, 14 Kings Road Management Ltd".
"""
_ABOUT_IT = re.compile(
    rf"\s?[(\[]\s*{_ABOUT}[^()\[\]]*(?:[)\]]|$)"
    rf"|(?<=\w)[.)]*(?:\s*,\s*|{_DASH}|(?:(?<=ltd)|(?<=limited)|(?<=plc))\.?\s+){_ABOUT}.*$",
    re.IGNORECASE,
)
"""What a name says of its owner: a bracket, or all that follows a mark or a legal form."""
_WORD = re.compile(r"[^\W\d_]+")


def name_alone(name: str) -> str:
    """The written `name` without such remarks, without its owner and an address after it.

    The whole name where nothing, or only a legal form or "Flat 4", would be left.

    >>> name_alone("DUPLICATE - Kestrel Care Ltd"), name_alone("Kestrel Care (do not use)")
    ('Kestrel Care Ltd', 'Kestrel Care')
    >>> name_alone("Kestrel Care (part of Heron Group) t/a Home Help"), name_alone("Part of Me")
    ('Kestrel Care t/a Home Help', 'Part of Me')
    >>> name_alone("Closed Loop Ltd"), name_alone("Kestrel Care, 4 High Street, Walsall")
    ('Closed Loop Ltd', 'Kestrel Care')
    """
    if not _MAY_HAVE.search(name):
        return name
    text = _ABOUT_IT.sub("", _BEFORE.sub("", name))
    text = _AFTER_FORM.sub(r"\1", text)
    text = _ADDRESS.sub("", _AFTER.sub("", text))
    is_name = any(word.casefold() not in _NO_NAMES for word in _WORD.findall(text))
    return text if is_name else name

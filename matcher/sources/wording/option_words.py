"""The words for an option to extend a contract, as parts of patterns."""

from __future__ import annotations

import re

EXTENSION = r"extend\w{0,4}|extensions?|prolong\w{0,4}|renew\w{0,4}"
"""'may be extended', 'renewals', 'extendable'."""
OPTION = rf"options?|optional|{EXTENSION}"
AN_OPTION = re.compile(rf"\b(?:{OPTION})\b", re.IGNORECASE)

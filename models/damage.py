"""What reading a damaged file of arrays may raise."""

from __future__ import annotations

import zipfile
import zlib
from lzma import LZMAError
from tokenize import TokenError

DAMAGE = (
    *(OSError, ValueError, LookupError, TypeError, EOFError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, LZMAError, SyntaxError, TokenError),
)

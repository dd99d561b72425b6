"""Every known provider and award: builds a register in a folder, opens it, searches it."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = [
    "Manifest",
    "NameHit",
    "NameQuery",
    "PastAward",
    "Place",
    "Register",
    "complete",
    "find_places",
    "look_up",
]

if TYPE_CHECKING:
    from matcher.register.manifest import Manifest
    from matcher.register.place_search import Place, find_places
    from matcher.register.register import PastAward, Register
    from matcher.register.search import NameHit, NameQuery, complete, look_up
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "matcher.register.manifest": ["Manifest"],
            "matcher.register.place_search": ["Place", "find_places"],
            "matcher.register.register": ["PastAward", "Register"],
            "matcher.register.search": ["NameHit", "NameQuery", "complete", "look_up"],
        },
    )

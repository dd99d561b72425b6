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
    from matcher.register.past_award import PastAward
    from matcher.register.place_search import Place, find_places
    from matcher.register.register import Register
    from matcher.register.search import NameHit, NameQuery, complete, look_up
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "matcher.register.manifest": ["Manifest"],
            "matcher.register.past_award": ["PastAward"],
            "matcher.register.place_search": ["Place", "find_places"],
            "matcher.register.register": ["Register"],
            "matcher.register.search": ["NameHit", "NameQuery", "complete", "look_up"],
        },
    )

"""Every known provider and award: builds a register in a folder, opens it, searches it."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from matcher.register.manifest import Manifest as Manifest
    from matcher.register.past_award import PastAward as PastAward
    from matcher.register.place_search import Place as Place
    from matcher.register.place_search import find_places as find_places
    from matcher.register.register import Register as Register
    from matcher.register.search import NameHit as NameHit
    from matcher.register.search import NameQuery as NameQuery
    from matcher.register.search import complete as complete
    from matcher.register.search import look_up as look_up
else:
    __getattr__, __dir__ = lazy(__name__)

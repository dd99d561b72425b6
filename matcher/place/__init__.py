"""The picture of a place: where a council's money goes, who is here, and what comes up."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = ["Picture", "picture_of"]

if TYPE_CHECKING:
    from matcher.place.picture import Picture, picture_of
else:
    __getattr__, __dir__ = lazy(__name__, {"matcher.place.picture": ["Picture", "picture_of"]})

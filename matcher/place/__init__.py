"""The picture of a place: where a council's money goes, who is here, and what comes up."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from matcher.place.picture import Picture as Picture
    from matcher.place.picture import picture_of as picture_of
else:
    __getattr__, __dir__ = lazy(__name__)

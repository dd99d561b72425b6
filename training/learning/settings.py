"""How a bundle is trained: the settings of every step, and their file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from matcher.core.parser_words import in_words
from models.errors import BundleError
from models.trees import TreeSettings

Count = Annotated[int, Meta(ge=1)]
Above = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(ge=0, le=1)]


@dataclass(frozen=True)
class TowerSettings:
    """How the embedder is learned."""

    size: Count = 128
    """dimensions of a vector while it is learned"""
    kept: Count = 64
    """dimensions kept after a rotation that orders them by importance; at most `size`"""
    epochs: Count = 8
    batch: Annotated[int, Meta(ge=2)] = 768
    rate: Above = 0.05
    hidden: Annotated[float, Meta(ge=0, lt=1)] = 0.4
    """the share of a text's or a name's parts hidden at each step"""
    name_sharpness: Above = 5.0
    text_sharpness: Above = 10.0
    least: Count = 10
    """the fewest documents with a word for it to be learned"""
    most: Annotated[float, Meta(gt=0, le=1)] = 0.12
    """the largest share of documents with a word for it to be learned"""


@dataclass(frozen=True)
class EncoderSettings:
    """How a pretrained sentence encoder is fine-tuned."""

    epochs: Count = 4
    batch: Annotated[int, Meta(ge=2)] = 512
    """pairs in a batch: more counter-examples, and more memory"""
    rate: Above = 2e-4
    decay: Annotated[float, Meta(ge=0)] = 0.01
    temperature: Above = 0.05
    pieces: Annotated[int, Meta(ge=8, le=96)] = 64
    """the pieces of a text that are read"""


@dataclass(frozen=True)
class GradeSettings:
    """How a sentence encoder is tuned on providers that people graded."""

    epochs: Count = 2
    lists: Count = 6
    """lots in a step"""
    most: Annotated[int, Meta(ge=2)] = 24
    """the most providers of a lot in a step, drawn at random"""
    pairs: Annotated[int, Meta(ge=2)] = 160
    """pairs of a name and what its bearer does in a step, where names are told"""
    rate: Above = 4e-5
    decay: Annotated[float, Meta(ge=0)] = 0.01
    pieces: Annotated[int, Meta(ge=8, le=96)] = 64
    """the pieces of a text that are read"""


class TrainingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings; a file may leave out any of them."""

    seed: int = 0
    windows: Annotated[int, Meta(ge=2)] = 4
    """the number of windows of lots; the last is held back to measure on"""
    months: Count = 1
    """the length of a window in months"""
    lots: Count = 4000
    """the most lots of a window that are learned from, spread evenly over it"""
    others: Count = 250
    """the most losing candidates of a lot that are learned from"""
    councils_only: bool = True
    """whether only lots of local government are measured on and have full weight"""
    elsewhere: Share = 0.4
    """the weight of a lot of another buyer, with `councils_only`"""
    newcomers: Share = 0.4
    """the weight of a lot that is asked again as if no provider had a record"""
    newcomers_every: Count = 3
    """one lot in so many is asked again like that"""
    people: Share = 0.5
    """the weight of a lot that people judged"""
    fewest_lots: Count = 200
    """training stops if a ranker has fewer lots than this to learn from"""
    embedder: TowerSettings = TowerSettings()
    encoder: EncoderSettings = EncoderSettings()
    grades: GradeSettings = GradeSettings()
    strong: Share = 0.5
    """the probability of relevance from which a provider is a strong match"""
    possible: Share = 0.25
    """the probability of relevance from which a provider is listed"""
    trees: TreeSettings = TreeSettings()

    @classmethod
    def read(cls, path: Path | None) -> TrainingSettings:
        """The settings in a TOML file.  Raises BundleError that names a wrong field."""
        if path is None:
            return cls()
        try:
            saved = tomllib.loads(path.read_text(encoding="utf-8"))
            read = msgspec.convert(saved, cls)
        except OSError as error:
            raise BundleError(f"--config {path}: cannot be read ({error.strerror})") from error
        except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
            raise BundleError(f"--config {path.name}: {in_words(error)}") from error
        for part, kind in (
            ("embedder", TowerSettings),
            ("encoder", EncoderSettings),
            ("grades", GradeSettings),
            ("trees", TreeSettings),
        ):
            unknown = sorted(set(saved.get(part, {})) - {one.name for one in fields(kind)})
            if unknown:
                raise BundleError(f"--config {path.name}: [{part}] has no field {unknown[0]}")
        # What a table leaves out is only a default of its class, which a report would leave out.
        whole = {part: replace(getattr(read, part)) for part in ("embedder", "encoder", "trees")}
        return msgspec.structs.replace(read, **whole)

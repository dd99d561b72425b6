"""A pretrained sentence encoder from a folder, as a network to train and as the product serves it.

The folder has `vocab.txt` and `model.safetensors`, in the layout of Hugging Face's BERT: for
example all-MiniLM-L6-v2. Nothing is downloaded, and no code of the folder runs. The shape of the
network is read from its weights, which do not show the attention heads; each has 32 numbers and the
activation is GELU, as in MiniLM. A `config.json` that says otherwise is heeded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.encoder import Encoder
from models.encoder_layers import Floats, Layer, Linear
from models.errors import BundleError
from models.wordpiece import WordPieces

_FILES = ("vocab.txt", "model.safetensors")
_LONGEST = 96
"""Pieces of a text for which a place in the text is kept."""
_HEAD = 32
NEEDS = (
    "fine-tuning needs libraries that are not installed ({}): in the folder with the product's "
    "pyproject.toml, run `pip install --editable '.[train,encoder]'`"
)


@dataclass(frozen=True)
class BaseEncoder:
    """The weights of a pretrained encoder, without the pieces that the product cannot read."""

    pieces: tuple[str, ...]
    weights: Mapping[str, Floats]
    """by their names in Hugging Face's BERT, with the rows of `pieces` alone"""
    digest: str
    """SHA-256 of the file of weights"""
    name: str

    @classmethod
    def open(cls, folder: Path) -> BaseEncoder:
        """The encoder in `folder`.

        Raises BundleError where a file is missing or the weights are not of such an encoder.
        """
        missing = [name for name in _FILES if not (folder / name).is_file()]
        if missing:
            raise BundleError(
                f"--fine-tune {folder}: has no {', '.join(missing)}; name a folder with "
                f"{', '.join(_FILES)} of a BERT sentence encoder, such as all-MiniLM-L6-v2"
            )
        _check_heads(folder)
        try:
            from safetensors.numpy import load_file
        except ModuleNotFoundError as absent:
            raise BundleError(NEEDS.format(absent.name)) from absent
        weights = {
            name.removeprefix("bert."): array.astype(np.float32)
            for name, array in load_file(folder / "model.safetensors").items()
        }
        vocabulary = (folder / "vocab.txt").read_text("utf-8").splitlines()
        kept = [i for i, piece in enumerate(vocabulary) if _readable(piece)]
        weights.pop("embeddings.position_ids", None)
        try:
            words = weights["embeddings.word_embeddings.weight"][kept]
            heads, rest = divmod(words.shape[1], _HEAD)
        except (KeyError, IndexError) as error:
            raise BundleError(
                f"--fine-tune {folder}: model.safetensors has no table of words that fits vocab.txt"
            ) from error
        if rest or not heads or "encoder.layer.0.output.dense.weight" not in weights:
            raise BundleError(
                f"--fine-tune {folder}: is not a BERT whose attention heads have {_HEAD} numbers"
            )
        digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
        weights["embeddings.word_embeddings.weight"] = words
        pieces = tuple(vocabulary[i] for i in kept)
        return cls(pieces, weights, digest, folder.name)

    @classmethod
    def of(cls, encoder: Encoder) -> BaseEncoder:
        """The weights of an encoder that the product serves, to learn further from them."""
        words = encoder.words.astype(np.float32) * encoder.word_scale[:, None]
        size = encoder.size
        weights: dict[str, Floats] = {
            "embeddings.word_embeddings.weight": words,
            "embeddings.position_embeddings.weight": encoder.places.astype(np.float32),
            "embeddings.token_type_embeddings.weight": np.zeros((2, size), np.float32),
            **_named_norm("embeddings.LayerNorm", encoder.norm),
        }
        for number, layer in enumerate(encoder.layers):
            at = f"encoder.layer.{number}."
            inside = ("query", "key", "value")
            weights |= _named(layer.attend, *(f"{at}attention.self.{name}" for name in inside))
            weights |= _named(layer.out, f"{at}attention.output.dense")
            weights |= _named_norm(f"{at}attention.output.LayerNorm", layer.norm)
            weights |= _named(layer.up, f"{at}intermediate.dense")
            weights |= _named(layer.down, f"{at}output.dense")
            weights |= _named_norm(f"{at}output.LayerNorm", layer.norm_after)
        return cls(encoder.pieces.pieces, weights, encoder.version, "the encoder")

    @property
    def layers(self) -> int:
        """The number of layers."""
        numbers = {n.split(".")[2] for n in self.weights if n.startswith("encoder.layer.")}
        return len(numbers)

    @property
    def longest(self) -> int:
        """The most pieces of a text that the product reads."""
        return min(_LONGEST, self.shape["max_position_embeddings"])

    @property
    def shape(self) -> dict[str, int]:
        """The shape of the network, by the names of Hugging Face's `BertConfig`."""
        size = self.weights["embeddings.word_embeddings.weight"].shape[1]
        return {
            "vocab_size": len(self.pieces),
            "hidden_size": size,
            "num_hidden_layers": self.layers,
            "num_attention_heads": size // _HEAD,
            "intermediate_size": len(self.weights["encoder.layer.0.intermediate.dense.bias"]),
            "max_position_embeddings": len(self.weights["embeddings.position_embeddings.weight"]),
            "type_vocab_size": len(self.weights["embeddings.token_type_embeddings.weight"]),
        }

    def encoder(
        self,
        weights: Mapping[str, Floats],
        place_names: frozenset[str],
        common: frozenset[str],
        card: Mapping[str, Any],
    ) -> Encoder:
        """The product's encoder with these weights, rounded to 8 bits.

        `weights` are named as in `self.weights`. Words of `place_names` are left out of every
        text; stems in `common` stay, even if a buyer is named so.
        """
        words = weights["embeddings.word_embeddings.weight"]
        scale = np.maximum(np.abs(words).max(axis=1), 1e-12).astype(np.float32) / np.float32(127)
        positions = weights["embeddings.position_embeddings.weight"][:_LONGEST]
        return Encoder(
            WordPieces(self.pieces),
            np.rint(words / scale[:, None]).astype(np.int8),
            scale,
            positions + weights["embeddings.token_type_embeddings.weight"][0],
            _norm(weights, "embeddings.LayerNorm"),
            tuple(_layer(weights, i) for i in range(self.layers)),
            place_names,
            common,
            card,
        )


def _check_heads(folder: Path) -> None:
    """Raise BundleError where `config.json` says that attention heads have another size."""
    config = folder / "config.json"
    if not config.is_file():
        return
    try:
        said = json.loads(config.read_bytes())
        size, heads = int(said["hidden_size"]), int(said["num_attention_heads"])
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(
            f"--fine-tune {folder}: config.json does not say hidden_size and num_attention_heads"
        ) from error
    if size != heads * _HEAD:
        raise BundleError(
            f"--fine-tune {folder}: has {heads} attention heads for {size} numbers, by its "
            f"config.json; each must have {_HEAD}, as in all-MiniLM-L6-v2"
        )


def _readable(piece: str) -> bool:
    """Whether a lower-case text in plain ASCII can have the piece."""
    return piece.isascii() and not piece.startswith("[unused")


def _layer(weights: Mapping[str, Floats], number: int) -> Layer:
    def linear(*names: str) -> Linear:
        whole = [f"encoder.layer.{number}.{name}" for name in names]
        return Linear.of(
            np.concatenate([weights[f"{name}.weight"].T for name in whole], axis=1),
            np.concatenate([weights[f"{name}.bias"] for name in whole]),
        )

    attention = "attention.self."
    return Layer(
        linear(f"{attention}query", f"{attention}key", f"{attention}value"),
        linear("attention.output.dense"),
        _norm(weights, f"encoder.layer.{number}.attention.output.LayerNorm"),
        linear("intermediate.dense"),
        linear("output.dense"),
        _norm(weights, f"encoder.layer.{number}.output.LayerNorm"),
    )


def _named(linear: Linear, *names: str) -> dict[str, Floats]:
    """The weights of a linear layer by name; several names share its outputs evenly."""
    whole = (linear.numbers.astype(np.float32) * linear.scale).T
    parts = zip(names, np.split(whole, len(names)), np.split(linear.bias, len(names)), strict=True)
    return {
        f"{name}.{kind}": np.ascontiguousarray(array)
        for name, weight, bias in parts
        for kind, array in (("weight", weight), ("bias", bias))
    }


def _named_norm(name: str, norm: tuple[Floats, Floats]) -> dict[str, Floats]:
    return {f"{name}.weight": norm[0], f"{name}.bias": norm[1]}


def _norm(weights: Mapping[str, Floats], name: str) -> tuple[Floats, Floats]:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]

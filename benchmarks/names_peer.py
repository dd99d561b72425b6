"""Scores pairs of names with nomenklatura, in an environment of its own.

    PYTHON benchmarks/names_peer.py < pairs.json > scores.json

PYTHON is one that has nomenklatura, whose requirements are not the product's.  In: a JSON list of
pairs of names.  Out: a JSON object, algorithm → {"scores": [...], "seconds": ...}.  Uses nothing of
the product.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

from followthemoney import model
from nomenklatura.matching import get_algorithm

ALGORITHMS = ("logic-v2", "er-unstable", "regression-v1")


def scored(name: str, pairs: list[tuple[str, str]]) -> dict[str, object]:
    algorithm = get_algorithm(name)
    config = algorithm.default_config()
    entities = [
        tuple(
            model.get_proxy(
                {"id": f"{i}-{side}", "schema": "Organization", "properties": {"name": [text]}}
            )
            for side, text in enumerate(pair)
        )
        for i, pair in enumerate(pairs)
    ]
    start = time.process_time()
    scores = [algorithm.compare(a, b, config).score for a, b in entities]
    return {"scores": scores, "seconds": time.process_time() - start}


if __name__ == "__main__":
    given = [tuple(pair) for pair in json.load(sys.stdin)]
    number = version("nomenklatura")
    json.dump({f"nomenklatura {number} {a}": scored(a, given) for a in ALGORITHMS}, sys.stdout)

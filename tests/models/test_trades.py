"""What suppliers are called by what they are wanted for: reading the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import BundleError
from models.trades import Trades

TABLE = Trades({"60": {"cab": 1.0, "coach": 0.5}, "601": {"cab": 2.0}, "98": {"mover": 1.5}})


def test_the_longest_known_prefix_speaks() -> None:
    assert TABLE.stems(("60", "601", "6012")) == {"cab": 2.0}
    assert TABLE.stems(("60", "602")) == {"cab": 1.0, "coach": 0.5}


def test_several_codes_of_one_length_share() -> None:
    assert TABLE.stems(("60", "98")) == {"cab": 0.5, "coach": 0.25, "mover": 0.75}


def test_of_what_is_not_known_nothing_is_said() -> None:
    assert TABLE.stems(("45", "452")) == {}
    assert TABLE.stems(()) == {}
    assert Trades().stems(("60",)) == {}


def test_what_is_saved_is_read_again_whatever_the_order() -> None:
    turned = Trades(dict(reversed(TABLE.ratios.items())))
    assert Trades.from_json(TABLE.to_json()) == TABLE
    assert list(turned.to_json()) == list(TABLE.to_json())


def test_a_bundle_without_a_table_knows_no_trades(tmp_path: Path) -> None:
    assert Trades.open(tmp_path / "trades.json") == Trades()


@pytest.mark.parametrize(
    "told", ['{"60": {"cab": "x"}}', '{"60": [1]}', "[]", '{"60": {"cab": Infinity}}', "{", "7"]
)
def test_a_damaged_table_is_refused(told: str, tmp_path: Path) -> None:
    (tmp_path / "trades.json").write_text(told)
    with pytest.raises(BundleError, match=r"trades"):
        Trades.open(tmp_path / "trades.json")

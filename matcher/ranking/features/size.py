"""Features of a provider's size."""

from __future__ import annotations

import numpy as np

from matcher.core.types import Size
from matcher.law.types import Signal
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.features.feature import SIZE, feature
from matcher.ranking.features.positions import Values
from matcher.register.columns import size_code


@feature(Signal.SIZE, SIZE)
def is_small(context: FeatureContext) -> Values:
    """Whether it is known to be micro, small or medium-sized."""
    small = [size_code(s) for s in (Size.MICRO, Size.SMALL, Size.MEDIUM)]
    return np.isin(context.register.columns.size[context.candidates.rows], small).astype(np.float32)


@feature(Signal.SIZE, SIZE)
def lot_fits(context: FeatureContext) -> Values:
    """Whether the lot's yearly value is at most half of its known yearly income."""
    lot = context.analyzed.lot
    if not lot.value:
        return np.zeros(len(context.candidates.rows), np.float32)
    yearly = lot.value / max(lot.years or 1.0, 1.0)
    income = context.register.columns.income[context.candidates.rows].astype(np.float64)
    return (np.nan_to_num(income) >= 2 * yearly).astype(np.float32)


FEATURES = (
    is_small,
    lot_fits,
)

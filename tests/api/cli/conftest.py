from __future__ import annotations

from tests.training.conftest import trained

__all__ = ["trained"]

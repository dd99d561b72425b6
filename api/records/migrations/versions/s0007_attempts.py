"""The seventh layout: the key of a request names the attempt that works on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what an earlier version worked on is nobody's now."""
    op.add_column(
        "request_keys", sa.Column("attempt", sa.String(32), nullable=False, server_default="")
    )

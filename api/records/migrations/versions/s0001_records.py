"""The first layout: entries in a chain, and the exposure drawn from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "entries",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("about", sa.String(64), nullable=False, index=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=True),
        sa.UniqueConstraint("kind", "id"),
    )
    op.create_table(
        "exposure",
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("shortlist", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(255), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("rank", sa.Integer, nullable=True),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.UniqueConstraint("seq", "provider", "event"),
    )
    op.create_index("exposure_provider", "exposure", ["provider"])
    op.create_index("exposure_day", "exposure", ["day"])

"""The sixth layout: entries name a signed-in person, bodies can be compressed, sessions end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table; bodies that are kept already stay as they are."""
    op.add_column("entries", sa.Column("person", sa.String(200), nullable=False, server_default=""))
    op.add_column(
        "entries", sa.Column("subject", sa.String(255), nullable=False, server_default="")
    )
    op.create_table(
        "ended_sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("until", sa.Integer, nullable=False),
    )

"""The third layout: entries belong to an authority, and can have a code made with a chain key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and let two authorities keep an answer under the same id."""
    op.add_column(
        "entries", sa.Column("authority", sa.String(60), nullable=False, server_default="")
    )
    op.add_column("entries", sa.Column("code", sa.String(64), nullable=False, server_default=""))
    op.add_column(
        "exposure", sa.Column("authority", sa.String(60), nullable=False, server_default="")
    )
    op.drop_index("entries_kept", "entries")
    op.create_index(
        "entries_kept",
        "entries",
        ["kind", "id", "authority"],
        unique=True,
        sqlite_where=sa.text("body IS NOT NULL"),
        postgresql_where=sa.text("body IS NOT NULL"),
    )
    op.create_index("entries_listed", "entries", ["authority", "kind", "seq"])

"""The second layout: entries name an API key, pruned ids can come again, writing can be tested."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NAMES = {"uq": "%(table_name)s_%(column_0_name)s_id_key"}  # as PostgreSQL names them


def upgrade() -> None:
    """Change `entries`, and make `write_test` with its row."""
    with op.batch_alter_table("entries", naming_convention=_NAMES) as batch:
        batch.drop_constraint("entries_kind_id_key", type_="unique")
        batch.add_column(sa.Column("key_name", sa.String(60), nullable=False, server_default=""))
    op.create_index(
        "entries_kept",
        "entries",
        ["kind", "id"],
        unique=True,
        sqlite_where=sa.text("body IS NOT NULL"),
        postgresql_where=sa.text("body IS NOT NULL"),
    )
    table = op.create_table(
        "write_test",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.bulk_insert(table, [{"id": 1, "at": ""}])

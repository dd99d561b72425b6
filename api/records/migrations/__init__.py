"""The steps from one layout of the records to the next, run by Alembic when they are opened."""

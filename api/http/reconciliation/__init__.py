"""The Reconciliation API over the register, so that OpenRefine can match a supplier list."""

"""What can be wrong with something learned."""

from __future__ import annotations


class BundleError(Exception):
    """A bundle that is missing, damaged, or not for this code; the message says which."""

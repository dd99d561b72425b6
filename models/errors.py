"""Errors in trained models."""

from __future__ import annotations


class BundleError(Exception):
    """A bundle that is missing, damaged or for another version; the message says which."""

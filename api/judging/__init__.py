"""The raters' application."""

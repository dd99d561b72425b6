"""The raters' pages, on which people judge how well providers suit lots."""

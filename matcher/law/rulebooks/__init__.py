"""The rulebooks: dated law as data, one file a jurisdiction."""

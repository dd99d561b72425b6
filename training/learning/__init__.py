"""Train a bundle from past awards."""

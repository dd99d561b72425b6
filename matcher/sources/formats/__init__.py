"""File formats, read as people really write them."""

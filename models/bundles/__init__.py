"""The bundles that ship, one folder each."""

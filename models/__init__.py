"""What was learned: text cleaning, rankers and bundles. Speaks only text and arrays."""

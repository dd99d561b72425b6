"""What was learned: text cleaning, rankers and bundles. Reads and returns text and arrays only."""

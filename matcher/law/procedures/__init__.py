"""Contract procedure rules as data, one TOML file for each council; this one is fictional."""

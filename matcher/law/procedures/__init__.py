"""Contract procedure rules that ship, one TOML file a council; the one here is fictional."""

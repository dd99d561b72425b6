"""Which records are one organisation."""

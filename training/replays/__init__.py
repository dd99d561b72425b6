"""Past lots asked again."""

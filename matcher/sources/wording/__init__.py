"""The grammar of amounts of money and lengths of time that people write in words."""

"""The grammar of numbers and lengths of time that people write in words."""

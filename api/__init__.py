"""The doors: command line now, HTTP to come. Never thinks."""

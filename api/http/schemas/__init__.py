"""The JSON bodies of the API, with worked examples."""

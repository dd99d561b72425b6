"""The HTTP API: routes, schemas, access and errors."""

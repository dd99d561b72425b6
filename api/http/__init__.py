"""The HTTP API: routes, schemas, access, problems and telemetry."""

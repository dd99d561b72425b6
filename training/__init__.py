"""Past decisions into bundles, and rankings measured. Never serves."""

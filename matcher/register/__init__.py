"""Everything known of providers and past awards, in one folder that opens at once."""

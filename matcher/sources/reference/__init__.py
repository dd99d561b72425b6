"""Reference tables: postcodes and code lists."""

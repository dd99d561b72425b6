"""Where things are: postcodes, councils, boundaries and distances."""

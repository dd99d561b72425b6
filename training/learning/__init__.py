"""Past awards into a bundle."""

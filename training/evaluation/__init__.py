"""Score rankings against judgements and compare them."""

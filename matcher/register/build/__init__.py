"""Files of records into a register that can be opened."""

"""Rankings scored and compared."""

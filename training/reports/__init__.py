"""Write reports as self-contained HTML pages from templates."""

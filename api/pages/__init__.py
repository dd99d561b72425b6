"""The officer's pages: HTML that works without JavaScript."""

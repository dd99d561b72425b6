"""The officer's pages, as HTML that works without JavaScript."""

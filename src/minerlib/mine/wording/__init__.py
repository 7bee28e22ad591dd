"""Log lines as templates."""

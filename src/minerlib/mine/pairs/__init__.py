"""What goes with what: series side by side, whitened and compared."""

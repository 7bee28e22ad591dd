"""Silences: how long they usually are, and from when on they mean something."""

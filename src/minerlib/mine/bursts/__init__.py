"""Counting what happens: heavy hitters, and bursts of events."""

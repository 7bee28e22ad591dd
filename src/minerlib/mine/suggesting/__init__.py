"""Rules derived: shapes, lines and how they fared, from a field's history in windows."""

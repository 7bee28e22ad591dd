"""The SQL of expressions: `words` are checked, `tree` reads them, the rest are the functions that they become."""

from minerlib.rule.sql.tree import compiled

__all__ = ["compiled"]

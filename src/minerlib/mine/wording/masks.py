"""What varies in any log line and means nothing by itself: times, addresses, numbers."""

import polars as pl

LONGEST = 2_000  # characters of a message that are looked at
MASK = "<*>"

_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?"
_ZONE = r"(?:Z|[+-]\d{2}:?\d{2})?"

# Each reads the same to Python's `re` and to Rust's `regex`, so that Polars can do it: no looking around.
PATTERNS = {
    "time": rf"\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +)?{_MONTH} +\d{{1,2}},? +(?:\d{{4}} +)?{_CLOCK}(?: +\d{{4}})?\b"
    rf"|\b\d{{4}}[-/.]\d{{2}}[-/.]\d{{2}}(?:[T -]\d{{2}}[:.]\d{{2}}[:.]\d{{2}}(?:[.,]\d+)?{_ZONE})?\b|\b{_CLOCK}\b",
    "uuid": r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b",
    "mac": r"\b(?:[0-9a-fA-F]{2}[:-]){5,}[0-9a-fA-F]{2}\b",
    "ip": r"/?\b\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d+)?\b",
    "path": r"(?:/[\w.@+~%:-]+){2,}/?",
    "hex": r"\b0[xX][0-9a-fA-F]+\b|\b[0-9a-fA-F]{8,}\b",
    "size": r"\b\d+(?:\.\d+)?\s?(?:[kKMGT]i?B|bytes|ms|us|ns|sec|s|m|h|d)\b",
    "number": r"\b\d+(?:\.\d+)?\b",
    "list": r"<\*>(?:[ ,:/]+<\*>)+",
}


def cleaned(message: pl.Expr) -> pl.Expr:
    """A message as one line of at most 2,000 characters: what steers a terminal, and runs of blanks, are one blank."""
    return message.str.slice(0, LONGEST).str.replace_all(r"[\p{C}\s]+", " ").str.strip_chars()


def masked(message: pl.Expr) -> pl.Expr:
    """A cleaned message with `<*>` for whatever PATTERNS know."""
    for pattern in PATTERNS.values():
        message = message.str.replace_all(pattern, MASK)
    return message

"""The findings drawn: only here Altair is loaded."""

"""Whether an archive is whole; see verify.py."""

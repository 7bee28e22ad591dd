"""What is broken in an archive, made whole; see repair.py."""

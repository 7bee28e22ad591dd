"""`python -m minerlib` is `minerlib`."""

from minerlib.cli.main import cli

cli(prog_name="minerlib")

#!/bin/sh
# Makes the virtual environment, if there is none, and installs one locked set.   usage: scripts/venv.sh .venv archive
set -eu
venv=$1 set=$2
half=$venv/half-done # there while something is installed: what a Ctrl-C leaves half done, pip cannot go on from
if [ -e "$half" ] || ! [ -x "$venv/bin/pip" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
    echo "Making $venv ..." >&2
    "${PYTHON:-python3}" -m venv --clear "$venv"
fi
touch "$half"
echo "Installing locks/$set.txt ..." >&2
# Twice quiet: errors are still told, warnings about this or that mirror are not.
pip() { "$venv/bin/python" -m pip -qq --no-input "$@"; }
pip install --require-hashes -r "locks/$set.txt" -r locks/build.txt
pip install --no-deps --no-build-isolation -e .
rm "$half"

#!/bin/sh
# Writes locks/*.txt from pyproject.toml: every version with its hashes, for any system, Python 3.11 and later.
# The biggest set is resolved first and the others keep to it. No index is named in them: pip's own setting holds.
set -eu
"$BIN/python" -m uv --version >/dev/null 2>&1 || "$BIN/python" -m pip install --quiet uv
compile() {
    "$BIN/python" -m uv pip compile --universal --python-version 3.11 --generate-hashes --upgrade \
        --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet "$@"
}
compile pyproject.toml --extra dev --output-file locks/dev.txt
for extra in lab archive; do
    compile pyproject.toml --extra $extra --constraint locks/dev.txt --output-file locks/$extra.txt
done
compile --group pyproject.toml:build --constraint locks/dev.txt --output-file locks/build.txt
wc -l locks/*.txt

#!/usr/bin/env sh
# Writes requirements.lock: every dependency of the suite and of its build, with the hash of every file of it.
set -eu
cd "$(dirname "$0")/.."

# What this machine adds to the index, or holds back, is not part of the lock: others would not find it.
export PIP_CONFIG_FILE=/dev/null
unset PIP_FIND_LINKS PIP_EXTRA_INDEX_URL PIP_CONSTRAINT

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
python3 -m venv "$tools"
"$tools/bin/python" -m pip install -qq --disable-pip-version-check pip-tools
"$tools/bin/pip-compile" --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --all-build-deps \
    --no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock pyproject.toml

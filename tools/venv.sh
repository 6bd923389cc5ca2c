#!/bin/sh
# Makes .venv with the first Python that is new enough; one that works is kept. PYTHON=... chooses.
set -eu
new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

if .venv/bin/python -c "$new_enough" 2>/dev/null && .venv/bin/python -m pip --version >/dev/null 2>&1; then
    exit 0
fi
for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
    if "$python" -c "$new_enough" 2>/dev/null; then
        if "$python" -m venv --clear .venv; then
            exit 0
        fi
        echo "make: $python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2
        exit 1
    fi
done
echo "make: Python 3.11 or newer is needed; PYTHON=... says where it is" >&2
exit 1

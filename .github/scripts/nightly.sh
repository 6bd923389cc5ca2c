#!/usr/bin/env bash
# One run: judges the service at BASE_URL by CONTRACT; history and baseline lie in nightly/ (or STATE).
# RENEW_BASELINE=true forgets the ids of the last good run.
# The exit status is that of the run: 0 holds, 1 broken, 16 not judged.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

state=${STATE:-nightly}
mkdir -p "$state"
# A loss that is accepted: the next good run is the new baseline.
if [ "${RENEW_BASELINE:-}" = true ]; then
    rm -f "$state/baseline.json"
fi
make --silent ready
options=(--history "$state/history.jsonl" --baseline "$state/baseline.json")
if [ -e fixtures/known-breakages.toml ]; then
    options+=(--known fixtures/known-breakages.toml)
fi
exec .venv/bin/python -m pytest tests/contract --base-url "$BASE_URL" --contract "$CONTRACT" "${options[@]}" "$@"

#!/usr/bin/env bash
# Starts the reference gateway on a port of this machine, and waits until it answers (10 s at most).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

port=${1:-8900}
make --silent ready
nohup .venv/bin/python -m fixtures.gateway --port "$port" >/dev/null 2>&1 &
for _ in $(seq 50); do
    if curl -sS -o /dev/null "http://127.0.0.1:$port/v1/models?limit=1" 2>/dev/null; then
        echo "$!"
        exit 0
    fi
    sleep 0.2
done
echo "the reference gateway does not answer on port $port" >&2
exit 1

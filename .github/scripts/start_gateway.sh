#!/usr/bin/env bash
# Starts the reference gateway on a port of this machine, waits until it answers (10 s at most), prints its process id.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

port=${1:-8900}
answers() { curl -s -o /dev/null "http://127.0.0.1:$port/v1/models?limit=1"; }

make --silent ready
if answers; then
    echo "something else answers on port $port already" >&2
    exit 1
fi
nohup .venv/bin/python -m fixtures.gateway --port "$port" >/dev/null 2>&1 &
for _ in $(seq 50); do
    if answers; then
        echo "$!"
        exit 0
    fi
    kill -0 $! 2>/dev/null || break
    sleep 0.2
done
echo "the reference gateway does not answer on port $port" >&2
exit 1

#!/usr/bin/env bash
# The body of the composite action: BASE_URL, CONTRACT, REPORT_DIR, ARGS and WAIT_SECONDS come from its inputs.
# Ends with the exit status of the run, and hands the verdict on. Runs on bash 3.2 too.
set -euo pipefail
called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

for input in BASE_URL CONTRACT REPORT_DIR; do
    # A line break would write lines of its own into the outputs.
    case ${!input} in
    *$'\n'* | *$'\r'*)
        echo "run_action: $input holds a line break; nothing was run" >&2
        exit 4
        ;;
    esac
done
case ${WAIT_SECONDS:=0} in
*[!0-9]* | ?????*)
    echo "run_action: wait-seconds must be a whole number from 0 to 9999, not $WAIT_SECONDS; nothing was run" >&2
    exit 4
    ;;
esac

absolute() { case $1 in /*) printf %s "$1" ;; *) printf %s "$called_from/$1" ;; esac; }

reports=$(absolute "$REPORT_DIR")
if [ -f "$called_from/$CONTRACT" ]; then
    CONTRACT=$(absolute "$CONTRACT")
fi
# xargs splits as a shell does, quotes and all, but runs nothing that ARGS may hold.
if ! words=$(printf '%s\n' "$ARGS" | xargs -n1 printf '%s\n'); then
    echo "run_action: args cannot be split, as a quote is not closed; nothing was run" >&2
    exit 4
fi
set -- --base-url "$BASE_URL" --report-dir "$reports"
if [ -n "$CONTRACT" ]; then
    set -- "$@" --contract "$CONTRACT"
fi
if [ -n "$ARGS" ] && [ -n "$words" ]; then
    while IFS= read -r word; do
        set -- "$@" "$word"
    done <<<"$words"
fi

make --silent ready
rm -f "$reports/verdict.json"
# Any answer will do, an error too: what it says is judged afterwards. Whoever never answers is judged as well.
until=$((SECONDS + WAIT_SECONDS))
while [ "$SECONDS" -lt "$until" ] && ! curl -s -o /dev/null --max-time 5 "$BASE_URL"; do
    sleep 1
done
status=0
.venv/bin/python -m pytest tests/contract "$@" || status=$?

verdict="NOT JUDGED"
if [ -f "$reports/verdict.json" ]; then
    verdict=$(.venv/bin/python -c 'import json, sys; print(json.load(open(sys.argv[1]))["verdict"])' "$reports/verdict.json")
    case $verdict in HOLDS | BROKEN) ;; *) verdict="NOT JUDGED" ;; esac
fi
{
    echo "verdict=$verdict"
    echo "exit-status=$status"
    echo "report-dir=$reports"
} >>"${GITHUB_OUTPUT:-/dev/null}"
exit "$status"

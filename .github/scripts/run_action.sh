#!/usr/bin/env bash
# The body of the composite action: BASE_URL, CONTRACT, REPORT_DIR and ARGS come from its inputs.
# Ends with the exit status of the run, and hands the verdict on.
set -euo pipefail
called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

for input in BASE_URL CONTRACT REPORT_DIR; do
    # A line break would write lines of its own into the outputs.
    case ${!input} in
    *[$'\r\n']*)
        echo "run_action: $input holds a line break; nothing was run" >&2
        exit 4
        ;;
    esac
done

absolute() { case $1 in /*) printf %s "$1" ;; *) printf %s "$called_from/$1" ;; esac; }

reports=$(absolute "$REPORT_DIR")
options=(--base-url "$BASE_URL" --report-dir "$reports")
if [ -f "$called_from/$CONTRACT" ]; then
    CONTRACT=$(absolute "$CONTRACT")
fi
if [ -n "$CONTRACT" ]; then
    options+=(--contract "$CONTRACT")
fi
# xargs splits as a shell does, quotes and all, but runs nothing that ARGS may hold.
if ! words=$(xargs -r -n1 printf '%s\n' <<<"$ARGS"); then
    echo "run_action: args cannot be split, as a quote is not closed; nothing was run" >&2
    exit 4
fi
more=()
if [ -n "$words" ]; then
    mapfile -t more <<<"$words"
fi

make --silent ready
rm -f "$reports/verdict.json"
status=0
.venv/bin/python -m pytest tests/contract "${options[@]}" "${more[@]}" || status=$?

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

"""What each exit status means, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """An exit status: what it is called, what it means, and what to do next."""

    title: str
    meaning: str
    next_step: str


STATUSES = {
    0: Status(
        "every promise holds",
        "Each case that was asked for was compared with something and agreed.",
        "Nothing. The section `What this run cannot see` of the report lists what a green run does not show.",
    ),
    1: Status(
        "a promise is broken",
        "At least one response contradicts the contract. A request that failed never leads to this status.",
        "Read the report from the top. Each broken promise has a curl line, and a command that judges it again.",
    ),
    2: Status(
        "interrupted",
        "Ctrl-C or SIGTERM ended the run. What was not reached is NOT JUDGED in the reports. make ends with 2 for all "
        "but 0.",
        "Start it again. Under make, look at the last line of the report, or run catalog-contract check.",
    ),
    3: Status(
        "internal error",
        "This suite or pytest has a defect, or a worker process died. It says nothing about the service.",
        "Report the line that begins with `internal error`, with the command and the version.",
    ),
    4: Status(
        "usage error",
        "An option, a contract or a file cannot be used as it is. Nothing was judged.",
        "The line that was printed names what is wrong, where, and what to do.",
    ),
    5: Status(
        "no rule selected",
        "`-k`, `-m` or a path selects none of the cases of this contract.",
        "Run `catalog-contract explain RULE --contract CONTRACT`: it lists the cases of a rule.",
    ),
    16: Status(
        "nothing broken, but something not judged",
        "Something could not be observed: refused, timed out, answered 5xx, or not in the recording.",
        "The section `Not judged` of the report gives each reason. Once it is mended, run again.",
    ),
    130: Status(
        "interrupted by Ctrl-C",
        "A command other than `check` was stopped at the keyboard.",
        "Start it again.",
    ),
    141: Status(
        "the reader of the output went away",
        "The output was a pipe, and what read it ended first: `catalog-contract explain | head`.",
        "Nothing, if that was meant.",
    ),
}
"""The exit statuses of this project, in ascending order."""

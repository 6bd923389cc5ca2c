"""The commands: the module of each, and what it is for. Nothing is loaded for a list of them."""

from typing import NamedTuple


class Command(NamedTuple):
    """A command. `module` is that of this package which declares and runs it."""

    module: str
    message: str


COMMANDS = {
    "init": Command("init", "draft a contract from a few polite requests to a list"),
    "check": Command("check", "judge a service, or a recording of it, by a contract"),
    "merge": Command("merge", "judge together what the shards of one run have read"),
    "counts": Command("counts", "how many items each collection lists: total, unique, expected"),
    "pages": Command("pages", "the declared pages: count, first ids, duplicates; then the bulk read"),
    "explain": Command("explain", "what a rule promises, what a cause is, or what an exit status means"),
    "show": Command("show", "what a cassette holds: each request, its status, size, rows and first ids"),
    "contract": Command("contracts", "check a contract and say what it promises"),
    "upstream-check": Command(
        "upstream_check",
        "five requests that tell an ignored offset from a short page; then each parameter, and the walk by Link",
    ),
    "upstream": Command(
        "upstream",
        "serve a stand-in for the listing API of the Hugging Face Hub on this machine: 1,352 models, pages by Link, "
        "and a defect of your choice; GET /__stats counts the requests",
    ),
}

"""`contract`: is this contract sound, and what does it promise?"""

import argparse

from catalog_contract.cli.complaint import UsageError
from catalog_contract.cli.wording import Commands, command, padded, say, wrapped
from catalog_contract.contracts.load import contract_names, contract_text, load_contract
from catalog_contract.model.contract import Collection, Contract
from catalog_contract.rules.cases import cases_of
from catalog_contract.rules.rulebook import rulebook
from catalog_contract.rules.selection import unknown_rule, why_not
from catalog_contract.util.text import DASH, counted, line, number

NO_CASE = "without a case"


def add_to(commands: Commands) -> None:
    """Declare the command."""
    made = command(commands, "contract", run)
    made.add_argument(
        "contract", metavar="NAME|PATH", nargs="?", help="a contract (left out: those shipped are listed)"
    )
    made.add_argument("--toml", action="store_true", help="print its text, to begin one of your own with")


def run(options: argparse.Namespace) -> int:
    """Print a summary of a sound contract; one that is not is refused in one line."""
    if options.contract is None:
        shipped = [load_contract(name) for name in contract_names()]
        say([f"{padded(one.name, 20)} {line(one.title, 58)}" for one in shipped])
        return 0
    if options.toml:
        say(contract_text(options.contract).splitlines())
        return 0
    contract = load_contract(options.contract)
    if wrong := unknown_rule(contract):
        raise UsageError(wrong)
    say(_head(contract), _collections(contract), _promises(contract))
    return 0


def _head(contract: Contract) -> list[str]:
    paging, caps = contract.paging, contract.paging.maximum_limit
    above = (
        f"a limit above {number(caps)} is {paging.above_maximum or 'not documented'}" if caps else "no maximum limit"
    )
    known = contract.words.items(paging.default_limit) if isinstance(paging.default_limit, int) else None
    default = known or (paging.default_limit or "not documented")
    lines = [
        f"asks {line(contract.base_url)}{line(contract.list_path)}",
        f"pages by {line(paging.style)}, {contract.words.items(paging.page_size)} a page; "
        f"without limit {default}; {above}"
        if contract.paging.by_position or contract.leads
        else "one answer holds the whole list",
        f"envelope {_schema(contract.envelope_schema)}, item {_schema(contract.item_schema)}",
        f"{counted(len(contract.bad_queries), 'bad query', 'bad queries')} to be refused, "
        f"{'detail pages' if contract.detail else 'no detail pages'}, "
        f"{'caching headers' if contract.caching.validators else 'no caching headers'}",
        f"{counted(len(contract.incidents), 'incident')} of the past",
        f"recording {line(contract.cassette)}" if contract.cassette else "no recording: give --base-url or --cassette",
    ]
    title = f"{line(contract.name, 60)} is sound: {line(contract.title)}"
    return [*wrapped(title, "", "  "), *(text for each in lines for text in wrapped(each, "  ", "    "))]


def _schema(schema: dict[str, object] | None) -> str:
    return "has a schema" if schema is not None else "has no schema"


def _collections(contract: Contract) -> list[str]:
    room = max(12, min(24, max(len(c.name) for c in contract.collections)))
    lines = [f"{padded('collection', room)}  depth  expected  within tolerance  as of"]
    for collection in contract.collections:
        lines += _collection(collection, room)
    return lines


def _collection(collection: Collection, room: int) -> list[str]:
    name = padded(line(collection.name, room), room)
    if collection.retired:
        return [f"{name}  retired since {collection.retired}: its promises are not judged"]
    low, high = collection.lowest_total, collection.highest_total
    figure = number(collection.expected_total or collection.minimum_total)
    within = DASH if low is None else f"{number(low)} or more" if high is None else f"{number(low)} to {number(high)}"
    lines = [f"{name}  {collection.depth:<5}  {figure:>8}  {within:<16}  {collection.as_of or DASH}"]
    known = f"{counted(len(collection.known_ids), 'known model')}" if collection.known_ids else ""
    also = f"also called {', '.join(map(line, collection.aliases))}" if collection.aliases else ""
    merges = "merges all others" if collection.merges else ""
    empty = "may be empty" if collection.may_be_empty else ""
    blind = "" if low is not None or known else "NO ORACLE: a catalogue that is cut short looks healthy"
    reported = "; ".join(part for part in (known, also, merges, empty, blind) if part)
    return lines + (wrapped(reported, " " * (room + 2)) if reported else [])


def _promises(contract: Contract) -> list[str]:
    """How many rules apply, and those that do not by what the contract would have to declare."""
    rules = rulebook()
    why = {rule.name: why_not(rule, contract, live=True) for rule in rules}
    cases = {rule.name: 0 if why[rule.name] else len(cases_of(rule, contract)) for rule in rules}
    missing = {name: why[name] or NO_CASE for name, amount in cases.items() if not amount}
    applying = f"{len(rules) - len(missing)} of {counted(len(rules), 'rule')} apply"
    lines = [f"Promises: {applying}, in {counted(sum(cases.values()), 'case')}"]
    if missing:
        lines.append(f"Not promised: {counted(len(missing), 'rule')}")
    for reason in dict.fromkeys(missing.values()):
        names = ", ".join(name for name, given in missing.items() if given == reason)
        lines += wrapped(f"{reason.replace('the contract does not declare', 'without')}: {names}", "  ", "    ")
    return lines

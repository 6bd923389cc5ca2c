"""What a run cannot see: statements for the reader, no causes."""

from collections.abc import Iterator, Sequence

from catalog_contract.diagnosis.view import View
from catalog_contract.model.contract import FULL, Collection, Contract
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.model.wording import Words


def coverage_notes(contract: Contract, judgements: Sequence[Judgement], pages: Sequence[PageSeen]) -> tuple[str, ...]:
    """Plain statements of what this run cannot see, for the collections that it judged or read."""
    touched = {judgement.collection for judgement in judgements} | {page.collection for page in pages}
    ran = [c for c in contract.collections if c.name in touched and not c.retired]
    full = [collection for collection in ran if collection.depth == FULL]
    counted = [collection for collection in ran if collection.depth != FULL]
    notes = [note for c in full for note in _oracle(View(contract, c.name, _of(pages, c), ()))]
    notes += _counted(counted, contract.words)
    notes += _estimated(contract)
    retired = [collection for collection in contract.collections if collection.retired]
    notes += [f"{c.name}: retired since {c.retired}; its promises are not judged." for c in retired]
    blind = sum(1 for judgement in judgements if judgement.verdict is Verdict.NOT_JUDGED)
    if blind:
        notes.append(f"{blind} case{'' if blind == 1 else 's'} could not be judged: nothing is known of them.")
    return tuple(notes)


def _of(pages: Sequence[PageSeen], collection: Collection) -> tuple[PageSeen, ...]:
    return tuple(page for page in pages if page.collection == collection.name)


def _oracle(view: View) -> Iterator[str]:
    collection = view.collection
    assert collection is not None
    name, low, expected = collection.name, collection.lowest_total, collection.expected_total
    if expected is not None and low is not None:
        yield f"{name}: {_tolerance(collection)}."
        if view.size is not None and low <= view.size < expected:
            under = f"{view.contract.words.items(view.size)} seen, {expected - view.size:,} under that figure"
            yield f"{name}: {under}: within the tolerance, so no alarm."
    elif low is not None:
        yield f"{name}: only a floor of {view.contract.words.items(low)} is given; a cut down to it would pass."
    elif collection.known_ids:
        known = len(collection.known_ids)
        nouns = view.contract.words.several_items
        yield f"{name}: no expected total given, only {known} known {nouns}; a cut that spares them would pass."
    elif view.contract.against:
        yield f"{name}: no expected total is given: a list that is cut short in both deployments would pass."
    else:
        yield f"{name}: no expected total is given: a list that is cut short would pass."


def _estimated(contract: Contract) -> Iterator[str]:
    envelope = contract.envelope
    if envelope.total is not None and not envelope.exact_total:
        yield (
            f"the contract calls {envelope.total} an estimate (total_is): a total that is wrong, or that counts items "
            "which are never listed, would pass."
        )


def _tolerance(collection: Collection) -> str:
    expected, low = collection.expected_total or 0, collection.lowest_total or 0
    dated = f" (as of {collection.as_of})" if collection.as_of else ""
    missing = f"cannot see fewer than {expected - low + 1:,} missing of {expected:,}{dated}"
    return f"the tolerance of {collection.below * 100:g} % {missing}"


def _counted(collections: list[Collection], words: Words) -> Iterator[str]:
    blind = [c.name for c in collections if c.lowest_total is None]
    if blind:
        yield f"{', '.join(blind)}: no expected total is given: a list that is cut short would pass."
    floors = [c for c in collections if c.expected_total is None and c.minimum_total is not None]
    yield from (
        f"{c.name}: only a floor of {words.items(c.minimum_total or 0)} is given; a cut down to it would pass."
        for c in floors
    )
    dated = [c for c in collections if c.expected_total is not None]
    if dated:
        worst = max(dated, key=lambda c: (c.expected_total or 0) - (c.lowest_total or 0))
        are = "is" if len(dated) == 1 else "are"
        only = f"{words.collections(len(dated))} {are} only counted, their pages not walked"
        yield f"{only}; {worst.name}: {_tolerance(worst)}."

"""Detail: the page of a single item agrees with the list. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from itertools import permutations

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.ids import lost
from catalog_contract.catalog.items import detail_differences, spread_sample
from catalog_contract.catalog.page import UNAVAILABLE, some
from catalog_contract.catalog.refusal import refused
from catalog_contract.catalog.service import Service
from catalog_contract.model.verdict import Evidence, NotJudged, Severity
from catalog_contract.rules.rule import rule


@rule(Severity.CRITICAL, needs=("detail",))
def test_a_listed_item_has_a_detail_page_that_agrees(catalog: Catalog) -> None:
    """A listed item has a detail page, and it says the same as the list.

    Why: ids with dots, upper case or several slashes break routes, and a wrong join shows another item.

    Cannot see: items outside the sample (the first, the last, unusual ids, and some between).
    """
    bulk, unread = catalog.bulk(), list[NotJudged]()
    schema = catalog.contract.schema_of(catalog.collection)
    for id_ in bulk.once(spread_sample, catalog.contract.detail.sample):
        exchange = catalog.detail(id_)
        try:
            message = detail_differences(exchange, bulk, id_, catalog.contract, schema)
        except NotJudged as reason:
            unread.append(reason)
            continue
        if message:
            bulk = catalog.bulk_again(exchange.finished)
            message = id_ in bulk.ids and detail_differences(exchange, bulk, id_, catalog.contract, schema)
        target = exchange.request.target
        assert not message, Evidence(
            f"the detail page of {some([id_])} {message}\nin {target}", exchange.curl, (target,)
        )
    if unread:
        raise unread[0]


@rule(Severity.NORMAL, needs=("detail",))
def test_an_unlisted_item_has_no_detail_page(catalog: Catalog) -> None:
    """An item that is not listed has no detail page.

    Why: a route that answers for any name, or for the beginning of one, hides a broken link.
    """
    if catalog.bulk().pages[0].fault:
        raise catalog.bulk().pages[0].not_judged()
    for unknown in unlisted(catalog.contract.detail.unknown_id, catalog.bulk().ids):
        refused(catalog.detail(unknown), f"the detail page of the unlisted {unknown}", with_reason=False)


@rule(Severity.NORMAL, needs=("detail", "parameters.collection", "several_collections"))
def test_a_detail_page_belongs_to_the_requested_collection(service: Service) -> None:
    """An item that another collection lists and this one does not has no detail page in this one.

    Why: a detail page that ignores the collection shows another provider's price.

    Cannot see: any pair of collections but the first of which one lists what the other does not.
    """
    parts = [part for part in service.parts if not part.bulk().pages[0].fault]
    lacks = ((one, other, lost(one.bulk().ids, other.bulk().unique)) for one, other in permutations(parts, 2))
    home, asked, id_ = next(((one, other, ids[0]) for one, other, ids in lacks if ids), (None, None, ""))
    if home is None or asked is None:
        raise NotJudged(
            f"no {service.contract.words.collection} was seen to list an item that another one does not list"
        )
    page = asked.detail(id_)
    if page.failure is not None or page.status in UNAVAILABLE:
        raise NotJudged(f"{page.request.target}: {page.failure or f'answered {page.status}'}", page.curl)
    target = page.request.target
    message = f"{some([id_])} has a detail page in {asked.name}, which does not list it\nin {target}"
    assert page.status != 200, Evidence(message, page.curl, (target,))


def unlisted(unknown: str, ids: tuple[str | None, ...]) -> tuple[str, str]:
    """Two ids that are not listed and look as if they were: a listed name under a strange owner, and the beginning
    of a listed id. `unknown` is an id that is not listed either, of the form owner/name."""
    listed = [id for id in ids if id]
    owner = unknown.rpartition("/")[0]
    names = (f"{owner}/{id.rpartition('/')[2]}" for id in listed if "/" in id) if owner else ()
    return next((id for id in names if id not in ids), unknown), nearly(ids)


def nearly(ids: tuple[str | None, ...]) -> str:
    """An id that is not listed and looks as if it were: the beginning of one that is."""
    listed = [id for id in ids if id]
    shorter = (id[:-1] for id in listed if len(id) > 1)
    return next((id for id in shorter if id not in ids and not id.endswith("/")), "no-such-model")

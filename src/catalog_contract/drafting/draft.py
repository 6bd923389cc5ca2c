"""The draft: what was found out, as the words of a contract, each with how sure it is."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from catalog_contract.drafting.counters import Known, counters
from catalog_contract.drafting.explore import Explored, Target
from catalog_contract.drafting.onward import onward, scalars
from catalog_contract.drafting.probe import DraftError, Unknown, Value, asked_at
from catalog_contract.drafting.seen import require_way, seen_of, seen_style
from catalog_contract.model.exchange import MISSING
from catalog_contract.model.place import Place
from catalog_contract.model.style import STYLES

Table = dict[str, Value]
GIVEN = "as given"
EXAMPLE_IDS = 3


@dataclass
class Draft:
    """The values of a contract by table and key (the top of the file is ""), and what could not be determined.

    `left_out` says in sentences which parameters of the URL given were not kept, `examples` are lines of what an API
    may promise beside its list. `sources` says what the draft was made from, `asked` by how many requests.
    """

    name: str
    item_names: str
    tables: dict[str, Table] = field(default_factory=dict)
    bad: list[tuple[str, str, str]] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    known_ids: tuple[str, ...] = ()
    total: int | None = None
    left_out: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    sources: str = ""
    asked: int = 0

    def put(self, table: str, key: str, value: object, why: str) -> None:
        """Set one value."""
        self.tables.setdefault(table, {})[key] = Value(value, why)


def draft_of(found: Explored, base_url: str, key: str = "") -> Draft:
    """The draft of a contract. `key` is the header that the key goes into, with `{key}` for it; empty without one.

    Raises DraftError where the list goes on and no way to its next page was recognised.
    """
    draft = head(found.target, base_url, key)
    style = seen_style(found)
    words = counters(seen_of(found), found.shape, _known(found))
    draft.total = _amount(found, words.get("total"))
    require_way(found, draft.total)
    draft.left_out = left_out(found)
    _parameters(draft, found, style)
    _envelope(draft, found, words, style)
    draft.put("item", "id", _id_words(found), _id_why(found))
    _paging(draft, found, style)
    _cursor(draft, found, style, base_url)
    draft.bad = list(found.bad)
    ids = [id for id in found.first_ids if id is not None]
    draft.known_ids = tuple(dict.fromkeys((*ids[:2], *ids[-1:])))[:EXAMPLE_IDS]
    return draft


def amend(draft: Draft, full: bool, absent: tuple[str, ...]) -> None:
    """Add what the first two pages have shown: whether they were full, and which counters the second left out.

    A short page counts only where the answers name the next one, so that it is known to be before the end.
    """
    if not full and draft.tables["paging"]["style"].value in ("cursor", "link"):
        draft.put("paging", "full_pages", False, "seen: a page before the end was shorter than its limit")
    stated = draft.tables["envelope"].get("optional")
    known = list(stated.value) if stated and isinstance(stated.value, list) else []
    optional = list(dict.fromkeys((*known, *(word for word in absent if word != "next_offset"))))
    if optional:
        draft.put("envelope", "optional", optional, "seen: some answers leave them out")


def names_of(base_url: str, path: str) -> tuple[str, str]:
    """The name of the contract's file, and what several items are called: from the last word of the path."""
    words = [re.sub(r"[^a-z0-9]+", "-", unquote(part).lower().removesuffix(".json")).strip("-")
             for part in path.split("/")]  # fmt: skip
    usable = [word for word in words if word and not re.fullmatch(r"v?[0-9-]+|api", word)]
    host = re.sub(r"[^a-z0-9]+", "-", (urlsplit(base_url).hostname or "list").lower()).strip("-")
    name = usable[-1] if usable else host
    return name[:60], name.replace("-", " ") if usable else "items"


def singular(names: str) -> str:
    """One of several, by the usual rules of English; `item` where these do not tell."""
    if re.search(r"(ss|us|is|news|series|data)$", names) or not names.endswith("s"):
        return "item"
    if names.endswith("ies"):
        return names[:-3] + "y"
    return re.sub(r"(ch|sh|x|ss)es$|s$", lambda found: found[1] or "", names)


def head(target: Target, base_url: str, key: str) -> Draft:
    """A draft that says whom to ask, and how."""
    draft = Draft(*names_of(base_url, target.path))
    draft.put("", "title", draft.item_names.capitalize(), "from the path: say what it is a list of")
    draft.put("", "base_url", base_url, GIVEN)
    draft.put("", "list_path", target.path, GIVEN)
    one = singular(draft.item_names)
    if one != "item":
        draft.put("", "item_name", one, "from the path: what reports call an item")
        draft.put("", "item_names", draft.item_names, "and several of them")
    if target.headers:
        draft.put("request", "headers", dict(target.headers), GIVEN)
    if target.query:
        draft.put("request", "query", dict(target.query), "fixed parameters, as given in the URL")
    if key:
        draft.put("request", "key", key, "the key itself is read from CATALOG_API_KEY and stands in no file")
    return draft


def left_out(found: Explored) -> list[str]:
    """Which parameters of the URL given were not kept, in sentences.

    Raises DraftError where one that was kept is the cursor of the list: then no answer was the beginning.
    """
    fixed = {name for name, _ in found.target.query}
    if found.cursor in fixed:
        at = asked_at(found.first.exchange)
        raise DraftError(f"{at}: {found.cursor} of the URL is the cursor of this list; leave it out")
    known = {found.named.limit, found.named.position, found.cursor, *(found.lead.query if found.lead else ())}
    names = [name for name in found.target.left_out if name in known]
    sentences = [
        f"{name} of the URL is left out, as a name that pages; this list does not page by it: if it selects items, add "
        "it to query of [request]"
        for name in found.target.left_out if name not in known
    ]  # fmt: skip
    if names:
        are = "is left out, for it pages" if len(names) == 1 else "are left out, for they page"
        sentences.insert(0, f"{' and '.join(names)} of the URL {are}: the list is asked from its beginning")
    return sentences


def _parameters(draft: Draft, found: Explored, style: str) -> None:
    named = found.named
    if named.limit and style == "none":
        why = f"`{named.limit}` sets how many items come, but no way to those after them was recognised"
        draft.unknown.append(Unknown("parameters.limit", why))
    elif named.limit:
        draft.put("parameters", "limit", named.limit, "seen: it sets the number of items on a page")
    elif style != "none":
        draft.unknown.append(Unknown("parameters.limit", "none of the usual names changed the page size", "limit"))
        if style == "offset":
            draft.put("parameters", "limit", "", "none was recognised; fill in its name if there is one")
    if style in ("offset", "page") and named.position:
        what = "it skips items" if style == "offset" else "it asks for a page by its number"
        draft.put("parameters", style, named.position, f"seen: {what}")
    if style == "cursor" and found.cursor:
        draft.put("parameters", "cursor", found.cursor, "seen: with it the next page came")


# -- the envelope ----------------------------------------------------------------------------------------------


def _known(found: Explored) -> Known:
    seen = seen_of(found)
    reach = max((one.row + one.count for one in seen if one.row is not None and one.count), default=0)
    return Known(found.default, found.count, found.named.starts_at, reach)


def _amount(found: Explored, total: Value | None) -> int | None:
    if total is None:
        return None
    place = Place(str(total.value))
    values = (place.read(one.probe.exchange) for one in seen_of(found))
    return next((value for value in values if type(value) is int), None)


def _envelope(draft: Draft, found: Explored, words: Table, style: str) -> None:
    items = str(found.shape.items)
    where = "the whole body is the list" if not items else f"seen: {found.size} items stood there"
    draft.put("envelope", "items", items, where)
    of_style = {"offset": "offset", "next_offset": "offset", "page": "page"}
    for word, value in words.items():
        if of_style.get(word, style) == style and not (style == "none" and word in ("limit", "pages")):
            draft.tables["envelope"][word] = value
    if "total" in words:
        _estimate(draft, found, style)
    elif found.stated:
        place, amount = found.stated
        why = f"{place} gave {amount:,}, but more items were listed; it is left out: an estimate, or wrong"
        draft.unknown.append(Unknown("envelope.total", why, str(place)))
    else:
        draft.unknown.append(Unknown("envelope.total", "no total was recognised", "meta.total"))
    _next(draft, found, style)
    optional = _optional(draft, found)
    if optional:
        draft.put("envelope", "optional", optional, "seen: some answers leave them out")


def _estimate(draft: Draft, found: Explored, style: str) -> None:
    """Say that the total is an estimate, and what was seen, unless an answer showed that it is exact."""
    count = found.size if style == "none" else found.count
    if count == draft.total:
        return
    place, total = draft.tables["envelope"]["total"].value, draft.total or 0
    if count is not None or found.otherwise:
        seen = f"{count:,} items came in all" if count is not None else found.otherwise
        why = f"{place} gave {total:,}, but {seen}: an estimate, or wrong; remove total_is if it should be exact"
        draft.put("envelope", "total_is", "estimate", f"seen: {seen} where it gave {total:,}")
    else:
        why = f"whether {place} is exact: {found.unseen}; remove total_is if it is"
        seen = f"NOT SEEN to be exact: {found.unseen}; remove this line if it is"
        draft.put("envelope", "total_is", "estimate", seen)
    draft.unknown.append(Unknown("envelope.total_is", why))


def _next(draft: Draft, found: Explored, style: str) -> None:
    envelope = draft.tables["envelope"]
    if style == "cursor" and found.place is not None:
        draft.put("envelope", "next", str(found.place), "seen: its value asks for the next page")
    elif found.lead and found.lead.kind == "link":
        draft.put("envelope", "next", str(found.lead.place), "seen: a link to the next page")
    elif found.lead and found.lead.kind == "number" and "next_offset" not in envelope:
        word = "next_offset" if style == "offset" else "next"
        draft.put("envelope", word, str(found.lead.place), "seen: the number that asks for the next page")
    previous = _previous(found)
    if previous and "next" in envelope and style != "cursor":
        if Place(previous).read(found.first.exchange) in (MISSING, None, ""):
            draft.put("envelope", "previous", previous, "seen: a link to the page before")
        else:
            why = f"{previous} is there on the first page too, so it may lead to newer items, not to the page before"
            draft.unknown.append(Unknown("envelope.previous", why))


def _previous(found: Explored) -> str:
    """Where a link to the page before stands, if an answer had one."""
    for probe in found.probes:
        if found.shape.ids(probe) is None:
            continue
        if Place("link:prev").read(probe.exchange) is not MISSING:
            return "link:prev"
        for path, value in scalars(probe.exchange.data, found.shape.items):
            name = path.removesuffix(".href").removesuffix(".url").rpartition(".")[2].lower()
            if name in ("prev", "previous") and isinstance(value, str) and re.match(r"https?://|[/?]", value):
                return path
    return ""


def _optional(draft: Draft, found: Explored) -> list[str]:
    """The words of the envelope that some list answer left out."""
    listed = [one.probe for one in seen_of(found)]
    absent = []
    for word in ("items", "total"):
        value = draft.tables["envelope"].get(word)
        if value is None:
            continue
        values = [Place(str(value.value)).read(probe.exchange) for probe in listed]
        if any(one is MISSING or one is None for one in values):
            absent.append(word)
    return absent


def _id_words(found: Explored) -> object:
    places = [str(place) for place in found.shape.id.places]
    return places if len(places) > 1 else places[0]


def _id_why(found: Explored) -> str:
    rows = {id for probe in found.probes for id in found.shape.ids(probe) or ()}
    together = ", together" if found.shape.id.composed else ""
    return f"seen: present in all and unique{together} among the {len(rows):,} items seen"


# -- paging ----------------------------------------------------------------------------------------------------


def _paging(draft: Draft, found: Explored, style: str) -> None:
    why = "seen: the second page came by it" if style != "none" else "no parameter that pages was recognised"
    draft.put("paging", "style", style, why)
    if style == "none":
        example = "offset, page, cursor or link"
        draft.unknown.append(Unknown("paging.style", "one answer held every item that was seen", example))
        return
    if style in ("offset", "page") and found.named.starts_at != STYLES[style].starts_at:
        draft.put("paging", "starts_at", found.named.starts_at, "seen: the first one has this number")
    if found.default:
        draft.put("paging", "default_limit", found.default, "seen: that many came without a limit, and more follow")
    else:
        why = f"{found.size} items came without a limit, and none were seen after them"
        draft.unknown.append(Unknown("paging.default_limit", why, '"all" or a number'))
    _ceiling(draft, found)
    if found.past:
        draft.put("paging", "past_the_end", found.past, "seen: far past the end")
    elif style in ("offset", "page"):
        draft.unknown.append(Unknown("paging.past_the_end", "what came far past the end was no clear sign", "empty"))
    if _short(found):
        draft.put("paging", "full_pages", False, "seen: a page before the end was shorter than its limit")


def _ceiling(draft: Draft, found: Explored) -> None:
    ceiling = found.ceiling
    if ceiling.maximum:
        why = ceiling.why if ceiling.above else f"the largest that is known to be served: {ceiling.why}"
        draft.put("paging", "maximum_limit", ceiling.maximum, why)
    if ceiling.above:
        draft.put("paging", "above_maximum", ceiling.above, "seen: what is done to a limit above it")
    elif found.named.limit:
        key = "paging.above_maximum" if ceiling.maximum else "paging.maximum_limit, paging.above_maximum"
        draft.unknown.append(Unknown(key, ceiling.why or "not asked", "refused, clamped or served"))
    if found.named.limit:
        draft.unknown.append(
            Unknown("paging.limit_zero", "what a limit of 0 does was not asked", "refused, count or all")
        )


def _short(found: Explored) -> bool:
    """Whether a page held fewer items than its limit though another one follows."""
    for one in seen_of(found):
        lead = onward(one.probe, found.shape) if found.lead and found.lead.kind in ("link", "token") else None
        over = found.ceiling.maximum and one.limit and one.limit > found.ceiling.maximum
        if lead and one.limit and 0 < one.count < one.limit and not over:
            return True
    return False


def _full_last_page(draft: Draft, found: Explored) -> None:
    """What is promised of a full last page: that it leads nowhere only where that was seen."""
    words = set(draft.tables["envelope"])
    inside = found.place is not None and found.place.startswith(f"{found.shape.items}[")
    says = words & {"next_offset", "has_more", "last"} or ("next" in words and not inside)
    if says and found.leads_at_end is not False:
        seen = "seen: a full last page leads to an empty one"
        if found.leads_at_end is None:
            seen = "NOT SEEN: a full last page may lead to an empty one; remove this line if none does"
            why = "whether a full last page leads to an empty one was not seen; remove empty_last_page if none does"
            draft.unknown.append(Unknown("cursor.empty_last_page", why))
        draft.put("cursor", "empty_last_page", True, seen)


def _cursor(draft: Draft, found: Explored, style: str, base_url: str) -> None:
    _full_last_page(draft, found)
    if found.bad_cursor and style == "cursor":
        draft.put("cursor", "bad", found.bad_cursor, "seen: what is done to a cursor that was never given")
    if found.lead and found.lead.kind == "link":
        link, home = urlsplit(str(found.lead.value)), urlsplit(base_url)
        if link.netloc and (link.scheme, link.netloc) != (home.scheme, home.netloc):
            origin = f"{link.scheme}://{link.netloc.rpartition('@')[2]}"
            draft.put("cursor", "public_origin", origin, "seen: links name this host; base_url is asked all the same")


def oracle(draft: Draft) -> Unknown:
    seen = f"{draft.total:,} is what the list says of itself" if draft.total else "the list does not say it"
    why = f"how many there should be; {seen}, and only a figure from elsewhere shows that a list was cut short"
    return Unknown("collections.expected_total", why, str(draft.total or 1000))

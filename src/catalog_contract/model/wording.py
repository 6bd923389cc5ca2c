"""What a contract calls an item and a collection, and the suite's own texts in those names."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from catalog_contract.util.text import counted, plural

_ARTICLE = r"(?:\b(?P<article>[Aa]n?)(?P<space>\s+))?"
_WORD = r"(?P<word>[Ii]tems?|[Cc]ollections?)"
# A part of a longer name (`item.id`, `next-item`, `/items`) is not a word of ours.
_NEUTRAL = re.compile(rf"(?<![\w./:=@#-]){_ARTICLE}(?<![\w./:=@#-]){_WORD}(?![\w/=@#]|[.:-]\w)")
_SERVICE = re.compile(r"\b(?P<the>[Tt]he|[Aa]) gateway(?='s log\b| is refreshed\b| lost\b| for the figure\b)")
_OF_CAUSES = re.compile(_NEUTRAL.pattern.replace(_WORD, r"(?P<word>[Mm]odels?|[Gg]ateways?)"))
_QUOTED = re.compile(r"(`[^`]*`)")
_SOUNDS_LIKE_A_CONSONANT = re.compile(r"(?:uni|use|usa|utili|eu|one|once)", re.IGNORECASE)
_SOUNDS_LIKE_A_VOWEL = re.compile(r"(?:[aeiou]|hour|heir|honest|honour)", re.IGNORECASE)


@dataclass(frozen=True)
class Words:
    """The names that reports use: one item, several items, one collection, several collections."""

    item: str = "item"
    several_items: str = "items"
    collection: str = "collection"
    several_collections: str = "collections"

    def items(self, amount: int) -> str:
        """An amount of items: `1 item`, `1,350 items`."""
        return counted(amount, self.item, self.several_items)

    def collections(self, amount: int) -> str:
        """An amount of collections: `1 collection`, `13 collections`."""
        return counted(amount, self.collection, self.several_collections)

    def render(self, text: str) -> str:
        """A text of the suite with its words item and collection replaced by the contract's.

        Only whole words are replaced, each in its number and case, with the article that fits; code between
        backticks and names such as `item.id` stay. Not for a text that quotes a service: its words are its own.
        """
        if self == NEUTRAL:
            return text
        parts = _QUOTED.split(text)
        return "".join(part if odd % 2 else _NEUTRAL.sub(self._replaced, part) for odd, part in enumerate(parts))

    def render_cause(self, text: str, names: Collection[str] = ()) -> str:
        """A text of the diagnosis, which speaks of the models of a gateway, in the contract's words.

        `names` are those of the collections, which stay as they are.
        """
        own = {name.lower() for name in names} | {self.item, self.collection}
        if {"model", "gateway"} <= own:
            return text

        def replaced(found: re.Match[str]) -> str:
            return found[0] if found["word"].lower() in own else self._replaced(found)

        parts = _QUOTED.split(text)
        return "".join(
            part if odd % 2 else _OF_CAUSES.sub(replaced, _SERVICE.sub(r"\g<the> service", part))
            for odd, part in enumerate(parts)
        )

    def _replaced(self, found: re.Match[str]) -> str:
        neutral = found["word"]
        name = getattr(self, _FIELDS[neutral.lower()])
        shown = name[:1].upper() + name[1:] if neutral[0].isupper() else name
        if not found["article"]:
            return f"{shown}"
        return f"{_article(name, found['article'])}{found['space']}{shown}"


_FIELDS = {
    "item": "item",
    "items": "several_items",
    "collection": "collection",
    "collections": "several_collections",
    "model": "item",
    "models": "several_items",
    "gateway": "collection",
    "gateways": "several_collections",
}


def _article(name: str, before: str) -> str:
    vowel = _SOUNDS_LIKE_A_VOWEL.match(name) and not _SOUNDS_LIKE_A_CONSONANT.match(name)
    return before[0] + ("n" if vowel else "")


def words_of(item: str = "", several_items: str = "", collection: str = "", several_collections: str = "") -> Words:
    """The words with those left out filled in: the usual names, and the regular plural."""
    item, collection = item or NEUTRAL.item, collection or NEUTRAL.collection
    return Words(item, several_items or plural(item), collection, several_collections or plural(collection))


NEUTRAL = Words()
"""The words of a contract that declares none."""

"""A collection of which a sample is read: both ends, what the contract declares, and pages spread between them."""

from dataclasses import replace
from functools import cached_property
from itertools import count
from random import Random

from catalog_contract.catalog.catalog import UNCOMPRESSED, Catalog
from catalog_contract.catalog.history import Wrong
from catalog_contract.catalog.ids import in_order
from catalog_contract.catalog.page import Page
from catalog_contract.catalog.reading import PLAIN, Part
from catalog_contract.catalog.walk import Walk, ids_of
from catalog_contract.catalog.walking import Ending, walk_by_next
from catalog_contract.model.contract import FULL
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.paging import Window
from catalog_contract.model.sample import Sample
from catalog_contract.model.verdict import NotJudged

GOLDEN = (5**0.5 - 1) / 2


def spread(pages: int, amount: int, seed: int) -> tuple[int, ...]:
    """Which of the pages of a list to read between its first and its last: no stretch is left out for long.

    The numbers follow the golden ratio from a place that the seed gives: of that many points on a line none lie more
    evenly, wherever one stops.
    """
    inner = max(0, pages - 2)
    if amount >= inner:
        return tuple(range(1, 1 + inner))
    start, chosen = Random(seed).random(), dict[int, None]()
    for nth in count():
        if len(chosen) >= amount:
            break
        chosen.setdefault(1 + int((start + nth * GOLDEN) % 1 * inner))
    return tuple(sorted(chosen))


class SampledCatalog(Catalog):
    """A collection of which a sample is read, unless it can be read whole in as many requests.

    What needs the whole list raises NotJudged. `walk` gives the pages of the sample, in their order.
    """

    _sampled: Walk | None = None

    @property
    def sample(self) -> Sample:
        """How many requests it may take."""
        return self.contract.sample[self.name]

    @property
    def sampled(self) -> bool:
        """Whether a sample is read, and not the whole list."""
        return not self._whole

    @cached_property
    def _whole(self) -> bool:
        end, paging = self.seen_end, self.contract.paging
        if end is None:
            return False
        walked = (paging.page_size, paging.other_page_size) if self.collection.depth == FULL else ()
        pages = sum(end // self.step(size) + 1 for size in {paging.bulk_limit, *walked})
        return pages + self.sample.probes <= self.sample.requests

    @property
    def size(self) -> int:
        """How many items a page of the sample holds: as many as may be asked for."""
        paging = self.contract.paging
        largest = paging.by_position and paging.maximum_limit and paging.bulk_limit <= paging.maximum_limit
        return self.step(paging.bulk_limit if largest else self.page_size)

    @cached_property
    def seen_end(self) -> int | None:
        """How many items the list holds, by its total, or by the contract; None where neither says."""
        first = super().page_of_part(PLAIN, 0, self.size)
        if first.fault:
            return None
        reported = first.counter("total") if first.envelope.exact_total and not first.leaves_out("total") else None
        if isinstance(reported, int) and not isinstance(reported, bool):
            return max(reported, first.count)
        if self.contract.paging.by_position and self.contract.paging.full_pages and first.count < self.size:
            return first.count
        return self.collection.expected_total or self.collection.minimum_total

    def unjudged(self) -> NotJudged:
        """Why what needs the whole list is not judged."""
        return NotJudged(f"only a sample of {self.name} is read (--sample {self.sample.requests})")

    def opening(self) -> Page:
        """The first page of the sample."""
        return self.page(0, self.size) if self.sampled else super().opening()

    def bulk_of(self, part: Part, after: float = 0.0) -> Walk:
        """The whole of a part. Raises NotJudged."""
        if self.sampled:
            raise self.unjudged()
        return super().bulk_of(part, after)

    def walk_of(self, part: Part, size: int, after: float = 0.0) -> Walk:
        """A part page by page. Raises NotJudged."""
        if self.sampled:
            raise self.unjudged()
        return super().walk_of(part, size, after)

    def walk(self, size: int | None = None, after: float = 0.0) -> Walk:
        """The pages of the sample. Raises NotJudged for another page size, and for a second reading."""
        if not self.sampled:
            return super().walk(size, after)
        if size not in (None, self.page_size) or after:
            raise self.unjudged()
        if self._sampled is None:
            self._sampled = Walk(self._pages_of_sample(), self.size, Ending.SAMPLED)
        return self._sampled

    def full_reads(self) -> tuple[Walk, ...]:
        """The readings of the plan: the pages of the sample."""
        return (self.walk(),) if self.sampled else super().full_reads()

    def walk_along(self, size: int, after: float = 0.0) -> Walk:
        """The first pages as the answers lead on, where that is how the list is read. Raises NotJudged elsewhere."""
        if not self.sampled:
            return super().walk_along(size, after)
        if self.contract.paging.by_position or size != self.page_size or after:
            raise self.unjudged()
        return self.walk()

    def _pages_of_sample(self) -> tuple[Page, ...]:
        size, end, amount = self.size, self.seen_end, self.sample.spread
        if not self.contract.paging.by_position:
            return self._first_pages(max(2, amount))
        if end is None:
            return tuple(self.page(number * size, size) for number in range(amount + 2))
        pages = max(1, -(-end // size))
        numbers = dict.fromkeys((0, *spread(pages, amount, self.sample.seed), pages - 1))
        return tuple(self.page(number * size, size) for number in numbers)

    def _first_pages(self, most: int) -> tuple[Page, ...]:
        """The first pages of a list in which only the pages lead on."""
        limit = self._limit(self.size)
        walked = walk_by_next(
            self.pager(), lambda request, row, limit: self._read(PLAIN, request, row, limit), limit, most
        )
        return walked.pages

    def page_of_part(self, part: Part, row: int | None, limit: int | None, after: float = 0.0) -> Page:
        """A page. Raises NotJudged where the answer would be the whole list."""
        paging = self.contract.paging
        everything = (limit is None and paging.answers_all) or (limit == 0 and paging.limit_zero == "all")
        if everything and not (part.filter or part.query) and self.sampled:
            raise self.unjudged()
        return super().page_of_part(part, row, limit, after)

    def size_of(self, whole: Walk) -> int:
        """How many items a whole reading shows. Raises NotJudged for a sample."""
        if whole.ending is Ending.SAMPLED:
            raise self.unjudged()
        return super().size_of(whole)

    def resolve(self, window: Window) -> Window:
        """A window with its offset, counted back from the end that the total names."""
        if not self.sampled or window.before_end is None:
            return super().resolve(window)
        return Window(window.limit, max(0, self._end() - window.before_end))

    def at_the_end(self) -> int:
        """The first row past the end that the total names. Raises NotJudged where items stand there all the same."""
        if not self.sampled:
            return super().at_the_end()
        row = self._on_a_page(self._end())
        page = self.page(row, self.page_size)
        if not page.fault and page.count:
            raise NotJudged(f"items stand at {page.where}, where the list should end: a sample does not show its end")
        return row

    def _end(self) -> int:
        if self.seen_end is None:
            raise NotJudged(f"{self.name}: neither a total nor the contract says where the list ends")
        return self.seen_end

    def is_refused_past_the_end(self, page: Page) -> bool:
        """Whether a page is refused because it lies past the end that the total names, or deeper than is served."""
        if not self.sampled:
            return super().is_refused_past_the_end(page)
        deepest, row = self.contract.paging.deepest, page.row or 0
        deep = deepest is not None and row + (page.limit or 0) > deepest
        return bool(page.refused and row and (deep or (self.seen_end is not None and row >= self.seen_end)))

    def reread(self, way: str) -> Page:
        """What is read twice in every run: the first page of the sample in place of the bulk read."""
        return self.opening() if self.sampled and way == "bulk" else super().reread(way)

    def lawful(self, *pages: Page) -> bool:
        """Whether the law can be asked: not of a sample, which holds no whole reading."""
        return not self.sampled and super().lawful(*pages)

    def wrong(self, page: Page) -> Wrong | None:
        """What is wrong with a page, judged by the first page of the sample. Raises NotJudged where that holds less."""
        if not self.sampled:
            return super().wrong(page)
        first = self.opening()
        most = self.contract.paging.most(page.limit)
        if page.row is None or most is None or page.row + most > first.count:
            raise self.unjudged()
        again = self.reader(first)
        page, whole = self.settle(
            self.reader(page),
            lambda after: Walk((again(after),), self.size, Ending.SAMPLED),
            lambda page, first: page.ids == self.slice_for(page, first),
            ids_of,
        )
        expected = self.slice_for(page, whole)
        return None if page.ids == expected else Wrong(page, expected)

    def contradicted(self, page: Page) -> Wrong | None:
        """What is wrong with a page, judged by another reading of it: the order of what both hold. Raises NotJudged
        where that is the same."""
        if not self.sampled:
            return super().contradicted(page)
        again = self.reader(page)(page.finished)
        if not in_order(page.ids, again.ids):
            return Wrong(again, page.ids)
        raise self.unjudged()

    def every_page(self) -> tuple[Page, ...]:
        """Every list answer of the sample that shows the collection by its own name, unfiltered."""
        if not self.sampled:
            return super().every_page()
        if not self._every_page:
            declared = self.contract.windows if self.collection.depth == FULL else self.collection.windows
            known = (w for w in declared if self.contract.paging.can_ask(w))
            windows = [self.resolve(w) for w in known if w.before_end is None or self.seen_end is not None]
            pages = [self.page(w.offset, w.limit) for w in windows if w.limit or not self.contract.paging.answers_all]
            read = (*self.walk().pages, *pages, *(self._unusual_pages() if self.collection.depth == FULL else ()))
            self._every_page = tuple(dict.fromkeys(page for page in read if not self.is_refused_past_the_end(page)))
        return self._every_page

    def planned_pages(self) -> tuple[Page, ...]:
        """Every list answer of the sample."""
        return self.every_page() if self.sampled else super().planned_pages()

    def filtered_pages(self) -> tuple[Page, ...]:
        """None in a sample: which owners there are is not known."""
        return () if self.sampled else super().filtered_pages()

    def _unusual_pages(self) -> tuple[Page, ...]:
        if not self.sampled:
            return super()._unusual_pages()
        bare = () if self.contract.paging.answers_all else (self.page(None, None),)
        read = (*bare, self.page(None, self.small), self.page(0, self.page_size, headers=UNCOMPRESSED))
        return (*read, self.far_page()) if self.contract.paging.by_position else read

    def _seen(self, page: Page) -> PageSeen:
        found = super()._seen(page)
        if not self.sampled:
            return found
        # No row of the counts: what a sample leaves out would look lost. Plain is what every rule of items has judged.
        return replace(found, walk=False, bulk=False, plain=found.plain and page in self._every_page)

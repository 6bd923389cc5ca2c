"""The names of the causes, and which of them explains another one away."""

UNFIT = "the contract does not fit the service"
SERVICE_DOWN = "service down"
ROUTE_DOWN = "route down"
KEY_REFUSED = "key refused"
RATE_LIMITED = "rate limited"
NO_LIST = "answers that are no list"
UNSTEADY = "some answers failed"
OWN_LIMIT = "the run reached a limit of its own"

SAME_PAGE = "the same page over and over"
SHORT_PAGE = "stops at the first short page"
FIRST_PAGE = "first page only"
UPSTREAM = "upstream ignores offset"
ENDS_EARLY = "the catalogue ends early"
EMPTY = "outage shown as an empty catalogue"
PARTIAL = "a partial crawl kept as a good result"
CAPPED = "capped at N"
MERGED = "merged from top lists"
PART_MISSING = "part of the catalogue is missing"
KNOWN_MISSING = "known items are missing"
DUPLICATES = "duplicates in one list"
CASE_TWINS = "ids that differ by case only"
TOO_MANY = "more items than expected"
SPELLING = "ids are spelled in two ways"
NO_ID = "rows without a usable id"

OFFSET_IGNORED = "offset ignored"
LIMIT_IGNORED = "limit ignored"
LIMIT_OFF = "limit off by one"
CACHE = "a cache ignores a parameter"
BOUNDARY = "off by one at page boundaries"
OFFSET_ALONE = "an offset without a limit is ignored"
OFFSET_IN_PAGES = "offset counted in pages"
OFFSET_TWICE = "offset applied twice"
LIMIT_IS_END = "limit taken for the end of the page"
OFFSET_HELD = "an offset above a row is held there"
WINDOW_ENDS = "pages end at a row although the list goes on"
DEEPEST = "only a window at the start is served"
OVERFLOW = "a large offset does not fit into its type"
WRAPS_EARLY = "the offset is taken modulo a number"
STICKY = "some items stand on every page"
POISONED = "every page with one item fails"
OVER_MAXIMUM = "a limit above the maximum is answered otherwise"
ROUNDED = "offset rounded to whole pages"
SHIFTED = "windows start at the wrong row"
ORDER = "order not stable"
VERSIONS = "two versions of the catalogue"
DIFFERENTLY = "pages and bulk read are sorted or cut differently"
COMPRESSION = "answers differ with and without compression"
SWAPPED = "single rows differ between page and bulk read"
PAGE_TWICE = "one page holds the rows of another"
BULK_LACKS = "the bulk read lacks items that pages show"
HOLE = "an empty page in the middle"
SHORT_MIDDLE = "a short page in the middle"
LAST_DROPPED = "the last short page is dropped"
LAST_ROW = "the end of the catalogue is on no page"
REPLAY = "past the end the last page comes again"
WRAPS = "past the end the catalogue starts over"
PAST_ERROR = "past the end is an error"

TOTAL_IS_REST = "total counts what is left"
TOTAL_IS_READ = "total counts up to the page"
TOTAL_IS_LIMIT = "total is the limit"
TOTAL_IS_PAGES = "total counts pages"
TOTAL_IS_PAGE = "total counts the page"
BEFORE_FILTER = "counters computed before filtering"
TOTAL_OFF = "total counted apart from the rows"
TOTAL_DRIFTS = "total moves while the rows stand still"
COUNTERS_ONLY = "the rows are right, the counters are not"
NEGATIVE = "negative offset reads from the end"
UNCHECKED = "query values are not checked"
TOKEN_IGNORED = "the cursor is ignored"
NEXT_LOOPS = "next leads back"
LAST_TWICE = "the last page is served twice"
NEXT_EARLY = "next stops early"
NEXT_LATE = "the last page says that more follows"
FULL_LAST = "a full last page says that more follows"
SHORT_REST = "no next where less than a page follows"
NEXT_SKIPS = "next skips items"
NEXT_REPEATS = "next repeats items"
NO_LINK = "what leads on is not a link"
NOWHERE = "more follows, but not where"
OTHER_ADDRESS = "next names another address"
NEXT_LOSES = "next loses a parameter"
CURSOR_FORGETS = "a page by cursor forgets the query"
LOST_IN_SIZE = "an item is missing in one page size"
FILTER_AFTER = "the filter is applied after paging"
FILTER_FIRST = "the filter looks at the first items only"
FILTER_LAST = "a filter leaves out its last item"
FILTER_CURSOR = "a cursor of a filtered list counts the whole list"
SORT_IGNORED = "a sort is ignored"
SORT_REVERSED = "a sort runs the wrong way"
SORT_AFTER = "the sort is applied after paging"
SORT_TEXT = "numbers are sorted as text"
SORT_NULLS = "items without a value are sorted as zero"
SORT_DROPS = "a sort drops items without a value"
SORT_CAPPED = "a sorted list is capped"
TIES = "ties are ordered by the page"
PAGE_IGNORED = "the page number is ignored"
PAGE_BASE = "pages are counted from another number"
PAGE_SIZE = "pages are counted in another size"
DEFAULT_LIMIT = "the default limit is another"
GARBLED = "an unknown cursor is not refused"
PREVIOUS = "previous does not lead back"
PAGE_ZERO = "the page before the first is not as declared"
PAST_OTHER = "past the end is not as declared"
CURSOR_ONCE = "a cursor is good once"
CURSOR_MOVES = "a cursor moves on when it is read"
TOTAL_CAPPED = "total is capped"
TOTAL_FULL_PAGES = "total counts full pages"
FIELD_TYPE = "a value changes its type"
FILTER_IGNORED = "a filter is ignored"
GATEWAY_IGNORED = "collections list the same items"
ALIAS = "an alias is taken for another collection"
BY_ALIAS = "a collection goes by an alias"
ALIAS_PAGING = "paging is lost under an alias"
UNKNOWN = "an unknown collection is answered"
MERGE_MISSES = "the merged list misses a collection"

OF_TOTALS = frozenset(
    {
        TOTAL_IS_REST, TOTAL_IS_READ, TOTAL_IS_LIMIT, TOTAL_IS_PAGES, TOTAL_IS_PAGE, TOTAL_FULL_PAGES, TOTAL_CAPPED,
        TOTAL_OFF, BEFORE_FILTER,
    }
)  # fmt: skip
"""What a total may count in place of the list."""

INCIDENTAL = frozenset({UNKNOWN, NEGATIVE, UNCHECKED, OVER_MAXIMUM, COUNTERS_ONLY, FIELD_TYPE, GARBLED})
"""Causes by which no item is lost: they stand behind all others."""

OF_WINDOWS = frozenset(
    {
        BOUNDARY, ROUNDED, SHIFTED, ORDER, VERSIONS, DIFFERENTLY, SWAPPED, PAGE_TWICE, BULK_LACKS,
        HOLE, SHORT_MIDDLE, LAST_DROPPED, LAST_ROW, REPLAY, WRAPS,
    }
)  # fmt: skip
_ENDS = frozenset({LAST_DROPPED, LAST_ROW, REPLAY})
_CUT = frozenset({SHORT_PAGE, FIRST_PAGE, UPSTREAM, ENDS_EARLY, PARTIAL, CAPPED, MERGED, PART_MISSING, KNOWN_MISSING})
_COUNTERS = frozenset({TOTAL_OFF, TOTAL_DRIFTS, BEFORE_FILTER, TOTAL_IS_PAGE, COUNTERS_ONLY})

PREDICTED = frozenset(
    {
        OFFSET_IGNORED, OFFSET_ALONE, OFFSET_IN_PAGES, OFFSET_TWICE, OFFSET_HELD, LIMIT_IGNORED, LIMIT_IS_END,
        LIMIT_OFF, WINDOW_ENDS, DEEPEST, OVERFLOW, WRAPS_EARLY, STICKY, POISONED, OVER_MAXIMUM, ROUNDED, SHIFTED,
        BOUNDARY, REPLAY, WRAPS, PAST_ERROR,
    }
)  # fmt: skip
"""Causes that are named only where they predict the responses: see `hypotheses`."""

WIDE = (
    frozenset({OFFSET_IGNORED, LIMIT_IGNORED, LIMIT_OFF, SHIFTED, ROUNDED, CACHE, CAPPED, ORDER, REPLAY, WRAPS})
    | PREDICTED
)
"""Causes that lie in code which every collection shares: what they explain in one, they explain in all."""

ALTERNATIVES: dict[str, frozenset[str]] = {
    SHORT_PAGE: frozenset({UPSTREAM}),
    FIRST_PAGE: frozenset({UPSTREAM}),
    UPSTREAM: frozenset({SHORT_PAGE, FIRST_PAGE}),
    MERGED: frozenset({PART_MISSING, CAPPED}),
    PART_MISSING: frozenset({MERGED, CAPPED}),
    CAPPED: frozenset({PART_MISSING, MERGED, WINDOW_ENDS}),
    WINDOW_ENDS: frozenset({CAPPED, PART_MISSING, TOTAL_OFF, BEFORE_FILTER, NEXT_LATE, NEXT_LOOPS}),
    TOTAL_CAPPED: frozenset({TOTAL_OFF}),
    TOTAL_DRIFTS: frozenset({TOTAL_OFF}),
    TOTAL_OFF: frozenset({TOTAL_CAPPED, TOTAL_DRIFTS, BEFORE_FILTER, WINDOW_ENDS}),
    BEFORE_FILTER: frozenset({TOTAL_OFF, SHORT_MIDDLE, WINDOW_ENDS}),
    SHORT_MIDDLE: frozenset({BEFORE_FILTER, LOST_IN_SIZE}),
    LOST_IN_SIZE: frozenset({SHORT_MIDDLE}),
    POISONED: frozenset({DEEPEST}),
    DEEPEST: frozenset({POISONED}),
}
"""Causes that predict the same responses, seen from outside."""

SUPERSEDES: dict[str, frozenset[str]] = {
    SAME_PAGE: OF_WINDOWS | _CUT | _COUNTERS | {OFFSET_IGNORED, CACHE, DUPLICATES},
    GATEWAY_IGNORED: _CUT | {VERSIONS, TOO_MANY, MERGE_MISSES, UNKNOWN, DIFFERENTLY, DUPLICATES},
    EMPTY: OF_WINDOWS | {KNOWN_MISSING, COUNTERS_ONLY},
    OFFSET_IGNORED: (OF_WINDOWS - {ROUNDED, SHIFTED}) | _COUNTERS | _CUT | {DUPLICATES, MERGE_MISSES},
    CACHE: (OF_WINDOWS - {ROUNDED, SHIFTED}) | {OFFSET_IGNORED, CAPPED, MERGE_MISSES},
    LIMIT_IGNORED: OF_WINDOWS | _COUNTERS | _CUT | {CACHE, DUPLICATES, MERGE_MISSES},
    LIMIT_OFF: OF_WINDOWS | _COUNTERS | _CUT | {DUPLICATES, MERGE_MISSES},
    DUPLICATES: frozenset({MERGED, PART_MISSING, CAPPED}),
    BOUNDARY: frozenset({SHORT_MIDDLE, SWAPPED, TOTAL_OFF}),
    SHIFTED: _ENDS
    | _COUNTERS
    | _CUT
    | {
        DUPLICATES,
        MERGE_MISSES,
        HOLE,
        SHORT_MIDDLE,
        WRAPS,
        BOUNDARY,
        SWAPPED,
        VERSIONS,
        DIFFERENTLY,
        PAGE_TWICE,
        OFFSET_IGNORED,
        CACHE,
    },
    ROUNDED: _ENDS | _COUNTERS | {CACHE, OFFSET_IGNORED, SHIFTED, SWAPPED, VERSIONS, DIFFERENTLY, PAGE_TWICE},
    ORDER: frozenset({ALIAS, SWAPPED, VERSIONS, BOUNDARY, DUPLICATES, SHIFTED, ROUNDED, CAPPED, BULK_LACKS})
    | {MERGED, PART_MISSING},
    DIFFERENTLY: frozenset({ALIAS, SWAPPED, BOUNDARY, BULK_LACKS}),
    COMPRESSION: frozenset({DIFFERENTLY, DUPLICATES, SWAPPED, PAGE_TWICE}),
    WINDOW_ENDS: frozenset({PART_MISSING, MERGED, MERGE_MISSES, PAST_OTHER}),
    HOLE: _ENDS | {SHORT_MIDDLE, TOTAL_OFF, BEFORE_FILTER},
    SHORT_MIDDLE: frozenset({REPLAY}),
    LAST_DROPPED: frozenset({TOTAL_OFF, BEFORE_FILTER}),
    CAPPED: frozenset(
        {REPLAY, PAST_ERROR, HOLE, SHORT_MIDDLE, TOTAL_OFF, BEFORE_FILTER, PART_MISSING, MERGED, MERGE_MISSES}
        | {SHORT_PAGE, FIRST_PAGE, UPSTREAM, ENDS_EARLY}
    ),
    VERSIONS: frozenset(
        {MERGE_MISSES, DUPLICATES, SWAPPED, ALIAS, MERGED, PART_MISSING, BULK_LACKS, CAPPED, BOUNDARY, HOLE}
        | {SHORT_MIDDLE}
    )
    | (_ENDS - {REPLAY}),
    REPLAY: frozenset({PAGE_TWICE, DUPLICATES, MERGE_MISSES, TOTAL_OFF}),
    WRAPS: frozenset({PAGE_TWICE, DUPLICATES, MERGE_MISSES, TOTAL_OFF}),
    PAGE_TWICE: frozenset({DUPLICATES, MERGE_MISSES, TOTAL_OFF}),
    BULK_LACKS: frozenset({REPLAY, MERGED, PART_MISSING, ALIAS}),
    TOTAL_IS_PAGE: frozenset({TOTAL_OFF, BEFORE_FILTER, COUNTERS_ONLY}),
    TOTAL_DRIFTS: frozenset({TOTAL_OFF, BEFORE_FILTER, COUNTERS_ONLY}),
    BEFORE_FILTER: frozenset({COUNTERS_ONLY}),
    TOTAL_OFF: frozenset({COUNTERS_ONLY}),
    SPELLING: frozenset({SWAPPED}),
    ALIAS_PAGING: frozenset({COUNTERS_ONLY}),
    BY_ALIAS: frozenset({COUNTERS_ONLY}),
    FILTER_IGNORED: frozenset({COUNTERS_ONLY}),
    NO_LIST: frozenset({UNSTEADY, PAST_ERROR, UNCHECKED, COUNTERS_ONLY}),
}
"""Each cause with those that it explains: seen together, only the first is named."""

LEADING = frozenset(
    {
        TOKEN_IGNORED,
        NEXT_LOOPS,
        LAST_TWICE,
        NEXT_EARLY,
        NEXT_LATE,
        FULL_LAST,
        SHORT_REST,
        NEXT_SKIPS,
        NEXT_REPEATS,
        NO_LINK,
        NOWHERE,
        OTHER_ADDRESS,
        NEXT_LOSES,
        CURSOR_FORGETS,
        CURSOR_ONCE,
        CURSOR_MOVES,
        PAGE_BASE,
    }
)
"""Causes of what leads from page to page."""

SUPERSEDES |= {
    name: frozenset({TOTAL_IS_PAGE, TOTAL_OFF, TOTAL_DRIFTS, BEFORE_FILTER, COUNTERS_ONLY})
    for name in (TOTAL_IS_REST, TOTAL_IS_READ, TOTAL_IS_LIMIT, TOTAL_IS_PAGES)
}
SUPERSEDES |= {name: frozenset({UNSTEADY, TOTAL_OFF, COUNTERS_ONLY, BEFORE_FILTER}) for name in LEADING}
SUPERSEDES[NEXT_SKIPS] |= {HOLE, SHORT_MIDDLE, LAST_DROPPED}
SUPERSEDES[PAGE_IGNORED] = LEADING
SUPERSEDES[OFFSET_IGNORED] |= LEADING
SUPERSEDES[LAST_DROPPED] |= {FULL_LAST, NEXT_LATE, NOWHERE}
SUPERSEDES[CACHE] |= {DUPLICATES, TOTAL_OFF, BEFORE_FILTER}
SUPERSEDES[UNCHECKED] = frozenset({OVER_MAXIMUM})
SUPERSEDES[OVERFLOW] = frozenset({UNCHECKED})
SUPERSEDES[POISONED] = SUPERSEDES[DEEPEST] = frozenset({UNSTEADY})
SUPERSEDES[SERVICE_DOWN] = frozenset({UNCHECKED})

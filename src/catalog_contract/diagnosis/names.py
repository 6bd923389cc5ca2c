"""The names of the causes, and which of them explains another one away."""

SERVICE_DOWN = "service down"
ROUTE_DOWN = "route down"
KEY_REFUSED = "key refused"
RATE_LIMITED = "rate limited"
NO_LIST = "answers that are no list"
UNSTEADY = "some answers failed"

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
KNOWN_MISSING = "known models are missing"
DUPLICATES = "duplicates in one list"
CASE_TWINS = "ids that differ by case only"
NO_ID = "rows without a usable id"

OFFSET_IGNORED = "offset ignored"
LIMIT_IGNORED = "limit ignored"
LIMIT_OFF = "limit off by one"
CACHE = "a cache ignores a parameter"
BOUNDARY = "off by one at page boundaries"
ROUNDED = "offset rounded to whole pages"
SHIFTED = "windows start at the wrong row"
ORDER = "order not stable"
VERSIONS = "two versions of the catalogue"
SWAPPED = "single rows differ between page and bulk read"
HOLE = "an empty page in the middle"
SHORT_MIDDLE = "a short page in the middle"
LAST_DROPPED = "the last short page is dropped"
REPLAY = "past the end the last page comes again"
WRAPS = "past the end the catalogue starts over"
PAST_ERROR = "past the end is an error"

TOTAL_IS_PAGE = "total counts the page"
BEFORE_FILTER = "counters computed before filtering"
TOTAL_OFF = "total counted apart from the rows"
COUNTERS_ONLY = "the rows are right, the counters are not"
NEGATIVE = "negative offset reads from the end"
UNCHECKED = "bad queries are not checked"
FILTER_IGNORED = "a filter is ignored"
ALIAS = "an alias is taken for another gateway"
UNKNOWN = "an unknown gateway is answered"
MERGE_MISSES = "the merged list misses a gateway"

DOWN = frozenset({SERVICE_DOWN, ROUTE_DOWN, KEY_REFUSED, RATE_LIMITED})

_WINDOWS = frozenset(
    {BOUNDARY, ROUNDED, SHIFTED, ORDER, VERSIONS, SWAPPED, HOLE, SHORT_MIDDLE, LAST_DROPPED, REPLAY, WRAPS}
)
_CUT = frozenset({SHORT_PAGE, FIRST_PAGE, UPSTREAM, ENDS_EARLY, PARTIAL, CAPPED, MERGED, PART_MISSING, KNOWN_MISSING})
_COUNTERS = frozenset({TOTAL_OFF, BEFORE_FILTER, TOTAL_IS_PAGE, COUNTERS_ONLY})

HIDES: dict[str, frozenset[str]] = {
    SAME_PAGE: _WINDOWS | _CUT | _COUNTERS | {OFFSET_IGNORED, CACHE, DUPLICATES},
    EMPTY: _WINDOWS | {KNOWN_MISSING, COUNTERS_ONLY},
    OFFSET_IGNORED: (_WINDOWS - {ROUNDED}) | {CAPPED, DUPLICATES},
    CACHE: (_WINDOWS - {ROUNDED}) | {OFFSET_IGNORED},
    LIMIT_IGNORED: _WINDOWS | {CACHE},
    LIMIT_OFF: _WINDOWS,
    BOUNDARY: frozenset({SHORT_MIDDLE, SWAPPED, VERSIONS, TOTAL_OFF}),
    SHIFTED: frozenset({BOUNDARY, SWAPPED, VERSIONS, LAST_DROPPED}),
    ROUNDED: frozenset({CACHE, OFFSET_IGNORED, SHIFTED, SWAPPED, VERSIONS}),
    ORDER: frozenset({SWAPPED, VERSIONS, BOUNDARY, DUPLICATES, SHIFTED, ROUNDED, CAPPED}),
    HOLE: frozenset({SHORT_MIDDLE, TOTAL_OFF, BEFORE_FILTER}),
    LAST_DROPPED: frozenset({TOTAL_OFF, BEFORE_FILTER}),
    CAPPED: frozenset({TOTAL_OFF}),
    VERSIONS: frozenset({SWAPPED}),
    TOTAL_IS_PAGE: frozenset({TOTAL_OFF, BEFORE_FILTER}),
    BEFORE_FILTER: frozenset({TOTAL_OFF}),
    NO_LIST: frozenset({UNSTEADY, PAST_ERROR}),
}
"""Each cause with those that it explains: seen together, only the first is named."""

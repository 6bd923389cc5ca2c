"""A run put in the order in which a person wants to read it; every report is built on this."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from catalog_contract.model.incident import Incident, shown_by
from catalog_contract.model.run import NO_KNOWN_CAUSE, Cause, Count, Run, State
from catalog_contract.model.verdict import Judgement, Severity, Verdict, overall
from catalog_contract.rules.selection import can_be_named
from catalog_contract.util.shell import quoted
from catalog_contract.util.text import counted, first_few, line, number

SERVICE = "the service"
"""What a report calls a promise that speaks of no collection in particular."""


@dataclass(frozen=True)
class Finding:
    """One broken promise of one collection.

    `witness` is the case that is reported, `others` the further cases broken likewise. `same_as` names the rule
    that was reported before with the same words; empty for a witness of its own. `incidents` are those of the contract
    that the rule shows.
    """

    witness: Judgement
    others: tuple[Judgement, ...]
    same_as: str = ""
    incidents: tuple[Incident, ...] = ()

    @property
    def severity(self) -> Severity:
        """The worst of the cases."""
        return min(judgement.severity for judgement in (self.witness, *self.others))

    @property
    def further(self) -> tuple[str, ...]:
        """The further cases in words: `offset=200`, or `groq` where the same was found at another collection."""
        return tuple(case_words(judgement, self.witness.collection) for judgement in self.others)

    @property
    def oldest(self) -> Judgement:
        """The case that has been broken since the earliest run; the witness where none was broken before."""
        old = (judgement for judgement in (self.witness, *self.others) if judgement.broken_runs > 1)
        return min(old, key=lambda judgement: judgement.first_broken, default=self.witness)

    @property
    def age(self) -> str:
        """Since when it is broken, and in which case; empty where that is not known, or since this run."""
        oldest = self.oldest
        if oldest.broken_runs < 2:
            return ""
        case = "" if oldest is self.witness else f" ({line(case_words(oldest, self.witness.collection), 60)})"
        return f"broken for {number(oldest.broken_runs)} runs, since {line(oldest.first_broken, 40)[:10]}{case}"

    @property
    def message(self) -> str:
        """What was found, without the lines that only name the request: the curl line does."""
        return reported(self.witness)


@dataclass(frozen=True)
class Group:
    """All findings of one collection, worst first; or of several that differ in nothing but their names."""

    collections: tuple[str, ...]
    findings: tuple[Finding, ...]
    kind: str = "collections"
    """What several collections are called."""

    @property
    def title(self) -> str:
        """Whose findings these are."""
        if len(self.collections) > 1:
            return f"{len(self.collections)} {self.kind} ({first_few(self.collections, 3, 40)})"
        return line(self.collections[0], 60) or SERVICE

    @property
    def cases(self) -> int:
        """How many cases are broken."""
        return sum(1 + len(finding.others) for finding in self.findings)


@dataclass(frozen=True)
class Promise:
    """One rule with all its cases."""

    rule: str
    promise: str
    severity: Severity
    judgements: tuple[Judgement, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict over all cases."""
        return overall(self.judgements)

    def cases(self, verdict: Verdict) -> tuple[Judgement, ...]:
        """The cases of one verdict."""
        return tuple(judgement for judgement in self.judgements if judgement.verdict is verdict)


@dataclass(frozen=True)
class Family:
    """The promises of one file of the rulebook."""

    name: str
    promises: tuple[Promise, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict over all promises."""
        return overall(judgement for promise in self.promises for judgement in promise.judgements)

    def count(self, verdict: Verdict) -> int:
        """How many promises have that verdict."""
        return sum(promise.verdict is verdict for promise in self.promises)


def groups(run: Run) -> tuple[Group, ...]:
    """The broken promises by collection, the worst collection first; no two witnesses say the same."""
    by_gateway = _split(run.having(Verdict.BROKEN), lambda judgement: judgement.collection)
    kind = run.words.several_collections
    found = _alike([Group((name,), _findings(judgements), kind) for name, judgements in by_gateway.items()])
    found.sort(key=lambda group: (group.findings[0].severity, -len(group.findings)))
    return _told_once(found, run.incidents)


def _alike(found: list[Group]) -> list[Group]:
    """The groups, with those made one that differ only in the name of their collection."""
    alike: dict[tuple[object, ...], Group] = {}
    for group in found:
        looks = tuple((f.witness.rule, _nameless(f.witness), len(f.others)) for f in group.findings)
        first = alike.get(looks)
        alike[looks] = _together(first, group) if first else group
    return list(alike.values())


def _nameless(judgement: Judgement) -> str:
    name = re.escape(judgement.collection)
    return re.sub(rf"(?<!\w){name}(?!\w)", "{}", judgement.message) if name else judgement.message


def _together(first: Group, other: Group) -> Group:
    findings = (
        Finding(one.witness, (*one.others, two.witness, *two.others))
        for one, two in zip(first.findings, other.findings, strict=True)
    )
    return Group((*first.collections, *other.collections), tuple(findings), first.kind)


def reported(judgement: Judgement) -> str:
    """The message without those of its lines that only name the request: the curl line does."""
    lines = judgement.message.strip().splitlines()
    kept = [text for text in lines if not (text.startswith("in /") and text[3:].split(" and ")[0] in judgement.curl)]
    return "\n".join(kept or lines)


def again(run: Run, judgement: Judgement) -> str:
    """The line that judges this one case again; empty where it is not known how the run was called."""
    start, name = run.invocation.again, f"{judgement.rule}[{judgement.case}]"
    return f"{start} -k {quoted(name)}" if start and can_be_named(judgement.rule, judgement.case) else ""


def _findings(judgements: list[Judgement]) -> tuple[Finding, ...]:
    by_rule = _split(judgements, lambda judgement: judgement.rule)
    found = [Finding(first, tuple(others)) for first, *others in by_rule.values()]
    return tuple(sorted(found, key=lambda finding: (finding.severity, -len(finding.others))))


def _told_once(found: list[Group], incidents: Iterable[Incident]) -> tuple[Group, ...]:
    reported: dict[str, str] = {}
    result = []
    for group in found:
        findings = []
        for finding in group.findings:
            message, rule = finding.witness.message.strip(), finding.witness.rule
            same_as = reported.setdefault(message, rule) if message else rule
            before = "" if same_as == rule else same_as
            findings.append(replace(finding, same_as=before, incidents=shown_by(rule, incidents)))
        result.append(Group(group.collections, tuple(findings), group.kind))
    return tuple(result)


def families(run: Run) -> tuple[Family, ...]:
    """All promises of the run by family, in the order of the rulebook."""
    return tuple(
        Family(name or "other", tuple(map(_promise, _split(judgements, lambda j: j.rule).values())))
        for name, judgements in _split(run.judgements, lambda judgement: judgement.family).items()
    )


def _promise(judgements: list[Judgement]) -> Promise:
    first = judgements[0]
    return Promise(first.rule, first.promise, first.severity, tuple(judgements))


def reasons(run: Run) -> tuple[tuple[str, tuple[Judgement, ...]], ...]:
    """Why promises were not judged, the most frequent reason first, each with the cases it kept from sight.

    The same failure of several requests is one reason: the target that a message begins with is left out.
    """
    by_reason = _split(run.having(Verdict.NOT_JUDGED), lambda judgement: _reason(judgement.message))
    return tuple((why, tuple(found)) for why, found in sorted(by_reason.items(), key=lambda pair: -len(pair[1])))


def _reason(message: str) -> str:
    return re.sub(r"^/\S*: ", "", message.strip()) or "no reason given"


def accepted(run: Run) -> tuple[tuple[str, tuple[Judgement, ...]], ...]:
    """Why broken promises are accepted for now, each reason with the cases that it is given for."""
    return tuple((why, tuple(found)) for why, found in _split(run.known, lambda judgement: judgement.known).items())


def _split(judgements: Iterable[Judgement], key: Callable[[Judgement], str]) -> dict[str, list[Judgement]]:
    parts: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        parts.setdefault(key(judgement), []).append(judgement)
    return parts


def case_words(judgement: Judgement, collection: str) -> str:
    """The case without the name of that collection, which stands above it anyway: `offset=200`."""
    return judgement.case.removeprefix(f"{collection}-") if collection else judgement.case


def tally(run: Run) -> dict[Verdict, int]:
    """How many cases have each verdict, known breakages left out."""
    return {verdict: sum(j.verdict is verdict and not j.known for j in run.judgements) for verdict in Verdict}


def rules(run: Run) -> dict[Verdict, int]:
    """How many promises have each verdict, over all their cases."""
    verdicts = [promise.verdict for family in families(run) for promise in family.promises]
    return {verdict: verdicts.count(verdict) for verdict in Verdict}


def headline(run: Run) -> str:
    """The verdict as one plain sentence without a stop."""
    if run.state is State.NOT_FINISHED:
        return run.notes[0]
    stopped = f"; the run was {run.state}" if run.state is not State.FINISHED else ""
    return _found(run) + stopped


def _found(run: Run) -> str:
    cases, promises = tally(run), rules(run)
    if not run.judgements:
        return "No promise was judged: nothing was seen"
    unseen = f"{number(cases[Verdict.NOT_JUDGED])} of {counted(len(run.judgements), 'case')} could not be judged"
    but = f", but for {counted(len(run.known), 'known breakage')}" if run.known else ""
    if run.verdict is Verdict.HOLDS:
        return f"All {counted(sum(promises.values()), 'promise')} hold, in {counted(len(run.judgements), 'case')}{but}"
    if run.verdict is Verdict.NOT_JUDGED:
        return f"Nothing is seen broken{but}, but {unseen}"
    broken = f"{promises[Verdict.BROKEN]} of {counted(sum(promises.values()), 'promise')} broken"
    where = f", in {number(cases[Verdict.BROKEN])} of {counted(len(run.judgements), 'case')}"
    more = [f"{number(cases[Verdict.NOT_JUDGED])} not judged"] if cases[Verdict.NOT_JUDGED] else []
    more += [counted(len(run.known), "known breakage")] if run.known else []
    return "; ".join([broken + where, *more])


def defects(run: Run) -> tuple[tuple[Cause, ...], ...]:
    """The diagnosis by independent defects, the most telling first; causes that cannot be distinguished together."""
    found: list[list[Cause]] = []
    for cause in run.diagnosis:
        known = (group for group in found if any(cause.name in other.alternatives for other in group))
        if (group := next(known, None)) is not None:
            group.append(cause)
        else:
            found.append([cause])
    return tuple(map(tuple, found))


def causes_in_words(run: Run) -> str:
    """The first defect in a sentence without a stop, and how many more there are; empty where none is named.

    Only causes that cannot be distinguished are joined by "or".
    """
    if not run.diagnosis:
        return ""
    first, *more = defects(run)
    if first[0].name == NO_KNOWN_CAUSE:
        return "No known cause explains these answers"
    reported = "Probably: " + " or ".join(cause.name for cause in first)
    return reported + (f"; and {counted(len(more), 'more independent defect')}" if more else "")


def amount_of_defects(run: Run) -> str:
    """How many independent defects the diagnosis names, where that is worth a word; else empty."""
    found = defects(run)
    return f"{len(found)} independent defects" if len(found) > 1 else ""


def beside(cause: Cause) -> str:
    """What a report says of the causes that predict the same as this one; empty where there is none."""
    others = " and ".join(f"`{name}`" for name in cause.alternatives)
    return f"Cannot be distinguished here from {others}" if others else ""


def table(run: Run) -> tuple[Count, ...]:
    """The rows of the collection table: broken first, then not judged; the largest total first, no list last."""
    order = (Verdict.BROKEN, Verdict.NOT_JUDGED, Verdict.HOLDS)
    return tuple(sorted(run.counts, key=lambda row: (order.index(row.verdict), 1 if row.total is None else -row.total)))


def expected(row: Count) -> str:
    """What was expected of a collection: a figure, or a floor where no upper bound is given."""
    is_floor = row.highest is None and row.lowest is not None and row.lowest == row.expected
    return f"≥ {number(row.expected)}" if is_floor else number(row.expected)


def grand_total(run: Run) -> Count:
    """The sum of the collection table, without collections that merge the others (their rows are counted already)."""
    counted_rows = [count for count in run.counts if not count.merges]
    totals = [count.total for count in counted_rows if count.total is not None]
    uniques = [count.unique for count in counted_rows if count.unique is not None]
    figures = [count.expected for count in counted_rows if count.expected is not None]
    return Count(
        f"all {run.words.several_collections} together",
        sum(totals) if totals else None,
        sum(uniques) if uniques else None,
        sum(figures) if figures else None,
        None,
        None,
        _worst(count.verdict for count in run.counts),
    )


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    found = set(verdicts)
    return next((v for v in (Verdict.BROKEN, Verdict.NOT_JUDGED) if v in found), Verdict.HOLDS)

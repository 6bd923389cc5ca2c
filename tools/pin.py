"""Writes down what every fault of the gallery breaks now: `python -m tools.pin` (or `make pin`).

Prints a line for each fault whose set has changed. Read each before you keep it: a rule that no longer catches a fault
is a regression.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from catalog_contract.util.files import write
from fixtures.gateway import gallery
from fixtures.gateway.gallery import Expected
from fixtures.gateway.styled import gallery as styled

HEAD = "# What each fault breaks, and the causes that the diagnosis names. Written by `make pin`; read every change.\n"
WIDTH = 120

Pins = Mapping[tuple[str, str], Expected]


def document(pins: Pins) -> str:
    """The text of a file of pins: a table for each fault, and one for each era or base that adds something to it."""
    parts = [HEAD]
    for fault in sorted({fault for fault, _ in pins}):
        sides = {era: pins[name, era] for name, era in sorted(pins) if name == fault}
        shared = _shared(list(sides.values()))
        parts.append(_table(fault, shared))
        parts += [_table(f"{fault}.{era}", _without(side, shared)) for era, side in sides.items() if side != shared]
    return "\n".join(parts)


def _shared(sides: Sequence[Expected]) -> Expected:
    """What all eras have; causes, whose order counts, only where they agree entirely."""
    first = sides[0]
    causes = first.causes if all(side.causes == first.causes for side in sides) else ()
    breaks, at_times, causes_at_times = (
        tuple(name for name in getattr(first, field) if all(name in getattr(side, field) for side in sides))
        for field in ("breaks", "at_times", "causes_at_times")
    )
    return Expected(breaks, causes, at_times, causes_at_times)


def _without(side: Expected, shared: Expected) -> Expected:
    """What an era adds to what all eras have."""
    return Expected(
        *(tuple(name for name in names if name not in getattr(shared, field)) for field, names in asdict(side).items())
    )


def _table(name: str, expected: Expected) -> str:
    return f"[{name}]\n" + "".join(_array(key, names) for key, names in asdict(expected).items() if names)


def _array(key: str, names: Iterable[str]) -> str:
    """A TOML array, on one line where it fits."""
    quoted = [f'"{name}"' for name in names]
    line = f"{key} = [{', '.join(quoted)}]\n"
    return line if len(line) <= WIDTH else f"{key} = [\n" + "".join(f"    {name},\n" for name in quoted) + "]\n"


def changes(old: Pins, new: Pins) -> list[str]:
    """A line for each fault and era that changed: what came, and what went."""
    changed = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
    return [f"{fault} ({era}): {_change(old.get((fault, era)), new.get((fault, era)))}" for fault, era in changed]


def _change(old: Expected | None, new: Expected | None) -> str:
    before, now = _labels(old), _labels(new)
    return " ".join([*(f"+{name}" for name in sorted(now - before)), *(f"-{name}" for name in sorted(before - now))])


def _labels(expected: Expected | None) -> set[str]:
    if expected is None:
        return set()
    return {
        *expected.breaks,
        *(f"{rule} (at times)" for rule in expected.at_times),
        *(f'"{cause}"' for cause in expected.causes),
        *(f'"{cause}" (at times)' for cause in expected.causes_at_times),
    }


def main() -> None:
    """Observe every fault of both galleries, write the pins and print what changed."""
    of_offsets = {(fault, era): gallery.observed(era, fault) for era, fault in gallery.eras_and_faults()}
    of_styles = {(fault, base): styled.observed(base, fault) for base, fault in styled.bases_and_faults()}
    for path, old, new in (
        (gallery.PINNED, gallery.pinned, of_offsets),
        (styled.PINNED, styled.pinned, of_styles),
    ):
        before = old() if path.exists() else {}
        write(path, document(new))
        for line in changes(before, new):
            print(line)


if __name__ == "__main__":
    main()

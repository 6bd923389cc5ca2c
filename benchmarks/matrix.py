"""The matrix in memory: CPU seconds to judge and diagnose every fault at three seeds, on one core.

Part of `make bench`; alone by `python -m benchmarks.matrix`. Nothing passes or fails by it. A fault that draws nothing
from chance is judged once; of the twelve seeds of those that strike some requests only, three are.
"""

import gc
import time
from collections.abc import Iterable

from catalog_contract.model.verdict import Verdict
from catalog_contract.pytest_plugin.garbage import SELDOM
from fixtures.gateway.gallery import CONTRACTS, SEEDS, asked, eras_and_faults, seeds_of, seen


def main() -> None:
    """Measure, and print one line for each era and one for all."""
    gc.set_threshold(*SELDOM)  # as the self-test has it
    total = sum(reported(era, [fault for at, fault in eras_and_faults() if at == era]) for era in CONTRACTS)
    print(f"{'both':<6}{total:6.1f} s")


def reported(era: str, faults: Iterable[str]) -> float:
    """The CPU seconds of one era, printed too; what is made once (catalogue, validators) is not counted."""
    seen(era, None, 0).rules(Verdict.BROKEN)
    runs, begun = 0, time.process_time()
    for fault in faults:
        for seed in seeds_of(fault)[: len(SEEDS)]:
            seen(era, fault, seed).causes()
            runs += 1
    seconds = time.process_time() - begun
    each = f"{runs} runs of {len(asked(era))} cases, {1000 * seconds / runs:.0f} ms each"
    print(f"{era:<6}{seconds:6.1f} s of CPU time: {each}", flush=True)
    return seconds


if __name__ == "__main__":
    main()

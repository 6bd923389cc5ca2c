"""The diagnosis alone: CPU seconds for the storm of 50,000 items, and for some faults of windows.

`python -m benchmarks.diagnosis`. Nothing passes or fails by it; under a second is the aim.
"""

import time

from fixtures.gateway.gallery import CONTRACTS, seen

FAULTS = ("storm", "offset-applied-twice", "offset-rounded-down-to-hundreds", "sorted-after-the-page-was-cut")


def main() -> None:
    """Print a line for each fault and era: the causes, and the CPU seconds that naming them took."""
    for era in CONTRACTS:
        for fault in FAULTS:
            run = seen(era, fault, 0)
            begun = time.process_time()
            causes = run.causes()
            print(
                f"{era} {fault:<32} {time.process_time() - begun:6.3f} s of CPU time: {', '.join(causes)}", flush=True
            )


if __name__ == "__main__":
    main()

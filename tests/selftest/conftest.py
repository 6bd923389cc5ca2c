"""For the self-test alone: thousands of runs in memory make garbage that is not worth looking for at every turn."""

import gc

gc.set_threshold(200_000, 20, 20)

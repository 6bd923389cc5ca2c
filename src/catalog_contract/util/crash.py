"""A defect of this project in one line, for a user who cannot do anything about it."""

import traceback
from pathlib import Path


def crash_line(defect: BaseException) -> str:
    """What kind of error was raised, and where in the code. Its message is left out: it may hold a key or a body."""
    places = traceback.extract_tb(defect.__traceback__)
    where = f" at {Path(places[-1].filename).name}:{places[-1].lineno}" if places else ""
    return f"internal error, no finding: {type(defect).__name__}{where}; please report it"

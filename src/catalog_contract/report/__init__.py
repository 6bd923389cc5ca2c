"""Reports: each a function of a Run."""

"""Drafting: a contract written from a few recorded answers of a list API. Asking is thin, recognising is pure."""

"""The rulebook, for `pytest --pyargs catalog_contract.rulebook`. Its modules are in `tests/contract` of a clone."""

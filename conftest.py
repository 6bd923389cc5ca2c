"""Loads the suite's plugin, nothing else."""

pytest_plugins = ["catalog_contract.pytest_plugin.options"]

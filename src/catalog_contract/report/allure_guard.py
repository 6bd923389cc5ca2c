"""A disk that is full while Allure writes costs the rest of Allure's results, and nothing else."""

from collections.abc import Generator
from typing import Any

import allure_commons


class AllureGuard:
    """Keeps what Allure cannot write from ending the run: `failed` is the first reason."""

    failed = ""

    def start(self) -> None:
        """Stand between Allure and its files."""
        allure_commons.plugin_manager.register(self)

    def stop(self) -> None:
        """Stand aside."""
        if allure_commons.plugin_manager.is_registered(self):
            allure_commons.plugin_manager.unregister(self)

    @allure_commons.hookimpl(hookwrapper=True)
    def report_result(self, result: object) -> Generator[None, Any, None]:
        """A result that cannot be written is left out."""
        self._keep((yield))

    @allure_commons.hookimpl(hookwrapper=True)
    def report_container(self, container: object) -> Generator[None, Any, None]:
        """So is what was set up for it."""
        self._keep((yield))

    @allure_commons.hookimpl(hookwrapper=True)
    def report_attached_data(self, body: object, file_name: str) -> Generator[None, Any, None]:
        """So is an attachment."""
        self._keep((yield))

    def _keep(self, outcome: Any) -> None:
        error = outcome.exception
        if isinstance(error, OSError):
            self.failed = self.failed or (error.strerror or str(error))
            outcome.force_result([])

"""What is wrong with what a user gave: one line, whatever stands in it."""

from catalog_contract.util.text import message
from catalog_contract.util.urls import without_logins


class Refusal(Exception):
    """Something a user gave cannot be used. Its text is one printable line of bounded length, without
    the logins and the query values of URLs."""

    def __init__(self, text: object = "") -> None:
        super().__init__(message(without_logins(str(text))))

"""The vocabulary of the rulebook: collections, pages, items."""

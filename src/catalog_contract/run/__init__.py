"""One run: settings, session, end, and what is compared between runs."""

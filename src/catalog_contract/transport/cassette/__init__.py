"""Recorded answers on disk."""

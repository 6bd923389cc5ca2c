"""Contract files: loaded, validated, turned into values."""

"""What a browser or a proxy recorded: HAR files (HTTP Archive 1.2)."""

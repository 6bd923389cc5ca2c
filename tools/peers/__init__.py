"""Real list APIs on loopback, unmodified, each judged by the contract that ships for it: `make peers`."""

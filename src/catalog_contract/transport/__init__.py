"""Where answers come from: a live service, a cassette, one copy of each answer for the whole run."""

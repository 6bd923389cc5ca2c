"""Values: contract, exchange, observation, verdict, run. Nothing here asks or writes anything."""

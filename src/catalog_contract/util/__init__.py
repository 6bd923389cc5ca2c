"""What several rooms need, once."""

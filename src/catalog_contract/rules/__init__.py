"""What a rule is, its cases, its plan, its judgement."""

"""What a paginated list API promises, asked of the API itself, judged and reported."""

"""Which category and which agency the words of a report mean."""

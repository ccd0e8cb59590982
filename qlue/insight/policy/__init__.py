"""What the city could do next: options with their evidence, what was decided, and what came of it."""

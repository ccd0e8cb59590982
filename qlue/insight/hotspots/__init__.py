"""Where reports gather: scores per square of the city, chosen by how well they predicted the past."""

"""Where reports gather: scores per square of the city, chosen by what would have foretold the past best."""

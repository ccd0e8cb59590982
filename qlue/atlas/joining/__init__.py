"""From a table of words and numbers to figures and places of the city's areas; what does not fit is told, with why."""

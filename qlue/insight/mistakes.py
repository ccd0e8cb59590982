"""What cannot be learnt from, said in words that a person can act on."""


class Mistake(ValueError):
    """A file, a column or a history that does not serve; the message says what to mend."""

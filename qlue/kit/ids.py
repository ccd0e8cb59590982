"""Identifiers: time-ordered UUIDs, report codes that need no column, and secret follow tokens."""

import hashlib
import hmac
import os
import time
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to confuse
CODE_SPACE = 1 << 35  # seven letters of five bits
MULTIPLIER = 98_495_719  # odd, so multiplying by it modulo 2**35 is a bijection; small, so SQL can do it in a bigint
OFFSET = 9_876_543_211
INVERSE = pow(MULTIPLIER, -1, CODE_SPACE)
LOOKALIKES = str.maketrans("ILO", "110")


def uuid7() -> UUID:
    """A UUID of version 7 (RFC 9562): 48 bits of milliseconds, then random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def report_code(prefix: str, number: int) -> str:
    """The public code of a report: the city's prefix and seven letters that do not betray how many there are."""
    # Neighbouring numbers get codes that look unrelated, and no two the same: multiplying is a bijection here.
    scrambled_number = (number * MULTIPLIER + OFFSET) % CODE_SPACE
    letters = "".join(ALPHABET[(scrambled_number >> shift) & 31] for shift in range(30, -5, -5))
    return f"{prefix}-{letters}"


# One plain expression, so that PostgreSQL writes it into the query instead of calling a function for each row.
LETTERS_SQL = " || ".join(
    f"substr('{ALPHABET}', ((number * {MULTIPLIER} + {OFFSET}) % {CODE_SPACE} >> {shift} & 31)::int + 1, 1)"
    for shift in range(30, -5, -5)
)
CODE_SQL = f"""
CREATE FUNCTION report_code(prefix text, number bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT prefix || '-' || {LETTERS_SQL}
$$
"""


def report_id(code: str) -> int | None:
    """The number behind a code, forgiving about case and look-alike letters; None when it is no code."""
    letters = code.strip().upper().rpartition("-")[2].translate(LOOKALIKES)
    if len(letters) != 7 or any(letter not in ALPHABET for letter in letters):
        return None
    scrambled_number = 0
    for letter in letters:
        scrambled_number = scrambled_number << 5 | ALPHABET.index(letter)
    return (scrambled_number - OFFSET) * INVERSE % CODE_SPACE


def secret_token(secret: str, purpose: str, subject: str) -> str:
    """A token nobody can guess and nobody needs to store: 128 bits of HMAC-SHA256 as 32 hex digits."""
    return hmac.new(secret.encode(), f"{purpose}:{subject}".encode(), hashlib.sha256).hexdigest()[:32]


def same_token(candidate: str, token: str) -> bool:
    """Compares in constant time, whatever bytes were given."""
    return hmac.compare_digest(candidate.encode(), token.encode())

"""Money as track's clients write it, converted exactly to four decimal places; never through a float."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal

MAX_LENGTH = 1_000
"""Characters. Anything longer is rejected unparsed, so that no number costs more than reading it."""

MOST_DIGITS = 19
"""The column's digits, four of them after the point."""

_DECIMAL = re.compile(r"([+-]?)([0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,9}))?")
_FRACTION = re.compile(r"([+-]?)([0-9]+)/([0-9]+)")

BOUND = 10 ** (MOST_DIGITS - 4)
"""Every amount is less, with either sign."""

GRAMMAR = f"{_DECIMAL.pattern}|{_FRACTION.pattern}"
"""The form of an amount. It does not limit the size, and does not exclude a division by zero."""
_EXACT = Context(prec=MAX_LENGTH + 30, rounding=ROUND_HALF_UP)


def four_places(text: str) -> str:
    """`1.99`, `199/100`, `+.5`, `5.` or `1e2` as decimal(19,4): `1.9900`; rounded half away from zero.

    Raises ValueError for any other form, a zero denominator, and more than 15 digits before the point.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError("too long")
    sign, units = _fraction(text) or _decimal(text)
    if units >= 10**MOST_DIGITS:
        raise ValueError("too large")
    whole, rest = divmod(units, 10**4)
    return f"{'-' if sign == '-' and units else ''}{whole}.{rest:04}"


def _fraction(text: str) -> tuple[str, int] | None:
    """Sign and ten-thousandths of `199/100`; None if there is no slash."""
    found = _FRACTION.fullmatch(text)
    if found is None:
        return None
    above, below = int(found[2]) * 10**4, int(found[3])
    if below == 0:
        raise ValueError("division by zero")
    return found[1], (2 * above + below) // (2 * below)


def _decimal(text: str) -> tuple[str, int]:
    """Sign and ten-thousandths of a number with or without point and exponent."""
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise ValueError("not a number")
    number, exponent = Decimal(found[2]), int(found[3] or 0) + 4
    # The digits of 1e999999999, written out, would fill the memory.
    if not number or number.adjusted() + exponent < -1:
        return found[1], 0
    if number.adjusted() + exponent > MOST_DIGITS:
        raise ValueError("too large")
    return found[1], int(number.scaleb(exponent, _EXACT).quantize(Decimal(1), context=_EXACT))

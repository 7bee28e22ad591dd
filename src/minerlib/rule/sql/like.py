"""LIKE: `%` is any text, `_` any one character. Never tries anything twice, whatever the pattern."""

from collections.abc import Callable

LONGEST = 200  # characters of a pattern


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text is like the pattern; a backslash is a backslash. ValueError above 200 characters.

    The pieces between the `%` are looked for one after another, each behind the last, the first and the last at
    the ends: the leftmost place is always a right one, so the time is that of finding each piece once.

    >>> matcher("%err_r%")("an error")
    True
    """
    if len(pattern) > LONGEST:
        raise ValueError(f"a pattern has at most {LONGEST} characters")
    head, *middle = pattern.split("%")
    if not middle:
        return lambda text: len(text) == len(head) and _stands(text, head, 0)
    tail = middle.pop()
    pieces = [piece for piece in middle if piece]
    least = len(head) + len(tail)

    def like(text: str) -> bool:
        end = len(text) - len(tail)
        if len(text) < least or not _stands(text, head, 0) or not _stands(text, tail, end):
            return False
        at = len(head)
        marks: dict[str, int] = {}
        for piece in pieces:
            found = text.find(piece, at, end) if "_" not in piece else _find(text, piece, at, end, marks)
            if found < 0:
                return False
            at = found + len(piece)
        return True

    return like


def _stands(text: str, piece: str, at: int) -> bool:
    if "_" not in piece:
        return text.startswith(piece, at)
    return all(sign in ("_", text[at + n]) for n, sign in enumerate(piece))


def _find(text: str, piece: str, at: int, end: int, marks: dict[str, int]) -> int:
    """Where a piece with `_` in it first stands within [at, end); -1 where nowhere.

    All places are tried at once: `marks` has for each character of the piece a number whose byte n is 1 where the
    text has it at n, and shifting these onto each other leaves a 1 where all agree.
    """
    left = -1
    for n, sign in enumerate(piece):
        if sign != "_":
            if sign not in marks:
                marks[sign] = _mark(text, sign)
            left &= marks[sign] >> 8 * (at + n)
            if not left:
                return -1
    first = at + ((left & -left).bit_length() - 1) // 8
    return first if first + len(piece) <= end else -1


def _mark(text: str, sign: str) -> int:
    try:
        planes = [text.encode("latin-1")]
    except UnicodeEncodeError:
        wide = text.encode("utf-32-le", "surrogatepass")
        planes = [wide[0::4], wide[1::4], wide[2::4]]
    code, found = ord(sign), -1
    for plane in planes:
        low = code & 255
        found &= int.from_bytes(plane.translate(bytes(low) + b"\1" + bytes(255 - low)), "little")
        code >>= 8
    return 0 if code else found

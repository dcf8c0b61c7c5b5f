"""A cell of the tutorial's notebooks: says whether an answer is missing, right, or what is wrong with it."""

from collections.abc import Iterator
from contextlib import contextmanager

says = {
    "empty": "Not filled in yet: {}.",
    "right": "Right.",
    "wrong": "Not right yet. {}",
    "stopped": "The answer cannot be checked. {}: {}",
}


@contextmanager
def check(*gaps: str) -> Iterator[None]:
    """Prints what the assertions inside come to; `gaps` are the names that the exercise asks for."""
    try:
        yield
        said = says["right"]
    except AssertionError as error:
        said = says["wrong"].format(error)
    except Exception as error:
        said = says["stopped"].format(type(error).__name__, error)
    empty = [gap for gap in gaps if is_empty(globals().get(gap, ...))]
    print(says["empty"].format(", ".join(empty)) if empty else said)


def is_empty(value: object) -> bool:
    """Whether somewhere in a value, a list or a function the dots still stand."""
    code = getattr(value, "__code__", None)
    parts = code.co_consts if code else value if isinstance(value, (list, tuple)) else [value]
    return any(part is ... for part in parts)

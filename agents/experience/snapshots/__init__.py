"""Snapshots: an environment's state taken out and put back, so that training continues where it stopped.

An environment whose class defines ``snapshot()``, which returns plain data, and ``restore(data)``, tells its
state itself. Of any other, the state is whatever stands in the attributes of the objects that it is made of,
wrappers, lanes and spaces included: numbers, texts, arrays, random generators, and lists, dicts and the like
of them, however they share one another. No attribute is known here by name. What stands outside of the
attributes must not change, see `fixed_parts`: it is compared when a snapshot is put back.

So there are three answers: a snapshot that goes on exactly, a reason why none can be taken, and a reason why
one cannot be put back. There is no fourth in which something is lost unsaid.
"""

from __future__ import annotations

import copy
import json
import warnings
from typing import Any

import numpy as np

from agents.experience.snapshots.known import NotRestorableError
from agents.experience.snapshots.putting import Putting
from agents.experience.snapshots.taking import Taking
from agents.storage.plain_data import pack, unpack

__all__ = ["NotRestorableError", "restore", "snapshot"]

_STEPS_TRIED = 60
"""With a state that a file brings, before it is believed."""
_DAMAGE = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


def snapshot(env: Any, observation: Any = None) -> dict[str, Any]:
    """Everything that decides what an environment does next, as plain data.

    Args:
        env: an environment or vector environment that was reset.
        observation: what it returned last; it may share memory with the environment's own arrays.

    Raises:
        NotRestorableError: if it cannot be told; the message says what stands in the way.
    """
    try:
        arrays: dict[str, Any] = {}
        text = json.dumps(pack(Taking().all_of((env, observation)), arrays)).encode()
    except NotRestorableError:
        raise
    except _DAMAGE as error:
        raise NotRestorableError(f"its state holds more than plain data: {error}") from error
    return {"text": np.frombuffer(text, np.uint8), "arrays": arrays}


def restore(env: Any, taken: dict[str, Any]) -> Any:
    """Puts a snapshot back into an environment made in the same way, and reset.

    Returns:
        The observation to act on.

    Raises:
        NotRestorableError: if it does not fit. Then the environment needs a reset.
    """
    try:
        packed = json.loads(taken["text"].tobytes())  # of a number, bytes() would make so many
        putting = Putting(unpack(packed, taken["arrays"]), (env, None))
        if putting.known and not packed["shared"]:  # a copy's functions would change what they were made for
            _try_a_step(env, unpack(packed, taken["arrays"]))
        putting.apply()
        _, observation = putting.result
    except NotRestorableError:
        raise
    except _DAMAGE as error:
        raise NotRestorableError(f"the saved state does not fit ({error})") from error
    return observation


def _try_a_step(env: Any, saved: Any) -> None:
    """Refuses a state that Gymnasium's environments themselves take unseen, and fail on later."""
    try:
        twin = copy.deepcopy(env)
    except TypeError:  # something in it cannot be copied
        return
    putting = Putting(saved, (twin, None))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            putting.apply()
            for _ in range(_STEPS_TRIED):
                *_, ended, truncated, _ = twin.step(twin.action_space.sample())
                if np.any(ended) or np.any(truncated):
                    twin.reset()
            twin.reset()
        except Exception as error:
            raise NotRestorableError(f"no step can be made from the saved state ({error})") from error

"""What seeds add up to: means with intervals, how often one setting is better than another.

A seed is one observation, whatever number of episodes its training had (Agarwal et al., "Deep Reinforcement
Learning at the Edge of the Statistical Precipice", 2021; Patterson et al., "Empirical Design in Reinforcement
Learning", 2024). Intervals are percentile bootstraps over seeds, always of the same random numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "checked_measure",
    "comparable",
    "improvement",
    "interval",
    "iqm",
    "main_measure",
    "profile",
    "scores",
    "summarised",
    "worth",
]

FloatArray = npt.NDArray[np.float64]

CONFIDENCE = 0.95
RESAMPLES = 2000
MOST_NUMBERS = 1_000_000
"""Drawn at a time, for the sake of memory."""

LOWER_IS_BETTER = {"regret", "max_q_error", "steps_to_exact", "steps_to_optimal", "steps_to_threshold"}
HIGHER_IS_BETTER = {"mean_return", "area"}

PROFILE_POINTS = 101


def comparable(measures: Sequence[str]) -> list[str]:
    """Those measures of which more, or less, is better."""
    return [name for name in measures if name in LOWER_IS_BETTER | HIGHER_IS_BETTER]


def checked_measure(measure: str, measures: Sequence[str]) -> str:
    """A measure by which settings are compared.

    Raises:
        ValueError: if it is not one of ``measures``, or has no better and no worse.
    """
    known = comparable(measures)
    if measure not in known:
        raise ValueError(f"measure is {measure!r}; choose from {', '.join(known)}")
    return measure


def main_measure(measures: Sequence[str]) -> str:
    """The measure that tells settings apart when nothing else is said: exact where it can be."""
    return "max_q_error" if "max_q_error" in measures else "mean_return"


def iqm(values: FloatArray, axis: int = -1) -> Any:
    """Interquartile mean: of what is left without the lowest and the highest quarter."""
    from scipy import stats

    return stats.trim_mean(values, 0.25, axis=axis)


STATISTICS: dict[str, Callable[..., Any]] = {"mean": np.mean, "median": np.median, "iqm": iqm}


def interval(statistic: Callable[..., Any], *samples: FloatArray) -> list[float] | None:
    """The 95% interval of a statistic, or None for a sample of one.

    Args:
        statistic: of samples along ``axis``.
        *samples: each resampled by itself.
    """
    from scipy import stats

    if min(map(len, samples)) < 2:
        return None
    found = stats.bootstrap(
        samples,
        statistic,
        n_resamples=RESAMPLES,
        batch=max(1, MOST_NUMBERS // max(map(len, samples))),
        vectorized=len(samples) == 1,
        confidence_level=CONFIDENCE,
        method="percentile",
        random_state=np.random.default_rng(0),
    ).confidence_interval
    return [float(found.low), float(found.high)]


def summarised(values: Sequence[float | None]) -> dict[str, Any]:
    """Mean, median and interquartile mean of a measure over seeds, each with its interval.

    Args:
        values: of the seeds that did not fail; None where a training has none, such as the steps until it
            had learned what it never did. Those are counted as ``missing``, and in nothing else.
    """
    known = np.array([value for value in values if value is not None], np.float64)
    found: dict[str, Any] = {"n": len(known), "missing": len(values) - len(known)}
    for name, statistic in STATISTICS.items():
        found[name] = float(statistic(known)) if known.size else None
        found[f"{name}_interval"] = interval(statistic, known) if known.size else None
    return found


def scores(measure: str, values: Sequence[float | None]) -> FloatArray:
    """The values so that more is better; what is missing, also for a failure, is worse than anything."""
    sign = -1 if measure in LOWER_IS_BETTER else 1
    return np.array([-np.inf if value is None else sign * value for value in values], np.float64)


def worth(measure: str, values: Sequence[float | None]) -> float:
    """What settings are ranked by, more being better: the interquartile mean of their seeds' `scores`."""
    return float(iqm(scores(measure, values)))


def improvement(
    measure: str, a: Sequence[float | None], b: Sequence[float | None]
) -> tuple[float, list[float] | None]:
    """How probable it is that a seed of ``a`` is better than one of ``b``, ties half; and its interval."""
    samples = scores(measure, a), scores(measure, b)
    return _probability(*samples), interval(_probability, *samples)


def _probability(a: FloatArray, b: FloatArray) -> float:
    b = np.sort(b)
    below, up_to = np.searchsorted(b, a, "left"), np.searchsorted(b, a, "right")
    return float((below + up_to).mean() / (2 * len(b)))


def profile(measure: str, values: Sequence[Sequence[float | None]]) -> dict[str, Any]:
    """The performance profile: which part of a setting's seeds is at least as good as each threshold.

    Args:
        measure: what is compared.
        values: those of the seeds of each setting.

    Returns:
        ``thresholds`` from the worst to the best value that occurs, equally far apart; by their logarithm if
        they are above zero and far apart. ``fractions``: a list for each setting.
    """
    known = [value for each in values for value in each if value is not None]
    if not known:
        return {"measure": measure, "thresholds": [], "fractions": [[] for _ in values]}
    low, high = min(known), max(known)
    spaced = np.geomspace if low > 0 and high > 100 * low else np.linspace
    thresholds = spaced(low, high, PROFILE_POINTS)
    thresholds[0], thresholds[-1] = low, high  # to the last bit
    levels = scores(measure, thresholds.tolist())
    fractions = [(scores(measure, each)[:, np.newaxis] >= levels).mean(axis=0).tolist() for each in values]
    return {"measure": measure, "thresholds": thresholds.tolist(), "fractions": fractions}

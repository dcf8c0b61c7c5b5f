"""What seeds add up to, beside rliable on the same data: equal, up to what resampling leaves to chance."""

# pip install gymnasium==1.4.0 numpy scipy dezero pygame-ce matplotlib pillow tqdm joblib
# pip install rliable==1.2.0 "pandas<3"

import sys
import warnings
from pathlib import Path

import numpy as np
from rliable import library, metrics

from agents.experiments.statistics import improvement, interval, iqm, profile

STORED = Path(__file__).parents[3] / "docs" / "how_many_seeds.npz"
REPETITIONS = 10_000


def main() -> int:
    """Intervals of three statistics, probabilities of improvement, and the performance profile."""
    warnings.simplefilter("ignore", FutureWarning)  # arch's, of what rliable hands over
    with np.load(STORED) as stored:
        tuned, slower = (stored[name].astype(np.float64) for name in ("0.01", "0.006"))

    statistics = {"iqm": (iqm, metrics.aggregate_iqm), "mean": (np.mean, metrics.aggregate_mean)}
    # theirs has a median of tasks; that of seeds is any function of ours
    statistics["median"] = (np.median, np.median)
    print("statistic  seeds  ours                  rliable               largest difference, in widths")
    for n_seeds in (10, 50, 500):
        few = tuned[:n_seeds]
        for name, (our_statistic, their_statistic) in statistics.items():
            ours = np.array(interval(our_statistic, few))
            _, found = library.get_interval_estimates(
                {"dqn": few[:, np.newaxis]},
                lambda scores, statistic=their_statistic: np.array([statistic(scores)]),
                reps=REPETITIONS,
                random_state=np.random.RandomState(0),
            )
            theirs = found["dqn"][:, 0]
            difference = np.abs(ours - theirs).max() / np.ptp(theirs)
            shown = (f"[{low:.5f}, {high:.5f}]" for low, high in (ours, theirs))
            print(f"{name:9}  {n_seeds:5}  {'  '.join(f'{each:20}' for each in shown)}  {difference:.3f}")
            # the median of ten seeds can only be one of them, or between two: it jumps
            assert difference < (0.5 if (name, n_seeds) == ("median", 10) else 0.1)

    for n_seeds in (10, 500):
        a, b = -tuned[:n_seeds], -slower[:n_seeds]  # theirs takes more for better
        theirs = metrics.probability_of_improvement(a[:, np.newaxis], b[:, np.newaxis])
        ours, _ = improvement("max_q_error", (-a).tolist(), (-b).tolist())
        print(f"0.01 beats 0.006, {n_seeds} seeds each: probability {ours:.6f}, rliable's {theirs:.6f}")
        assert abs(ours - theirs) < 1e-9

    found = profile("max_q_error", [tuned[:500].tolist()])
    # theirs counts what is above a threshold, ours also what is on it
    levels = np.nextafter(-np.array(found["thresholds"]), -np.inf)
    theirs = [library.run_score_deviation(-tuned[:500, np.newaxis], level) for level in levels]
    assert np.allclose(theirs, found["fractions"][0], rtol=0, atol=1e-12)
    print("performance profile: equal at all thresholds")
    return 0


if __name__ == "__main__":
    sys.exit(main())

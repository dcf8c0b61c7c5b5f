"""Schedules, worked out by hand."""

import pytest

from agents.algorithms.schedules import falling, make_schedule


def test_constant_never_changes():
    schedule = make_schedule("constant", 0.3, 0.1, 10)
    assert [schedule(step) for step in (0, 5, 10, 1000)] == [0.3] * 4


def test_linear_goes_by_equal_differences_and_stays():
    schedule = make_schedule("linear", 1.0, 0.2, 8)
    assert [schedule(step) for step in (0, 2, 4, 8, 1000)] == pytest.approx([1.0, 0.8, 0.6, 0.2, 0.2])


def test_exponential_goes_by_equal_ratios_and_stays():
    schedule = make_schedule("exponential", 0.8, 0.1, 6)
    assert [schedule(step) for step in (0, 2, 4, 6, 1000)] == pytest.approx([0.8, 0.4, 0.2, 0.1, 0.1])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("cosine", 1.0, 0.1, 10), "'cosine'; give one of 'constant', 'linear', 'exponential'"),
        (("linear", 1.0, 0.1, 0), "0 steps"),
        (("exponential", 1.0, 0.0, 10), "from 1.0 to 0.0"),
        (("exponential", 0.0, 0.0, 10), "from 0.0 to 0.0"),
    ],
)
def test_schedules_that_make_no_sense_are_refused(arguments, word):
    with pytest.raises(ValueError, match=word):
        make_schedule(*arguments)


def test_a_falling_step_size_stays_and_then_falls_as_the_inverse_of_the_steps():
    schedule = falling(0.1, 20)
    assert [schedule(step) for step in (0, 20, 40, 200)] == pytest.approx([0.1, 0.1, 0.05, 0.01])
    assert falling(0.1, None)(10**9) == 0.1

"""A plan that is run in several ways, and what the ways must agree in; used by the programs beside it."""

PLAN = {"seeds": 60, "settings": {"learning_rate": [0.003, 0.01]}, "quiet": True}

MAY_DIFFER = ("seconds", "worker", "finished")


def told(found):
    """The records of a sweep without what may differ between repetitions."""
    return [
        {name: value for name, value in record.items() if name not in MAY_DIFFER} for record in found.records
    ]

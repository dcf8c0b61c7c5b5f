"""What two sweeps of one plan must have in common."""

MAY_DIFFER = ("seconds", "worker", "finished")


def told(records):
    """The records without what may differ between repetitions."""
    return [{name: record[name] for name in record if name not in MAY_DIFFER} for record in records]

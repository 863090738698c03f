"""Do all competitors compute the same thing? Asked before anything is timed."""


class NotTheSame(Exception):
    pass


def _flat(value):
    if isinstance(value, list):
        return [number for part in value for number in _flat(part)]
    return [value]


def relative_difference(ours, theirs):
    """The largest over all numbers, each relative to ours."""
    ours, theirs = _flat(ours), _flat(theirs)
    if len(ours) != len(theirs):
        return float("inf")
    return max(abs(a - b) / abs(a) for a, b in zip(ours, theirs))


def compare(group, ours, theirs, tolerances):
    """A record of how far the quantities of two greetings are apart. Raises NotTheSame when one is
    farther than its tolerance."""
    checks = []
    for quantity, tolerance in tolerances.items():
        difference = relative_difference(
            group.greetings[ours]["verification"][quantity],
            group.greetings[theirs]["verification"][quantity],
        )
        checks.append(
            {
                "competitor": theirs,
                "against": ours,
                "quantity": quantity,
                "relative_difference": difference,
                "tolerance": tolerance,
            }
        )
        if not difference <= tolerance:
            raise NotTheSame(
                f"{theirs}, {quantity}: expected that of {ours} within {tolerance}, "
                f"got a relative difference of {difference:.2g}"
            )
    return checks

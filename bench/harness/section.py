"""What a workload hands to the result file: groups of measurements, what was verified, ratios, and
whether the goals are met."""

import operator
from statistics import median

from harness.rounds import spread

_HOLDS = {"<=": operator.le, ">=": operator.ge, ">": operator.gt}

MISMEASURED = 1.05


class Section:
    def __init__(self, identifier, title):
        self.identifier = identifier
        self.title = title
        self.groups = []
        self.verification = []
        self.ratios = []
        self.goals = []
        self.headlines = []
        self.details = {}

    def add_ratio(self, what, values):
        self.ratios.append({"what": what, "values": values, **spread(values)})

    def add_headline(self, work, group, ours, peer, fractions=None):
        """A line of the short table; `fractions` of the machine's limit, where one is known."""
        self.headlines.append(
            {
                "work": work,
                "ours": spread(group.values[ours]),
                "peer": peer,
                "theirs": spread(group.values[peer]),
                "times_as_fast": spread(group.ratios(peer, ours)),
                "fraction_of_limit": spread(fractions) if fractions else None,
            }
        )

    def add_goal(self, what, values, relation, target, unit="", of_limit=False):
        """The median of `values` is to be in `relation` to `target`. A fraction `of_limit`, which
        nothing exceeds, above MISMEASURED says that the limit was measured wrongly, and meets
        nothing."""
        self.goals.append(
            {
                "what": what,
                "relation": relation,
                "target": target,
                "unit": unit,
                "values": values,
                **spread(values),
                "met": _HOLDS[relation](median(values), target)
                and not (of_limit and max(values) > MISMEASURED),
            }
        )

    def as_json(self):
        return {
            "id": self.identifier,
            "title": self.title,
            "verification": self.verification,
            "groups": [group.as_json() for group in self.groups],
            "ratios": self.ratios,
            "goals": self.goals,
            "headlines": self.headlines,
            **self.details,
        }

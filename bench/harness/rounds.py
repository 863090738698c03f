"""Rounds: in every round every competitor measures once, one after the other. Only numbers of the
same round are compared."""

from contextlib import ExitStack
from statistics import median

from harness import load
from harness.competitor import Running


def spread(values):
    return {"median": median(values), "min": min(values), "max": max(values)}


class Group:
    """What some competitors measured, one number a round each."""

    def __init__(self, title, competitors):
        self.title = title
        self.competitors = competitors
        self.greetings = {}
        self.values = {competitor.name: [] for competitor in competitors}
        self.other_programs_share = 0.0

    def ratios(self, above, below):
        """Per round: what `above` measured over what `below` did."""
        return [a / b for a, b in zip(self.values[above], self.values[below])]

    def best(self, names):
        """Of those that measure seconds, the one with the smallest median."""
        return min(names, key=lambda name: median(self.values[name]))

    def peers(self):
        return [competitor.name for competitor in self.competitors if competitor.role == "peer"]

    def as_json(self):
        return {
            "title": self.title,
            "other_programs_cpu_share": self.other_programs_share,
            "competitors": [
                {
                    "name": competitor.name,
                    "role": competitor.role,
                    "threads": competitor.threads,
                    "version": self.greetings[competitor.name].get("version"),
                    "quantity": competitor.quantity,
                    "values": self.values[competitor.name],
                    **spread(self.values[competitor.name]),
                }
                for competitor in self.competitors
            ],
        }


def compete(bench, title, competitors, verify=None, times=1):
    """Starts the competitors, lets `verify` check their greetings, then runs the rounds, `times` as
    many as asked for: what differs by a few per cent wants more of them."""
    group = Group(title, competitors)
    with ExitStack() as stack:
        running = []
        for competitor in competitors:
            bench.say(f"{title}: {competitor.name}")
            running.append(stack.enter_context(Running(competitor)))
            group.greetings[competitor.name] = running[-1].greeting
        if verify:
            verify(group)
        meter = load.Meter([one.process.pid for one in running])
        rounds = bench.rounds * times
        for round_number in range(rounds):
            bench.say(f"{title}: round {round_number + 1} of {rounds}")
            bench.wait_for_quiet()
            first = round_number % len(running)
            for one in running[first:] + running[:first]:
                group.values[one.competitor.name].append(one.measure())
        group.other_programs_share = meter.other_programs_share()
    return group

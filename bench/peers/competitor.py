"""The part of a competitor in a benchmark: see support/competitor.hpp."""

import json
import sys


def serve(greeting, measure):
    """Prints the greeting, then measures once for every line of input, one line of JSON each."""
    print(json.dumps(greeting), flush=True)
    for _ in sys.stdin:
        print(json.dumps(measure()), flush=True)

"""What finding the first matching rule costs: the index against linear scans, as ratios.

    python bench/matching.py

Sets are hard: up to 5 conditions a rule over 6 fields of 3 to 200 values, 15 % of them IN, some numeric
comparisons, so that few rules match and a scan goes far; the last rule matches everything. All sides see the same
records in the same rounds, in shuffled order; a figure is the least CPU time an event took in any round.
"""

import gc
import os
import random
import time
from collections.abc import Callable, Sequence
from functools import partial

from deskbell.conditions import Condition, Fields, comparable, holds, parse
from deskbell.conditions.evaluation import Comparable
from deskbell.matching import Rule, RuleIndex

FIELDS: Fields = {
    "channel": "choice",
    "category": "choice",
    "product": "choice",
    "region": "choice",
    "customer": "choice",
    "amount": "integer",
}
CARDINALITIES = {"channel": 3, "category": 12, "product": 50, "region": 25, "customer": 200}
THRESHOLDS = 5_000
ROUNDS = 7
RECORDS = 500

type Side = Callable[[dict[str, str | int]], object]


def main() -> None:
    """Print the table."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    chance = random.Random(2)
    records = [_record(chance) for _ in range(RECORDS)]
    print(
        "us of CPU per event    rules      index   compiled scan   plain scan      build ms   first sight us"
    )
    found: dict[int, dict[str, float]] = {}
    for size in (10, 1_000, 100_000):
        rules = _rules(size, chance)
        started = time.process_time()
        index = RuleIndex(rules, FIELDS)
        build = time.process_time() - started
        few = records[: 20 if size > 10_000 else RECORDS]  # noqa: PLR2004
        started = time.process_time()
        for record in few:
            index.match(record)
        first = (time.process_time() - started) / len(few)
        for record in records:
            index.match(record)
        parsed = [parse(rule.condition, FIELDS) for rule in rules]
        compiled = [_compiled(condition) for condition in parsed]
        sides: dict[str, Side] = {
            "index": index.match,
            "compiled": partial(_first, compiled),
            "plain": partial(_first, [partial(holds, condition) for condition in parsed]),
        }
        answers = [
            [rules.index(index.match(record) or rules[0]), sides["compiled"](record), sides["plain"](record)]
            for record in few[:50]
        ]
        assert all(answer[0] == answer[1] == answer[2] for answer in answers)  # noqa: S101
        times = _interleaved(sides, records, few, chance)
        found[size] = times
        print(
            f"                   {size:9,} {times['index']:10.2f} {times['compiled']:15.2f} {times['plain']:12.2f}"
            f" {build * 1e3:13.1f} {first * 1e6:16.1f}"
        )
    print(f"index at 1,000 rules / at 10 rules         {found[1_000]['index'] / found[10]['index']:8.2f}")
    for size in (1_000, 100_000):
        times = found[size]
        print(f"compiled scan / index at {size:7,} rules       {times['compiled'] / times['index']:10.0f}")
        print(f"plain scan / index at {size:7,} rules          {times['plain'] / times['index']:10.0f}")


def _interleaved(
    sides: dict[str, Side],
    records: Sequence[dict[str, str | int]],
    few: Sequence[dict[str, str | int]],
    chance: random.Random,
) -> dict[str, float]:
    best = dict.fromkeys(sides, float("inf"))
    for _ in range(ROUNDS):
        for name in chance.sample(sorted(sides), len(sides)):
            side, asked = sides[name], records if name == "index" else few
            gc.collect()
            gc.disable()
            started = time.process_time()
            for record in asked:
                side(record)
            best[name] = min(best[name], (time.process_time() - started) / len(asked) * 1e6)
            gc.enable()
    return best


def _record(chance: random.Random) -> dict[str, str | int]:
    values: dict[str, str | int] = {
        name: f"{name}{chance.randrange(count)}" for name, count in CARDINALITIES.items()
    }
    return {**values, "amount": chance.randrange(THRESHOLDS)}


def _rules(size: int, chance: random.Random) -> list[Rule]:
    rules = []
    for number in range(size - 1):
        others = chance.sample(["channel", "category", "region", "amount"], chance.randint(1, 3))
        names = ["customer", "product", *others]
        condition = "^".join(_term(name, chance) for name in names)
        rules.append(Rule(id=f"r{number}", name="rule", queue="q", order=number, condition=condition))
    return [*rules, Rule(id="last", name="last", queue="q", order=size)]


def _term(name: str, chance: random.Random) -> str:
    if name == "amount":
        return f"amount>{chance.randrange(THRESHOLDS)}"
    if chance.random() < 0.15:  # noqa: PLR2004
        return f"{name}IN" + ",".join(f"{name}{chance.randrange(CARDINALITIES[name])}" for _ in range(3))
    return f"{name}={name}{chance.randrange(CARDINALITIES[name])}"


def _first(tests: Sequence[Callable[[Comparable], bool]], record: dict[str, str | int]) -> int | None:
    values = comparable(record)
    for number, test in enumerate(tests):
        if test(values):
            return number
    return None


def _compiled(condition: Condition) -> Callable[[Comparable], bool]:
    """The fastest scan we know without an index: each rule as one Python expression."""
    names: dict[str, object] = {}
    tests = []
    for clause in condition.alternatives[0]:
        term = clause[0]
        names[f"v{len(names)}"] = term.operands if len(term.operands) != 1 else term.operands[0]
        value, operand = f"r.get({term.field!r})", f"v{len(names) - 1}"
        tests.append(
            {
                "=": f"{value} == {operand}",
                "IN": f"{value} in {operand}",
                ">": f"({value} or 0) > {operand}",
            }[term.operator]
        )
    test: Callable[[Comparable], bool] = eval(f"lambda r: {' and '.join(tests) or 'True'}", names)  # noqa: S307
    return test


if __name__ == "__main__":
    main()

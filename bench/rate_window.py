"""What the rate window admits and what it costs, beside the exact log: `python -m bench.rate_window`."""

from random import Random
from time import perf_counter

from tests.builders.rate_traffic import containers, limits, poisson, replay

HEADER = "limit  load  containers  clients  attempts  admitted  of exact  worst hour  writes/attempt  client writes"
ROW = "{:5}  {:4}  {:10}  {:7}  {:8}  {:8}  {:7.1%}  {:10}  {:14.4f}  {:13}"
CASES = [
    # limit, load, hours, containers, clients, limit of one client
    (200, 0.6, 24, 1, 20_000, -1),
    (200, 0.6, 24, 20, 20_000, -1),
    (200, 1, 24, 20, 20_000, -1),
    (1_000, 1, 24, 20, 20_000, -1),
    (200, 3, 24, 20, 20_000, -1),
    (200, 100, 1, 20, 1, 10),
    (200, 100, 1, 20, 20_000, 10),
]


def main() -> None:
    started = perf_counter()
    print("Rate window: minute buckets, clocks off by up to 2 s either way, from an empty table")
    print(HEADER)
    for limit, load, hours, count, clients, one_client in CASES:
        rng = Random(f"{limit} {load} {count} {clients}")
        got = replay(
            poisson(rng, limit * load, hours, clients), containers(rng, count), limits(limit, one_client), rng
        )
        print(
            ROW.format(
                limit,
                f"{load}x",
                count,
                clients,
                got.attempts,
                got.admitted,
                got.admitted / got.exact,
                got.worst_hour,
                got.writes_per_attempt,
                got.client_writes,
            )
        )
    print(f"in {perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()

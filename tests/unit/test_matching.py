"""Matching rules: the first by order whose condition holds, found by an index that changes nothing but the time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskbell.conditions import Condition, Record, print_query
from deskbell.errors import InvalidFieldError
from deskbell.matching import Rule, RuleIndex, explain
from tests.builders.conditions import FIELDS, conditions, plainly, records


def rule(key: str, condition: str = "", order: int = 100, name: str = "rule", active: bool = True) -> Rule:
    return Rule(id=key, name=name, condition=condition, order=order, active=active, queue=f"{key} queue")


def matched(rules: list[Rule], record: Record) -> str | None:
    found = RuleIndex(rules, FIELDS).match(record)
    return None if found is None else found.id


def test_the_lowest_order_wins() -> None:
    rules = [rule("late", order=200), rule("early", order=-1), rule("middle")]

    assert matched(rules, {}) == "early"


def test_rules_of_the_same_order_go_by_name_and_then_by_id() -> None:
    rules = [rule("c", name="b"), rule("b", name="a"), rule("a", name="b")]

    assert matched(rules, {}) == "b"
    assert matched([rules[0], rules[2]], {}) == "a"


def test_an_inactive_rule_is_not_tried() -> None:
    assert matched([rule("off", active=False), rule("on", order=200)], {}) == "on"


def test_a_rule_that_does_not_hold_gives_way_to_the_next() -> None:
    rules = [rule("billing", "category=billing"), rule("any", order=200)]

    assert matched(rules, {"category": "billing"}) == "billing"
    assert matched(rules, {"category": "order"}) == "any"


def test_without_a_rule_that_holds_there_is_none() -> None:
    assert matched([], {}) is None
    assert matched([rule("billing", "category=billing")], {"category": "order"}) is None


def test_a_rule_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InvalidFieldError):
        RuleIndex([rule("bad", "colour=red")], FIELDS)


def test_ors_over_many_fields_are_still_exact() -> None:
    clause = "^OR".join(f"{field}=x" for field in ("channel", "category", "queue", "rule", "state"))
    rules = [rule("wide", "^".join([clause] * 4)), rule("rest", order=200)]

    assert matched(rules, {"state": "x"}) == "wide"
    assert matched(rules, {"state": "y"}) == "rest"


def test_a_value_that_is_not_of_its_fields_type_satisfies_nothing() -> None:
    rules = [
        rule("text", "categoryISNOTEMPTY"),
        rule("number", "priority>0"),
        rule("time", "opened_at>2026-01-01"),
    ]

    assert matched(rules, {"category": 1, "priority": "high", "opened_at": "soon"}) is None


def test_times_and_numbers_may_come_as_text() -> None:
    rules = [rule("urgent", "priority>1"), rule("late", "opened_at>=2026-01-02", order=200)]

    assert matched(rules, {"priority": "2"}) == "urgent"
    assert matched(rules, {"priority": "1", "opened_at": "2026-01-02T00:00:00.000Z"}) == "late"
    assert matched(rules, {"opened_at": "2026-01-01T23:59:59.999Z"}) is None


def test_more_values_than_are_kept_change_nothing() -> None:
    index = RuleIndex([rule("even", "emailLIKEeven"), rule("rest", order=200)], FIELDS)

    for number in range(5_000):
        word = "even" if number % 2 == 0 else "odd"
        found = index.match({"email": f"{number}.{word}@example.com"})
        assert found is not None
        assert found.id == ("even" if number % 2 == 0 else "rest")


@given(
    st.lists(st.tuples(conditions(), st.integers(0, 3), st.booleans()), max_size=12),
    st.lists(records(), max_size=6),
)
@settings(max_examples=300, deadline=None)
def test_the_index_agrees_with_trying_one_rule_after_the_other(
    drawn: list[tuple[Condition, int, bool]], asked: list[Record]
) -> None:
    rules = [
        rule(str(number), print_query(condition), order, active=active)
        for number, (condition, order, active) in enumerate(drawn)
    ]
    index = RuleIndex(rules, FIELDS)

    for record in [*asked, *asked]:
        tried = sorted((it for it in rules if it.active), key=lambda it: (it.order, it.name, it.id))
        assert index.match(record) == next((it for it in tried if plainly(it.condition, record)), None)


def test_an_explanation_says_for_each_rule_what_held_or_what_did_not() -> None:
    rules = [
        rule("billing", "channel=chat^category=billing"),
        rule("either", "category=order^NQchannel=phone", order=200),
        rule("any", order=300),
        rule("off", active=False),
    ]

    verdicts = explain(RuleIndex(rules, FIELDS), {"channel": "chat", "category": "order"})

    assert [(it.rule.id, it.matched, it.because) for it in verdicts] == [
        ("billing", False, "not category=billing"),
        ("either", True, "category=order"),
        ("any", True, "the condition is empty"),
    ]

"""Encoded queries: what they mean, what is refused, and that reading and writing them agree."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskbell.conditions import (
    EVERYTHING,
    INTERACTION_FIELDS,
    MAX_QUERY_CHARACTERS,
    MAX_TERMS,
    Condition,
    Fields,
    Record,
    comparable,
    decide,
    evaluate,
    parse,
    print_query,
)
from deskbell.errors import InvalidFieldError
from tests.builders.conditions import FIELDS, conditions, plainly, records

BILLING: Record = {
    "number": "INT0001234",
    "channel": "chat",
    "category": "billing",
    "email": "ann@example.com",
    "short_description": "My Invoice is wrong",
    "priority": 3,
    "opened_at": 1_767_225_600_000,
}


def holds(query: str, record: Record = BILLING) -> bool:
    return evaluate(parse(query, FIELDS), record)


def refusal(query: str, fields: Fields = INTERACTION_FIELDS) -> tuple[str, str]:
    with pytest.raises(InvalidFieldError) as caught:
        parse(query, fields, "matching-rules[0].condition")
    (error,) = caught.value.errors
    assert error.field == "matching-rules[0].condition"
    return error.code, error.detail


@pytest.mark.parametrize("query", ["", "  ", "^EQ"])
def test_an_empty_query_holds_for_everything(query: str) -> None:
    assert parse(query, FIELDS) == EVERYTHING
    assert holds(query, {})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("category=billing", True),
        ("category=order", False),
        ("category!=order", True),
        ("category!=billing", False),
        ("categoryINorder,billing", True),
        ("categoryINorder, billing", True),
        ("categoryINorder,product", False),
        ("categoryNOT INorder,product", True),
        ("categoryNOT INorder,billing", False),
        ("short_descriptionLIKEinvoice", True),
        ("short_descriptionLIKEparcel", False),
        ("short_descriptionNOT LIKEparcel", True),
        ("short_descriptionNOTLIKEparcel", True),
        ("short_descriptionNOT LIKEinvoice", False),
        ("emailSTARTSWITHann@", True),
        ("emailSTARTSWITHbob@", False),
        ("emailENDSWITH@example.com", True),
        ("emailENDSWITH@example.org", False),
        ("assigned_toISEMPTY", True),
        ("emailISEMPTY", False),
        ("emailISNOTEMPTY", True),
        ("assigned_toISNOTEMPTY", False),
        ("priority<4", True),
        ("priority<3", False),
        ("priority<=3", True),
        ("priority>2", True),
        ("priority>3", False),
        ("priority>=3", True),
        ("priorityBETWEEN1@3", True),
        ("priorityBETWEEN4@9", False),
        ("priority>-1", True),
        ("categoryBETWEENa@c", True),
        ("category>=billing", True),
        ("opened_at>=2026-01-01 00:00:00", True),
        ("opened_at>2026-01-01", False),
        ("opened_at=2026-01-01T01:00:00+01:00", True),
        ("opened_atBETWEEN2025-12-31@2026-01-02", True),
    ],
)
def test_each_operator_compares_as_servicenow_documents(query: str, expected: bool) -> None:
    assert holds(query) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("channel=chat^category=billing", True),
        ("channel=chat^category=order", False),
        ("category=order^ORcategory=billing", True),
        ("channel=phone^category=order^ORcategory=billing", False),
        ("channel=chat^category=order^ORcategory=billing", True),
        ("category=order^NQchannel=chat", True),
        ("channel=phone^category=billing^NQchannel=chat^category=order", False),
        ("channel=chat^category=billing^EQ", True),
    ],
)
def test_or_joins_only_the_condition_before_it_and_nq_starts_anew(query: str, expected: bool) -> None:
    assert holds(query) is expected


@pytest.mark.parametrize("query", ["category=BILLING", "emailLIKEANN@", "short_descriptionSTARTSWITHmy inv"])
def test_text_compares_without_case(query: str) -> None:
    assert holds(query)


def test_text_compares_without_regard_to_how_accents_are_composed() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"

    assert holds(f"category={composed}", {"category": decomposed})
    assert holds(f"category={decomposed}", {"category": composed.upper()})


@pytest.mark.parametrize(
    "operator",
    [
        "=x",
        "!=x",
        "INx",
        "NOT INx",
        "LIKEx",
        "NOT LIKEx",
        "STARTSWITHx",
        "ENDSWITHx",
        "<x",
        ">=x",
        "BETWEENa@z",
    ],
)
@pytest.mark.parametrize("record", [{}, {"category": None}, {"category": ""}])
def test_a_missing_value_satisfies_no_comparison_not_even_a_negative_one(
    operator: str, record: Record
) -> None:
    assert not holds(f"category{operator}", record)
    assert holds("categoryISEMPTY", record)


@pytest.mark.parametrize(
    ("query", "meaning"), [("category=", "categoryISEMPTY"), ("category!=", "categoryISNOTEMPTY")]
)
def test_comparing_with_nothing_asks_for_emptiness(query: str, meaning: str) -> None:
    assert parse(query, FIELDS) == parse(meaning, FIELDS)


def test_a_doubled_caret_is_a_caret_in_the_value() -> None:
    assert holds("category=a^^ORb", {"category": "a^ORb"})
    assert holds("category=a^^^channel=chat", {"category": "a^", "channel": "chat"})
    assert holds("category=a^^EQ", {"category": "a^EQ"})


@pytest.mark.parametrize(
    ("query", "code", "naming"),
    [
        ("colour=red", "unknown_field", "'colour' at position 0"),
        ("channel=chat^ORcolour=red", "unknown_field", "'colour' at position 15"),
        ("channel=chat^CallerISNOTEMPTY", "unknown_field", "'Caller' at position 13"),
        ("caller_id.name=Ann", "unknown_field", "'caller_id.name' at position 0"),
        ("=chat", "unknown_field", "'=chat' at position 0"),
        ("categoryEQUALSbilling", "unknown_operator", "'EQUALS' at position 8"),
        ("category~billing", "unknown_operator", "'~' at position 8"),
        ("category = billing", "unknown_operator", "' = ' at position 8"),
        ("categorySAMEASqueue", "unknown_operator", "'SAMEAS' at position 8"),
        ("categoryINSTANCEOFtask", "unknown_operator", "'INSTANCEOF' at position 8"),
        ("category", "unknown_operator", "missing at position 8"),
        ("category=billing^ORDERBYnumber", "unknown_operator", "ORDERBY at position 17"),
        ("opened_atLIKE2026", "unknown_operator", "LIKE at position 9"),
        ("channel=chat^", "malformed", "position 13"),
        ("^channel=chat", "malformed", "position 0"),
        ("channel=chat^NQ", "malformed", "position 15"),
        ("categoryIN", "invalid_value", "IN at position 8"),
        ("categoryINa,,b", "invalid_value", "IN at position 8"),
        ("categoryLIKE", "invalid_value", "LIKE at position 8"),
        ("categoryBETWEENa", "invalid_value", "two values"),
        ("categoryBETWEENa@b@c", "invalid_value", "two values"),
        ("categoryBETWEENb@a", "invalid_value", "wrong way round"),
        ("categoryISEMPTYnow", "invalid_value", "takes no value"),
        ("categoryIN STANCEOF", "invalid_value", "IN at position 8"),
        ("opened_at>yesterday", "invalid_value", "opened_at at position 9"),
        ("opened_at>javascript:gs.daysAgoStart(0)", "invalid_value", "scripts"),
    ],
)
def test_what_is_not_understood_is_refused_by_name_and_position(query: str, code: str, naming: str) -> None:
    refused, detail = refusal(query)

    assert refused == code
    assert naming in detail


@pytest.mark.parametrize("value", ["three", "1.5", "9" * 400, "--1", "\u0661", "1e3", str(2**53 + 1)])
def test_an_integer_field_takes_whole_numbers_of_53_bits(value: str) -> None:
    assert refusal(f"priority={value}", FIELDS)[0] == "invalid_value"


def test_a_query_has_a_length_and_a_number_of_comparisons() -> None:
    assert refusal("category=" + "x" * MAX_QUERY_CHARACTERS)[0] == "too_long"
    assert refusal("^".join(["category=x"] * (MAX_TERMS + 1)))[0] == "too_many_terms"
    parse("^".join(["category=x"] * MAX_TERMS), INTERACTION_FIELDS)


@given(conditions())
@settings(deadline=None)
def test_a_printed_condition_reads_back_as_the_same_condition(condition: Condition) -> None:
    assert parse(print_query(condition), FIELDS) == condition


@given(conditions(), records())
@settings(deadline=None)
def test_evaluation_agrees_with_an_independent_reading(condition: Condition, record: Record) -> None:
    assert evaluate(condition, record) is plainly(print_query(condition), record)


_FRAGMENTS = st.sampled_from(
    [
        *FIELDS,
        "^",
        "^^",
        "^OR",
        "^NQ",
        "^EQ",
        "=",
        "!=",
        "IN",
        "NOT ",
        "LIKE",
        "BETWEEN",
        "ISEMPTY",
        "@",
        ",",
        "<",
        "2026-01-01",
        "\x00",
    ]
)


@given(st.lists(_FRAGMENTS | st.text(max_size=5), max_size=12).map("".join))
@settings(max_examples=500, deadline=None)
def test_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    condition: Condition | None = None
    with suppress(InvalidFieldError):
        condition = parse(text, FIELDS)
    if condition is not None:
        assert parse(print_query(condition), FIELDS) == condition


@given(conditions(), records(), st.sets(st.sampled_from(sorted(FIELDS))))
@settings(deadline=None)
def test_what_is_decided_from_some_fields_stands_whatever_the_others_are(
    condition: Condition, record: Record, known: set[str]
) -> None:
    values = {name: value for name, value in comparable(record).items() if name in known}
    decided = decide(condition, values, known)

    assert decided is None or decided is evaluate(condition, record)


def test_nothing_is_decided_by_a_field_that_is_not_known() -> None:
    condition = parse("channel=chat^category=billing", FIELDS)

    assert decide(condition, {"channel": "chat"}, {"channel"}) is None
    assert decide(condition, {"channel": "phone"}, {"channel"}) is False
    assert decide(parse("channel=chat^NQcategory=x", FIELDS), {"channel": "chat"}, {"channel"}) is True

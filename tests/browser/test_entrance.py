"""The way in: the form, its mistakes, and every refusal in words."""

import json
import re
from collections.abc import Mapping

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.pages import ANSWER_TIME, DeskPage, GuestPage


def test_an_empty_form_is_not_sent_and_every_field_says_what_it_needs(guest: GuestPage) -> None:
    sent = watch_submissions(guest.page)
    guest.open_form()
    guest.submit()
    for name in ("first_name", "last_name", "email", "issue_type", "description"):
        expect(guest.error_of(name)).to_be_visible()
        expect(guest.field(name)).to_have_attribute("aria-invalid", "true")
    expect(guest.field("first_name")).to_be_focused()
    assert sent == []


@pytest.mark.parametrize("email", ["ada", "ada@", "@example.com", "ada example.com", "ada@example"])
def test_an_impossible_address_is_refused_at_its_field(guest: GuestPage, email: str) -> None:
    guest.open_form()
    guest.fill(email=email)
    guest.submit()
    expect(guest.error_of("email")).to_contain_text("email address")


def test_the_servers_own_findings_are_shown_at_their_fields(guest: GuestPage) -> None:
    problem = {
        "code": "invalid_field",
        "errors": [{"field": "email", "code": "invalid", "detail": "No such domain."}],
    }
    refuse(guest.page, 422, problem)
    guest.open_form()
    guest.fill()
    guest.submit()
    expect(guest.error_of("email")).to_have_text("No such domain.")
    expect(guest.field("email")).to_be_focused()
    expect(guest.field("description")).to_have_value("My last invoice is wrong.")


def test_a_guest_over_the_limit_reads_the_configured_words_and_when_to_try_again(guest: GuestPage) -> None:
    problem = {
        "code": "rate_limited",
        "detail": "Too many of you today.",
        "retry_at": "2030-05-04T12:05:00.000Z",
    }
    refuse(guest.page, 429, problem)
    guest.open_form()
    guest.fill()
    guest.submit()
    alert = guest.chat.get_by_role("alert")
    expect(alert).to_contain_text("Too many of you today.")
    expect(alert).to_contain_text("Sat 4 May, 14:05")


def test_a_closed_queue_shows_its_own_text_without_its_scripts(guest: GuestPage) -> None:
    markup = (
        "<p>Closed. See <a href='https://example.com/faq'>answers</a>.</p><script>alert(1)</script>"
        "<img src=x onerror=alert(2)><a href='javascript:alert(3)'>never</a>"
    )
    refuse(guest.page, 409, {"code": "queue_closed", "detail": "", "not_available_html": markup})
    guest.open_form()
    guest.fill()
    guest.submit()
    alert = guest.chat.get_by_role("alert")
    expect(alert.get_by_role("link", name="answers")).to_have_attribute("href", "https://example.com/faq")
    expect(alert.locator("img, script, [href^=javascript]")).to_have_count(0)


def test_the_portal_hides_chat_while_it_is_switched_off(guest: GuestPage) -> None:
    body = {"code": "chat_disabled", "detail": "No chat this week.", "status": 409}
    guest.page.route(re.compile(r"/v1/forms/default$"), lambda route: fulfil(route, 409, body))
    guest.page.goto(f"{guest.web_url}/")
    expect(guest.page.get_by_text("Chat is not available at the moment.")).to_be_visible(timeout=ANSWER_TIME)
    expect(guest.page.get_by_role("banner").get_by_role("button", name="Chat")).to_be_hidden()


def test_a_submission_that_got_lost_is_repeated_with_the_same_key(guest: GuestPage) -> None:
    keys: list[str] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method == "POST":
            keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1 and route.request.method == "POST":
            route.abort()
        else:
            route.continue_()

    guest.page.route("**/submissions", lose_the_first)
    guest.open_form()
    guest.fill()
    guest.submit()
    expect(guest.chat.get_by_role("alert")).to_contain_text("could not reach the server")
    guest.submit()
    expect(guest.chat.get_by_text("Waiting for an agent")).to_be_visible(timeout=ANSWER_TIME)
    assert len(keys) == 2
    assert keys[0] == keys[1]


def test_a_wrong_password_is_told_in_words(desk: DeskPage) -> None:
    desk.sign_in("nobody", "wrong")
    expect(desk.page.get_by_role("alert")).to_contain_text("wrong", timeout=ANSWER_TIME)


def test_an_unreachable_backend_is_told_in_words(guest: GuestPage) -> None:
    guest.page.route(re.compile(r"/v1/forms/default$"), lambda route: route.abort())
    guest.page.goto(f"{guest.web_url}/")
    guest.page.get_by_role("banner").get_by_role("button", name="Chat").click()
    expect(guest.chat.get_by_role("alert")).to_contain_text("could not reach the server")
    guest.page.unroute(re.compile(r"/v1/forms/default$"))
    guest.chat.get_by_role("button", name="Try again").click()
    expect(guest.chat.locator("form")).to_be_visible(timeout=ANSWER_TIME)


def watch_submissions(page: Page) -> list[str]:
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.url) if request.url.endswith("/submissions") else None
    )
    return sent


def refuse(page: Page, status: int, problem: Mapping[str, object]) -> None:
    page.route("**/submissions", lambda route: fulfil(route, status, {**problem, "status": status}))


def fulfil(route: Route, status: int, problem: Mapping[str, object]) -> None:
    headers = {
        "access-control-allow-origin": "*",
        "access-control-allow-headers": "*",
        "content-type": "application/problem+json",
    }
    route.fulfill(status=status, headers=headers, body=json.dumps(dict(problem)))

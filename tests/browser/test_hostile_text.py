"""Whatever a person writes is shown as text to everybody, and runs for nobody."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import ANSWER_TIME, DeskPage, GuestPage, Login

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'`${alert(3)}{{7*7}}</textarea>"


def test_markup_in_every_field_is_shown_as_text_on_every_screen(
    guest: GuestPage, desk: DeskPage, agent: Login, complaints: list[str]
) -> None:
    guest.last_name = f"{guest.last_name} <b onclick=alert(4)>bold</b>"
    guest.ring(first_name=HOSTILE[:90], description=HOSTILE)
    guest.transcript.expect(HOSTILE)
    desk.work(*agent)
    desk.accept_guest(guest)
    expect(desk.item(guest)).to_contain_text("<img src=x")
    desk.transcript.expect(HOSTILE)
    guest.say(f"again {HOSTILE}")
    desk.transcript.expect(f"again {HOSTILE}")
    desk.say(f"and back {HOSTILE}")
    guest.transcript.expect(f"and back {HOSTILE}")
    for page in (guest.page, desk.page):
        expect(page.locator("[onerror], [onclick], img")).to_have_count(0)
    assert complaints == []


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "https:alert(1)",
        "//example.com",
    ],
)
def test_only_web_addresses_become_links(guest: GuestPage, text: str) -> None:
    guest.ring(description=f"Look: {text}")
    guest.transcript.expect(f"Look: {text}")
    expect(guest.chat.get_by_role("log").get_by_role("link")).to_have_count(0)


def test_a_web_address_opens_apart_and_tells_nothing_of_this_page(guest: GuestPage) -> None:
    guest.ring(description="See (https://example.com/a?b=c#d), please.")
    link = guest.chat.get_by_role("log").get_by_role("link")
    expect(link).to_have_attribute("href", "https://example.com/a?b=c#d", timeout=ANSWER_TIME)
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


def test_no_token_ever_appears_in_an_address(guest: GuestPage, desk: DeskPage, agent: Login) -> None:
    urls: list[str] = []
    for page in (guest.page, desk.page):
        page.on("request", lambda request: urls.append(request.url))
        page.on("websocket", lambda socket: urls.append(socket.url))
    guest.ring()
    desk.work(*agent)
    desk.accept_guest(guest)
    kept = guest.page.evaluate(
        "Object.values(localStorage).map(JSON.parse).map((kept) => kept.token).filter(Boolean)"
    )
    tokens = desk.page.evaluate("JSON.parse(sessionStorage['deskbell:agent']).access")
    assert kept
    assert not [url for url in urls for token in [*kept, tokens] if token in url]

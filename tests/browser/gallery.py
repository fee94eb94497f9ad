"""Take pictures of every page and state, to be looked at.

    python -m tests.browser.gallery WEB_URL FOLDER [USERNAME PASSWORD]

It needs a running stack, or `npm run preview` in web/ (any user name and password will do there).
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from tests.browser.chromium import launch
from tests.browser.pages import DeskPage, GuestPage, Login

WIDTHS = {360: 740, 768: 1024, 1440: 900}
LIMITED = "Guest Chat is currently not available, please retry later."
RETRY_AT = "2030-05-04T14:05:00.000Z"


@dataclass
class Gallery:
    """One folder of pictures, each of a state at one width and theme."""

    browser: Browser
    web_url: str
    folder: Path
    width: int
    theme: str
    login: Login

    def context(self) -> BrowserContext:
        return self.browser.new_context(
            viewport={"width": self.width, "height": WIDTHS[self.width]},
            color_scheme="dark" if self.theme == "dark" else "light",
            locale="en-GB",
        )

    def shoot(self, page: Page, name: str) -> None:
        page.wait_for_timeout(350)
        page.screenshot(path=self.folder / f"{name}-{self.width}-{self.theme}.png")

    def entrance(self) -> None:
        """Form, mistakes, refusals."""
        page = self.context().new_page()
        guest = GuestPage(page, self.web_url)
        page.goto(f"{self.web_url}/")
        page.get_by_role("banner").get_by_role("button", name="Chat").wait_for()
        self.shoot(page, "portal")
        guest.open_form()
        self.shoot(page, "form")
        guest.submit()
        self.shoot(page, "form-empty")
        guest.fill(email="not an address")
        guest.submit()
        self.shoot(page, "form-email")
        guest.fill()
        refuse(
            page,
            429,
            {
                "code": "rate_limited",
                "detail": LIMITED,
                "retry_at": RETRY_AT,
            },
        )
        guest.submit()
        self.shoot(page, "form-limited")
        closed = "<p>We are closed. Meanwhile, see <a href='https://example.com'>our answers</a>.</p>"
        refuse(
            page,
            409,
            {"code": "queue_closed", "not_available_html": closed, "next_opening": RETRY_AT},
        )
        guest.submit()
        self.shoot(page, "form-closed")
        page.context.close()

    def conversation(self) -> None:
        """From waiting to the end, on both sides."""
        page = self.context().new_page()
        guest = GuestPage(page, self.web_url)
        guest.ring()
        self.shoot(page, "waiting")
        desk_page = self.context().new_page()
        desk = DeskPage(desk_page, self.web_url)
        desk.open()
        desk_page.get_by_label("User name").wait_for()
        self.shoot(desk_page, "desk-sign-in")
        desk.work(*self.login)
        self.shoot(desk_page, "desk-inbox")
        desk.accept_guest(guest)
        guest.transcript.expect("Thank you for contacting support")
        guest.say(
            "It says 40 euros, but I ordered for 25. See https://example.com/orders/1234?view=full#lines please."
        )
        desk.transcript.expect("It says 40 euros")
        desk.say("I see it: shipping was charged twice.\nI will send you a corrected invoice.")
        guest.transcript.expect("charged twice")
        guest.say("Thank you!")
        desk.transcript.expect("Thank you!")
        desk_page.get_by_label("Reply").press_sequentially("You are")
        page.wait_for_timeout(400)
        self.shoot(page, "talking")
        self.shoot(desk_page, "desk-talking")
        page.context.set_offline(True)
        guest.say("Are you still there?")
        page.wait_for_timeout(1_700)
        self.shoot(page, "offline")
        page.context.set_offline(False)
        desk.transcript.expect("Are you still there?")
        guest.chat.get_by_role("button", name="End chat").click()
        self.shoot(page, "end-question")
        guest.chat.get_by_role("button", name="Keep chatting").click()
        desk_page.get_by_role("button", name="End chat").click()
        self.shoot(desk_page, "desk-end-question")
        desk_page.get_by_role("alertdialog").get_by_role("button", name="End chat").click()
        guest.chat.get_by_role("button", name="Start a new chat").wait_for()
        self.shoot(page, "ended")
        self.shoot(desk_page, "desk-ended")
        desk_page.context.close()
        page.context.close()

    def abandoned(self) -> None:
        """A guest who leaves before an answer."""
        page = self.context().new_page()
        guest = GuestPage(page, self.web_url)
        guest.ring(issue_type="product")
        guest.end()
        guest.chat.get_by_role("button", name="Reopen this chat").wait_for()
        self.shoot(page, "abandoned")
        page.context.close()


def refuse(page: Page, status: int, problem: dict[str, str]) -> None:
    """Answer every submission with a problem document from now on."""

    def answer(route: Route) -> None:
        headers = {"access-control-allow-origin": "*", "content-type": "application/problem+json"}
        route.fulfill(status=status, headers=headers, body=json.dumps(problem | {"status": status}))

    page.unroute("**/submissions")
    page.route("**/submissions", answer)


def main() -> None:
    web_url, folder, *login = sys.argv[1:]
    username, password = login or ["dana", "any"]
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for width in WIDTHS:
            for theme in ("light", "dark"):
                gallery = Gallery(browser, web_url.rstrip("/"), out, width, theme, (username, password))
                gallery.entrance()
                gallery.conversation()
                gallery.abandoned()
        browser.close()


if __name__ == "__main__":
    main()

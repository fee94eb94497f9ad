"""What guests and agents do on the pages, in their own words: the tests say what, this says which control."""

import itertools
import os
import re

from playwright.sync_api import Locator, Page, expect

type Login = tuple[str, str]
"""An agent's user name and password."""

ANSWER_TIME = 20_000
"""How long the stack may take to answer a person, in milliseconds: cold starts on two cores included."""


_numbers = itertools.count(os.getpid() * 1000)


class GuestPage:
    """The portal in a guest's browser."""

    def __init__(self, page: Page, web_url: str) -> None:
        self.page = page
        self.web_url = web_url
        self.last_name = f"Guest {next(_numbers)}"
        self.chat = page.locator("deskbell-chat")
        self.transcript = Transcript(self.chat.get_by_role("log"))

    def open_form(self) -> None:
        self.page.goto(f"{self.web_url}/")
        self.page.get_by_role("banner").get_by_role("button", name="Chat").click(timeout=ANSWER_TIME)
        expect(self.chat.locator("form")).to_be_visible(timeout=ANSWER_TIME)

    def fill(self, **answers: str) -> None:
        """Fill the default form; a keyword (`first_name`) replaces one answer."""
        values = {
            "first_name": "Ada",
            "last_name": self.last_name,
            "email": "ada@example.com",
            "description": "My last invoice is wrong.",
        } | answers
        issue = values.pop("issue_type", "billing")
        for name, value in values.items():
            self.field(name).fill(value)
        self.field("issue_type").select_option(issue)

    def field(self, name: str) -> Locator:
        return self.chat.locator(f'[name="{name}"]')

    def error_of(self, name: str) -> Locator:
        return self.chat.locator(f"#{name}-wrong")

    def submit(self) -> None:
        self.chat.locator("deskbell-form button[type=submit]").click()

    def ring(self, **answers: str) -> None:
        """Open the portal, fill the form and get as far as waiting."""
        self.open_form()
        self.fill(**answers)
        self.submit()
        expect(self.chat.get_by_text("Waiting for an agent")).to_be_visible(timeout=ANSWER_TIME)

    def say(self, text: str) -> None:
        box = self.chat.get_by_label("Your message")
        box.fill(text)
        box.press("Enter")

    def end(self) -> None:
        self.chat.get_by_role("button", name="End chat").click()
        self.chat.get_by_role("alertdialog").get_by_role("button", name="End chat").click()


class DeskPage:
    """The desk in an agent's browser."""

    def __init__(self, page: Page, web_url: str) -> None:
        self.page = page
        self.web_url = web_url
        self.transcript = Transcript(page.get_by_role("log"))

    def open(self) -> None:
        self.page.goto(f"{self.web_url}/desk/")

    def sign_in(self, username: str, password: str) -> None:
        self.open()
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def work(self, username: str, password: str) -> None:
        """Sign in and become available."""
        self.sign_in(username, password)
        self.expect_connected()
        self.page.get_by_label("Presence").select_option("available")

    def expect_connected(self) -> None:
        expect(self.page.get_by_text("Connected", exact=True)).to_be_visible(timeout=ANSWER_TIME)

    def queue(self, queue: str) -> Locator:
        return self.page.locator(f'[data-queue="{queue}"]')

    def accept(self, queue: str) -> None:
        before = self.page.locator(".item").count()
        taken = self.page.locator(".item").nth(before)
        refused = self.page.get_by_role("alert").filter(has_text="Nobody is waiting")
        while True:
            self.queue(queue).get_by_role("button", name=re.compile("^Accept")).click(timeout=ANSWER_TIME)
            # On a narrow screen the list makes way for the conversation.
            expect(taken.or_(refused)).to_be_attached(timeout=ANSWER_TIME)
            if taken.count():
                break
            # The count is seconds old by nature, and a new guest is routed a moment after its submission.
            refused.get_by_role("button", name="Dismiss").click()
        expect(taken).to_have_attribute("aria-current", "true", timeout=ANSWER_TIME)

    def accept_guest(self, guest: "GuestPage", queue: str = "billing") -> None:
        """Accept until it is this guest's turn; whoever an earlier test left waiting is sent away."""
        while True:
            self.accept(queue)
            if guest.last_name in self.heading.inner_text():
                return
            self.end()
            self.page.get_by_role("button", name="Close", exact=True).click(timeout=ANSWER_TIME)

    @property
    def heading(self) -> Locator:
        """Whose conversation is open."""
        return self.page.locator(".title h2")

    def item(self, guest: "GuestPage") -> Locator:
        """The guest's line in the list of conversations."""
        return self.page.locator(".item", has_text=guest.last_name)

    def say(self, text: str) -> None:
        box = self.page.get_by_label("Reply")
        box.fill(text)
        box.press("Enter")

    def end(self) -> None:
        self.page.get_by_role("button", name="End chat").click()
        self.page.get_by_role("alertdialog").get_by_role("button", name="End chat").click()


class Transcript:
    """The conversation as one side sees it."""

    def __init__(self, log: Locator) -> None:
        self.log = log

    def expect(self, text: str, *, count: int = 1) -> None:
        """Wait until the words stand there, exactly so many times."""
        expect(self.log.locator(".words", has_text=text)).to_have_count(count, timeout=ANSWER_TIME)

    def expect_event(self, text: str | re.Pattern[str]) -> None:
        expect(self.log.locator(".event", has_text=text)).to_be_visible(timeout=ANSWER_TIME)

    def expect_state(self, text: str) -> None:
        """The state under the last own message."""
        expect(self.log.locator(".state").last).to_have_text(text, timeout=ANSWER_TIME)

    def words(self) -> list[str]:
        return self.log.locator(".words").all_inner_texts()

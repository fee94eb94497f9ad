"""Chromium against the deployed local stack; every page gets a browser context as if on a machine of its own."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, sync_playwright

from local.stack import Stack
from tests.browser.chromium import chromium, launch
from tests.browser.pages import DeskPage, GuestPage, Login


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("NO BROWSER TEST WAS RUN: Chromium is missing (apt-get install chromium)")
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about: blocked by the page's policy, thrown by a script."""
    return []


@pytest.fixture
def new_page(browser: Browser, complaints: list[str]) -> Iterator[Callable[[], Page]]:
    """Open a page in a browser of its own, and listen for complaints."""
    contexts: list[BrowserContext] = []

    def open_page() -> Page:
        context = browser.new_context(locale="en-GB", timezone_id="Europe/Berlin")
        contexts.append(context)
        page = context.new_page()
        listen(page, complaints)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def listen(page: Page, complaints: list[str]) -> None:
    """Write down what a page does that none of ours should."""

    def on_dialog(dialog: Dialog) -> None:
        complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def on_console(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            complaints.append(message.text)

    page.on("dialog", on_dialog)
    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))


@pytest.fixture
def guest(new_page: Callable[[], Page], web_url: str) -> GuestPage:
    return GuestPage(new_page(), web_url)


@pytest.fixture
def desk(new_page: Callable[[], Page], web_url: str) -> DeskPage:
    return DeskPage(new_page(), web_url)


@pytest.fixture
def web_url(stack: Stack) -> str:
    return stack.web_url


@pytest.fixture
def agent(stack: Stack) -> Login:
    """An agent who serves every demo queue."""
    person = next(person for person in stack.people if person.role == "agents")
    return person.username, person.password

"""Chromium against the deployed local stack: each test gets its own browser contexts, as if on machines of their own."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def guest(new_page: Callable[[], Page], web_url: str) -> GuestPage:
    return GuestPage(new_page(), web_url)


@pytest.fixture
def desk(new_page: Callable[[], Page], web_url: str) -> DeskPage:
    return DeskPage(new_page(), web_url)


@pytest.fixture
def web_url(stack: Mapping[str, Any]) -> str:
    return str(stack["web_url"]).rstrip("/")


@pytest.fixture
def agent(stack: Mapping[str, Any]) -> Login:
    first = stack["agents"][0]
    return first["username"], first["password"]

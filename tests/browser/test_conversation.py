"""One conversation from the guest's click to the end, in two real browsers on the deployed stack."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import ANSWER_TIME, DeskPage, GuestPage, Login


def test_a_guest_and_an_agent_talk_from_the_first_click_to_the_end(
    guest: GuestPage, desk: DeskPage, agent: Login
) -> None:
    guest.ring(description="My last invoice is wrong.")
    guest.transcript.expect("My last invoice is wrong.")
    desk.work(*agent)
    desk.accept_guest(guest)
    desk.transcript.expect("My last invoice is wrong.")
    guest.transcript.expect_event("has joined the chat")
    expect(guest.chat.get_by_text("Waiting for an agent")).to_be_hidden()

    guest.say("It says 40 euros.")
    desk.transcript.expect("It says 40 euros.")
    desk.say("Shipping was charged twice.")
    guest.transcript.expect("Shipping was charged twice.")

    desk.end()
    guest.transcript.expect_event("has ended the chat")
    expect(guest.chat.get_by_role("button", name="Start a new chat")).to_be_visible(timeout=ANSWER_TIME)
    expect(guest.chat.get_by_label("Your message")).to_be_hidden()
    expect(desk.page.get_by_label("Reply")).to_be_hidden()


def test_both_sides_see_the_same_transcript_in_the_same_order(
    guest: GuestPage, desk: DeskPage, agent: Login
) -> None:
    talk(guest, desk, agent)
    for turn in range(5):
        guest.say(f"guest {turn}")
        desk.say(f"agent {turn}")
    for transcript in (guest.transcript, desk.transcript):
        transcript.expect("guest 4")
        transcript.expect("agent 4")
    assert guest.transcript.words() == desk.transcript.words()


def test_a_message_is_marked_as_read_once_the_other_side_saw_it(
    guest: GuestPage, desk: DeskPage, agent: Login
) -> None:
    talk(guest, desk, agent)
    desk.say("Can you see this?")
    guest.transcript.expect("Can you see this?")
    guest.page.bring_to_front()
    desk.transcript.expect_state("Read")


def test_each_side_sees_the_other_typing(guest: GuestPage, desk: DeskPage, agent: Login) -> None:
    talk(guest, desk, agent)
    # Typing that comes right behind a message is taken for overtaken, and told again after three seconds at most.
    desk.page.get_by_label("Reply").press_sequentially("Let me see", delay=450)
    expect(guest.chat.get_by_text("is typing…")).to_be_visible(timeout=ANSWER_TIME)
    guest.chat.get_by_label("Your message").press_sequentially("Well")
    expect(desk.page.get_by_role("log").get_by_text("is typing…")).to_be_visible(timeout=ANSWER_TIME)


def test_a_reload_on_either_side_resumes_the_conversation(
    guest: GuestPage, desk: DeskPage, agent: Login
) -> None:
    talk(guest, desk, agent)
    guest.say("before the reload")
    desk.transcript.expect("before the reload")

    guest.page.reload()
    guest.transcript.expect("before the reload")
    guest.say("after the reload")
    desk.transcript.expect("after the reload")

    desk.page.reload()
    desk.expect_connected()
    desk.transcript.expect("after the reload")
    desk.say("I am back as well")
    guest.transcript.expect("I am back as well")


def test_a_second_tab_shows_and_continues_the_same_conversation(
    guest: GuestPage, desk: DeskPage, agent: Login
) -> None:
    talk(guest, desk, agent)
    tab = GuestPage(guest.page.context.new_page(), guest.web_url)
    tab.page.goto(f"{tab.web_url}/")
    tab.page.get_by_role("banner").get_by_role("button", name="Chat").click()
    tab.say("from the second tab")
    desk.transcript.expect("from the second tab")
    guest.transcript.expect("from the second tab")


def test_what_is_written_without_a_network_arrives_when_it_is_back(
    guest: GuestPage, desk: DeskPage, agent: Login
) -> None:
    talk(guest, desk, agent)
    for near, far in ((guest, desk), (desk, guest)):
        name = type(near).__name__
        near.page.context.set_offline(True)
        near.say(f"{name} wrote this offline")
        far.say(f"meanwhile, to {name}")
        near.transcript.expect_state("Sending…")
        near.page.context.set_offline(False)
        far.transcript.expect(f"{name} wrote this offline")
        near.transcript.expect(f"meanwhile, to {name}")
    assert guest.transcript.words() == desk.transcript.words()


def test_a_message_waiting_without_a_network_survives_a_reload(
    guest: GuestPage, desk: DeskPage, agent: Login
) -> None:
    talk(guest, desk, agent)
    guest.page.context.set_offline(True)
    guest.say("written before the reload")
    guest.transcript.expect_state("Sending…")
    # Offline a page cannot load again, so the network is back before the message can leave: the socket is broken.
    guest.page.add_init_script(
        "sessionStorage.broken ||= 1; if (sessionStorage.broken == 1) window.WebSocket = null;"
    )
    guest.page.context.set_offline(False)
    guest.page.reload()
    guest.page.evaluate("sessionStorage.broken = 2")
    guest.page.reload()
    desk.transcript.expect("written before the reload")
    guest.transcript.expect("written before the reload")


def test_a_guest_ends_the_chat_after_confirming(guest: GuestPage, desk: DeskPage, agent: Login) -> None:
    talk(guest, desk, agent)
    guest.chat.get_by_role("button", name="End chat").click()
    guest.chat.get_by_role("button", name="Keep chatting").click()
    guest.say("not yet")
    desk.transcript.expect("not yet")
    guest.end()
    guest.transcript.expect_event("You have ended the chat.")
    desk.transcript.expect_event("ended the chat")


def test_a_guest_who_leaves_before_an_answer_can_come_back(
    guest: GuestPage, desk: DeskPage, agent: Login
) -> None:
    guest.ring(description="I cannot wait long")
    guest.end()
    guest.chat.get_by_role("button", name="Reopen this chat").click(timeout=ANSWER_TIME)
    expect(guest.chat.get_by_text("Waiting for an agent")).to_be_visible(timeout=ANSWER_TIME)
    desk.work(*agent)
    desk.accept_guest(guest)
    desk.transcript.expect("I cannot wait long")
    desk.end()


def test_after_the_end_a_guest_can_start_anew(guest: GuestPage, desk: DeskPage, agent: Login) -> None:
    talk(guest, desk, agent)
    desk.end()
    guest.chat.get_by_role("button", name="Start a new chat").click(timeout=ANSWER_TIME)
    expect(guest.chat.locator("form")).to_be_visible(timeout=ANSWER_TIME)


def test_the_desk_shows_who_waits_and_how_many_messages_are_unread(
    guest: GuestPage, desk: DeskPage, agent: Login, new_page: Callable[[], Page]
) -> None:
    talk(guest, desk, agent)
    other = GuestPage(new_page(), guest.web_url)
    other.ring(first_name="Grace", description="The second guest")
    expect(desk.queue("billing")).to_contain_text(re.compile("[1-9] waiting"), timeout=ANSWER_TIME)
    desk.accept_guest(other)
    desk.transcript.expect("The second guest")
    guest.say("one")
    guest.say("two")
    item = desk.item(guest)
    expect(item).to_contain_text(re.compile("2 unread"), timeout=ANSWER_TIME)
    item.click()
    desk.transcript.expect("two")
    expect(item).not_to_contain_text("unread", timeout=ANSWER_TIME)


def talk(guest: GuestPage, desk: DeskPage, agent: Login) -> None:
    """Get a guest and an agent into a conversation."""
    guest.ring()
    desk.work(*agent)
    desk.accept_guest(guest)
    guest.transcript.expect_event("has joined the chat")

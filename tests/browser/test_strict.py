"""A page with a strict policy: nothing forbidden, nothing stored, nobody else asked, nothing moved, and soon there."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.browser.reader import Reader

SLOWER = 4
SOON = 1000
"""Milliseconds to the first launcher on a machine that is four times slower than a usual one."""
PAGES = 3
"""Times that the page without the chat takes: so long the launcher may take on a machine that is slower by itself."""
TRIES = 5
BUDGET = 15_000
"""Bytes of the script."""


def use_everything(reader: Reader) -> None:
    """A visit that leaves nothing out."""
    reader.visit().press("How long does the muscle twitching last?")
    reader.chat.locator("summary").click()
    reader.button("Yes").click()
    reader.chat.locator("#reason").fill("clear words")
    reader.chat.locator("#reason").press("Enter")
    reader.ask("my calf has been twitching for three weeks and my leg is getting weaker")
    reader.ask("my chest hurts and I can't breathe")
    reader.chat.get_by_role("link", name="Show in the article").first.click()
    reader.page.evaluate("Object.getPrototypeOf(window).print = () => {}")
    for name in ("Copy the conversation", "Print it, to take to your doctor", "New conversation"):
        reader.options(name)
    reader.ask("can it be prevented?")
    reader.options("Delete my conversation")
    reader.button("Yes, delete it").click()
    reader.chat.locator("li.note").wait_for()


def test_strict_page_is_served_with_a_strict_policy(reader):
    answer = reader.page.goto(f"{reader.server}/chat/demo")
    assert answer
    assert answer.header_value("content-security-policy").startswith("default-src 'self';")


def test_strict_policy_is_not_violated_and_nobody_else_is_asked(reader):
    use_everything(reader)
    reader.check_page()  # no violation, no error, no cookie
    assert {urlsplit(one.url).netloc for one in reader.requests} == {urlsplit(reader.server).netloc}
    assert {one.resource_type for one in reader.requests} <= {"document", "stylesheet", "script", "fetch", "other"}
    storage = reader.page.evaluate("[Object.keys(sessionStorage), Object.keys(localStorage)]")
    assert storage == [[f"faq-chat {reader.server}/chat"], []]
    assert reader.page.evaluate("indexedDB.databases().then((all) => all.length)") == 0


def test_strict_script_comes_as_small_as_it_is_promised(reader):
    """On the wire, and not only when somebody packs the file."""
    reader.visit(opened=False)
    size = reader.page.evaluate("""() => performance.getEntriesByType("resource")
      .find(({ name }) => name.endsWith("/faq-chat.js")).encodedBodySize""")
    assert 0 < size <= BUDGET


def test_strict_watch_sees_a_violation(reader):
    """The watch of all these tests: it does see what is forbidden."""
    reader.visit(opened=False).page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x')"
    )
    reader.page.wait_for_function("seen.forbidden.length")
    assert reader.page.evaluate("seen.forbidden")[0].startswith("style-src")
    reader.page.evaluate("seen.forbidden = []")
    reader.errors.clear()


def test_strict_nothing_moves(reader):
    reader.visit(opened=False).launcher.wait_for()
    reader.page.wait_for_load_state("networkidle")
    assert reader.page.evaluate("seen.shifts") == [], "the launcher pushes nothing aside"
    reader.open().press("How long does the muscle twitching last?")
    reader.button("Close").click()
    inside = {"FAQ-CHAT", ""}  # of the chat's own parts the page sees no names
    moved = [name for shift in reader.page.evaluate("seen.shifts") for name in shift["nodes"] if name not in inside]
    assert moved == []


def slow_visit(reader: Reader, until: str) -> float:
    """Milliseconds from the beginning of the navigation to what an expression tells."""
    session = reader.page.context.new_cdp_session(reader.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    reader.visit(opened=False)
    reader.page.wait_for_function(until)
    return float(reader.page.evaluate(until))


def first_launcher(reader: Reader) -> float:
    """Milliseconds to the painted launcher."""
    passed = slow_visit(reader, "seen.painted")
    assert reader.launcher.is_visible()
    return passed


def page_alone(reader: Reader) -> float:
    """Milliseconds to the whole page, on which the chat is missing."""
    reader.page.route("**/faq-chat.js", lambda route: route.abort())
    return slow_visit(reader, "performance.getEntriesByType('navigation')[0].loadEventEnd")


def test_strict_launcher_is_there_within_a_second_on_a_slow_machine(new_reader):
    """The best of some tries: what else the machine does can only make it later."""
    times: list[float] = []
    pages: list[float] = []
    while len(times) < TRIES and min(times, default=SOON) >= max(SOON, PAGES * min(pages, default=0)):
        times.append(first_launcher(new_reader()))
        pages.append(page_alone(new_reader()))
    shown = [", ".join(f"{time:.0f}" for time in each) for each in (times, pages)]
    print(f"first launcher at {SLOWER}x slow-down: {shown[0]} ms; the page alone: {shown[1]} ms")
    assert min(times) < max(SOON, PAGES * min(pages))

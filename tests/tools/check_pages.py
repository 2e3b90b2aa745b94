"""Reads every page of a mirror in Chromium, and tells what is wrong with it.

check_pages.py URL SIMULATOR TOKEN MASKED_TOKEN SPARE_TOKEN COMMAND…: called by `browser`; the command takes the spare
token away. Every wait is for something to be so, under Playwright's own deadline.
"""

import json
import subprocess
import sys
import urllib.request

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

URL, SIMULATOR, TOKEN, MASKED_TOKEN, SPARE_TOKEN, *TAKE_AWAY = sys.argv[1:]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
DIRECTORY = "/directories/dir_10001"

# What can be reached with the keyboard: every one of these that is shown.
REACHABLE = """() => [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
    .filter((e) => e.checkVisibility({visibilityProperty: true}))
    .map((e, place) => { e.dataset.place = place; return place + ' ' + e.outerHTML.slice(0, 120); })"""
FOCUSED = """() => {
    const e = document.activeElement, style = getComputedStyle(e);
    const is_seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    return [e.dataset.place ?? null, is_seen, e.outerHTML.slice(0, 120)];
}"""
# Controls and the navigation's links are as large as a thumb.
SMALL = """() => [...document.querySelectorAll('button, input, select, .top nav a, .pager a')]
    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML.slice(0, 120))"""
HIDEABLE = """() => { let hidden = false;
    Object.defineProperty(document, 'hidden', { get: () => hidden });
    window.hide = (is) => { hidden = is; document.dispatchEvent(new Event('visibilitychange')); }; }"""


def check(is_right, wrong):
    if not is_right:
        print(wrong)
        sys.exit(1)


def control(path, value=None):
    data = None if value is None else json.dumps(value).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{SIMULATOR}/simulator/{path}", data), timeout=20) as answer:
        return answer.read().decode()


def insert(number):
    control("directories/dir_10001/registrations", {"insert": number})


class Reader:
    """A browser's window, of whoever has that token; whatever it complains of is an error."""

    def __init__(self, browser, token, theme="light", viewport=WIDE, **more):
        credentials = {"username": "reader", "password": token, "send": "always"}
        self.context = browser.new_context(
            http_credentials=credentials, color_scheme=theme, viewport=viewport, base_url=URL, **more
        )
        self.page = self.context.new_page()
        self.complaints = []
        self.page.on("console", self.on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self.on_request)

    def on_console(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def on_request(self, request):
        if not request.url.startswith(URL):
            self.complaints.append(f"asks {request.url}")

    def open(self, path, status=200):
        answer = self.page.goto(path)
        check(answer.status == status, f"{path}: {answer.status}")
        return self.page

    def close(self, what):
        check(not self.complaints, f"{what}: {self.complaints}")
        self.context.close()


def paths(browser):
    reader = Reader(browser, TOKEN)
    reports = reader.context.request.get("/reports.json").json()["reports"]
    check(len(reports) >= 7, f"{len(reports)} reports")
    reader.close("the list of reports")
    return ["/", DIRECTORY, "/directories/dir_10003", "/changes", "/reports"] + [f"/reports/{r['name']}" for r in reports]


def check_look(browser, path, theme, viewport):
    what = f"{path}, {theme}, {viewport['width']} wide"
    reader = Reader(browser, TOKEN, theme, viewport)
    page = reader.open(path)
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("[aria-current=page], .crumbs a").first).to_be_visible()
    beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    check(beyond <= 0, f"{what}: the page is {beyond} px too wide")
    found = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    check(not found, f"{what}: {[(v['id'], v['nodes'][0]['html'][:160]) for v in found]}")
    if viewport is NARROW:
        small = page.evaluate(SMALL)
        check(not small, f"{what}: too small for a thumb: {small}")
    reader.close(what)


def check_keyboard(browser, path, viewport):
    reader = Reader(browser, TOKEN, viewport=viewport)
    page = reader.open(path)
    wanted = page.evaluate(REACHABLE)
    reached = set()
    for _ in range(4 * len(wanted) + 20):
        page.keyboard.press("Tab")
        place, is_seen, shown = page.evaluate(FOCUSED)
        if place is not None:
            check(is_seen, f"{path}: focus is not seen on {shown}")
            reached.add(int(place))
        if len(reached) == len(wanted):
            break
    missed = [text for place, text in enumerate(wanted) if place not in reached]
    check(not missed, f"{path}: the keyboard does not reach {missed}")
    reader.close(f"{path}, by keyboard")
    return len(wanted)


def check_live(browser):
    reader = Reader(browser, SPARE_TOKEN)
    reader.page.add_init_script(f"({HIDEABLE})()")
    page = reader.open("/changes")
    rows, state = page.locator("#changes tbody tr"), page.locator("#live-state")
    expect(state).to_have_text("Live")
    page.evaluate("window.isSamePage = true")
    count = rows.count()
    insert(1)
    expect(rows).to_have_count(count + 1, timeout=20_000)
    expect(rows.first).to_contain_text("created")
    expect(rows.first.locator("td.where a")).to_have_attribute("href", DIRECTORY)
    expect(rows.first.locator("td.where a")).not_to_have_text("dir_10001")
    expect(state).to_have_text("Live, 1 new change")
    shown_live = rows.first.inner_text()
    page.evaluate("hide(true)")
    expect(state).to_have_text("Paused while the page is hidden")
    insert(2)
    page.evaluate("hide(false)")
    expect(rows).to_have_count(count + 3, timeout=20_000)
    check(page.evaluate("window.isSamePage"), "the page was loaded anew")
    # What the script makes of a change is what the server makes of it.
    page.reload()
    check(rows.nth(2).inner_text() == shown_live, f"{rows.nth(2).inner_text()!r}, live {shown_live!r}")
    page.evaluate("hide(true)")
    # Whoever's token is gone is not asked for ever.
    subprocess.run(TAKE_AWAY, check=True, capture_output=True)
    page.evaluate("hide(false)")
    expect(state).to_contain_text("Stopped")
    reader.complaints = [text for text in reader.complaints if "401" not in text]
    reader.close("the changes, live")


def check_without_script(browser, all_paths):
    reader = Reader(browser, TOKEN, java_script_enabled=False)
    for path in all_paths:
        expect(reader.open(path).locator("main")).to_contain_text(" ")
    page = reader.open("/changes")
    expect(page.get_by_role("link", name="Reload")).to_be_visible()
    page = reader.open(DIRECTORY)
    rows = page.locator("table.registrations tbody tr")
    expect(rows).to_have_count(20)
    first = page.locator("table.registrations td.id").all_inner_texts()
    page.get_by_role("link", name="Older").click()
    expect(rows).to_have_count(20)
    second = page.locator("table.registrations td.id").all_inner_texts()
    check(not set(first) & set(second), "a page of registrations repeats one")
    page.get_by_role("link", name="Newest").click()
    wanted = page.locator("table.registrations td.id").nth(3).inner_text()
    page.get_by_label("Text").fill(wanted.upper())
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_label("Text")).to_have_value(wanted.upper())
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(wanted)
    page.get_by_label("Text").fill("nobody is called that")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("No registration is like that.")).to_be_visible()
    page.get_by_label("Text").fill("")
    page.get_by_label("Since").fill("2020-01-01")
    page.get_by_label("Until").fill("2020-01-02")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_label("Since")).to_have_value("2020-01-01")
    page.get_by_text("As a table").first.click()
    expect(page.locator("details table").first).to_be_visible()
    page = reader.open("/reports/registrations-per-day")
    page.get_by_label("days", exact=True).fill("7")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main table tbody tr")).to_have_count(7)
    reader.close("without a script")


def check_masked(browser, all_paths):
    people = [json.loads(line)["standing"] for line in control("truth/dir_10001").splitlines()]
    clear = {p[key] for p in people for key in ("email", "phone", "address") if p.get(key) and len(p[key]) > 6}
    clear |= {f"{p['first_name']} {p['last_name']}" for p in people if p.get("first_name") and p.get("last_name")}
    check(len(clear) > 500, f"{len(clear)} clear texts")
    full, masked = Reader(browser, TOKEN), Reader(browser, MASKED_TOKEN)
    shown = "".join(full.open(path).content() for path in (DIRECTORY, "/changes"))
    seen = sum(text in shown for text in clear)
    check(seen > 20, f"a full reader sees {seen} clear texts")
    for path in all_paths:
        content = masked.open(path).content()
        leaked = [text for text in clear if text in content]
        check(not leaked, f"{path}: a masked reader sees {len(leaked)} clear texts")
        check("Masked." in content, f"{path}: does not say that it is masked")
    expect(masked.open(DIRECTORY).locator(".mask")).not_to_have_count(0)
    full.close("a full reader")
    masked.close("a masked reader")


def check_errors(browser):
    reader = Reader(browser, TOKEN)
    page = reader.open("/directories/nowhere", 404)
    expect(page.locator("h1")).to_contain_text("cannot find the directory")
    page = reader.open(f"{DIRECTORY}?since=yesterday", 400)
    expect(page.get_by_role("alert")).to_contain_text("cannot read the parameter since")
    page = reader.open("/nowhere", 404)
    expect(page.locator("h1")).to_contain_text("cannot find the page")
    reader.complaints = [text for text in reader.complaints if "Failed to load resource" not in text]
    reader.close("errors")


def main():
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        insert(3)
        all_paths = paths(browser)
        looks = [(theme, viewport) for theme in ("light", "dark") for viewport in (WIDE, NARROW)]
        for path in all_paths:
            for theme, viewport in looks:
                check_look(browser, path, theme, viewport)
        by_keyboard = sum(check_keyboard(browser, path, v) for path in all_paths[:6] for v in (WIDE, NARROW))
        check_without_script(browser, all_paths)
        check_live(browser)
        check_masked(browser, all_paths)
        check_errors(browser)
        browser.close()
        print(
            f"{len(all_paths)} pages, each light and dark, wide and narrow, without a complaint or a serious finding of "
            f"axe; {by_keyboard} links and controls by keyboard; live, without scripts, masked"
        )


main()

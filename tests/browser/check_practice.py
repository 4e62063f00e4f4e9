"""The drill as a course, in Chromium and Firefox: numbers, pictures, filters, exam, repetition, files, keyboard."""

import json
import re
import time

import pytest

from optnotes.site.words.text import LANGUAGES, site_labels
from tests.browser.conftest import HTML

BOTH = pytest.mark.parametrize("language", LANGUAGES)
KEY = "optnotes-practice"
CLEAR = "() => { localStorage.clear(); }"
SHOWN = "() => [...document.querySelectorAll('details.drill')].filter(box => box.offsetParent).map(box => box.id)"
TRY = """(id, given) => {
  const box = document.getElementById(`drill-${id}`);
  box.open = true;
  const form = box.querySelector("form.task");
  const field = form.elements[box.id];
  if (field.length) field.value = given;
  else field.value = given;
  form.querySelector("button").click();
  return [form.querySelector(".checked").textContent, box.querySelector(".solution").open];
}"""
# Plays a session from the first item to its end: what can be checked gets the right answer, the rest this one.
PLAY = """async (start, grade) => {
  const rest = () => new Promise(done => setTimeout(done, 0));
  const buttons = () => [...document.querySelectorAll(".stage .actions button")];
  [...document.querySelectorAll(".practice button")].find(each => each.textContent === start).click();
  const seen = [];
  for (let turn = 0; turn < 400; turn++) {
    for (let wait = 0; wait < 200 && document.querySelector(".stage").hidden && !seen.length; wait++) {
      await new Promise(done => setTimeout(done, 20));
    }
    if (document.querySelector(".stage").hidden) break;
    const box = document.querySelector(".stage details.drill");
    seen.push(box.id);
    const form = box.querySelector("form.task");
    if (form) {
      form.elements[box.id].value = box.querySelector(".right data").value;
      form.querySelector("button").click();
    } else {
      buttons()[0].click();
    }
    for (let wait = 0; wait < 200 && buttons().length < 2 + !form; wait++) await rest();
    for (let wait = 0; wait < 200 && !document.activeElement.closest(".actions"); wait++) await rest();
    const choice = buttons();
    (choice[Math.min(grade, choice.length - 2)]).click();
    await rest();
  }
  return [seen, document.querySelector(".said").textContent];
}"""


def words(language):
    text = site_labels(language)
    return lambda key, **numbers: text(f"practice.{key}", **numbers)


@pytest.fixture
def course(opened, address):
    """Open the page of all drills with an empty memory."""

    def start(language, query=""):
        opened.open(f"{address}/{language}/drill.html{query}")
        opened.call(CLEAR)
        opened.open("about:blank")
        opened.open(f"{address}/{language}/drill.html{query}")
        ready(opened)
        return opened

    return start


def ready(opened):
    deadline = time.monotonic() + 20
    while opened.call("() => document.querySelector('.practice').hidden"):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def press(opened, key):
    if opened.browser == "firefox" and key == "Enter":
        # It presses no button of a window that is not in front, and a headless one never is.
        opened.call("() => document.activeElement.click()")
    else:
        opened.press(key)


@BOTH
def test_a_number_is_checked_as_people_write_it(course, language):
    page, text = course(language), words(language)
    for given in ("0.0115", "0,0115", " 1.15e-2 ", "115/10000", "0.0116"):
        assert page.call(TRY, "31-d18", given) == [text("right"), True], given
    assert page.call(TRY, "37-d14", "−0,8") == [text("right"), True]
    for given in ("0.0118", "-0.0115", "0"):
        assert page.call(TRY, "31-d18", given)[0] == text("wrong"), given
    page.call("() => { document.querySelector('#drill-31-d18 .solution').open = false; }")
    for given in ("", "1/2/3", "about 0.01", "Infinity"):
        assert page.call(TRY, "31-d18", given) == [text("unread"), False], given


@BOTH
def test_of_the_pictures_one_is_right(course, language):
    page, text = course(language), words(language)
    verdicts = [page.call(TRY, "31-d22", str(number))[0] for number in (1, 2, 3)]
    assert sorted(verdicts) == sorted([text("right"), text("wrong"), text("wrong")])
    said = "() => document.querySelectorAll('#drill-31-d22 .options > li')[%d].querySelector('svg').ariaLabel"
    hump = {"ru": "Низкий пологий горб", "en": "A low, broad hump"}[language]
    assert page.call(said % verdicts.index(text("right"))).startswith(hump)


@BOTH
def test_filters_stand_in_the_address_and_answers_open_at_once(course, language):
    page, text = course(language, "?page=34&kind=compute"), words(language)
    assert page.call(SHOWN) == ["drill-34-d14", "drill-34-d15", "drill-34-d16"]
    page.call("""() => {
      const select = document.querySelector("select[name=level]");
      select.value = "basic";
      select.dispatchEvent(new Event("change"));
    }""")
    assert page.call(SHOWN) == ["drill-34-d14"]
    assert page.call("() => location.search") == "?page=34&kind=compute&level=basic"
    page.call("""() => {
      const select = document.querySelector("select[name=kind]");
      select.value = "";
      select.dispatchEvent(new Event("change"));
    }""")
    assert page.call("() => location.search") == "?page=34&level=basic"
    click = "() => document.querySelector('.practice [aria-pressed]').click()"
    page.call(click)
    assert page.call("() => document.querySelector('#drill-34-d14 .right').checkVisibility()")
    page.call(click)
    assert not page.call("() => document.querySelector('#drill-34-d14 .right').checkVisibility()")
    assert text("reveal") == page.call("() => document.querySelector('.practice [aria-pressed]').textContent")


def test_a_filter_that_nobody_knows_is_ignored(course):
    page = course("en", "?page=99&level=%22&kind=")
    assert len(page.call(SHOWN)) >= 200


@BOTH
def test_an_exam_asks_ten_and_counts_what_was_right(course, language):
    page, text = course(language), words(language)
    seen, said = page.call(PLAY, text("exam"), 0)
    assert len(seen) == len(set(seen)) == 10
    said_of = re.escape(text("result")).replace(r"\{\}", "10", 2).replace(r"\{\}", r"\d+:\d\d")
    assert re.fullmatch(said_of, said)
    assert len(page.call(SHOWN)) >= 200
    assert page.call("() => [...document.querySelectorAll('main section details.drill')].length") >= 200


@BOTH
def test_an_exam_lists_what_was_missed(course, language):
    page, text = course(language, "?kind=why&page=39"), words(language)
    count = len(page.call(SHOWN))
    seen, said = page.call(PLAY, text("exam"), 1)
    assert len(seen) == min(count, 10)
    assert said.startswith(text("result").replace("{}", "0", 1).replace("{}", str(len(seen)), 1).partition("{}")[0])
    links = page.call("() => [...document.querySelectorAll('.said a')].map(link => link.getAttribute('href'))")
    assert sorted(links) == sorted(f"#{name}" for name in seen)


# Grades for which ts-fsrs, asked directly with what was stored before, gives what is stored now.
AGREES = """async (key) => {
  const fsrs = await import(new URL(document.querySelector(".practice").dataset.scheduler, document.baseURI));
  const before = JSON.parse(sessionStorage.getItem(key) ?? '{"cards": {}}').cards;
  const { cards } = JSON.parse(localStorage.getItem(key));
  return Object.entries(cards).map(([id, card]) => [1, 2, 3, 4].filter((grade) => {
    const now = new Date(card.last_review);
    const found = fsrs.fsrs().next(before[id] ?? fsrs.createEmptyCard(now), now, grade).card;
    return Object.entries(card).every(
      ([name, value]) => (/due|last/.test(name) ? found[name].toISOString() : found[name]) === value);
  }));
}"""
# As if eleven days had passed since.
LATER = """(key) => {
  const state = JSON.parse(localStorage.getItem(key));
  for (const card of Object.values(state.cards)) {
    for (const name of ["due", "last_review"]) card[name] = new Date(new Date(card[name]) - 11 * 864e5).toISOString();
  }
  for (const storage of [localStorage, sessionStorage]) storage.setItem(key, JSON.stringify(state));
}"""
CHOICE = "?page=35&level=basic"


def test_the_schedule_is_that_of_ts_fsrs(course, opened, address):
    page, text = course("en", CHOICE), words("en")
    page.call("() => sessionStorage.clear()")
    seen, said = page.call(PLAY, text("repeat"), 3)
    assert said.startswith(text("done").partition("{}")[0])
    assert len(seen) == len(set(seen)) >= 5
    assert page.call(AGREES, KEY) == [[4]] * len(seen)
    page.call(LATER, KEY)
    page.open("about:blank")
    page.open(f"{address}/en/drill.html{CHOICE}")
    ready(page)
    again, _ = page.call(PLAY, text("repeat"), 2)
    assert sorted(again) == sorted(seen)
    assert page.call(AGREES, KEY) == [[3]] * len(seen)


def test_what_is_hard_comes_back_within_the_session(course):
    page, text = course("en", "?page=35&kind=compute"), words("en")
    page.call(
        """(start) => {
      [...document.querySelectorAll(".practice button")].find((each) => each.textContent === start).click();
    }""",
        text("repeat"),
    )
    order = []
    for _ in range(4):
        wait(page, "() => document.querySelector('.stage .solution') !== null")
        order.append(page.call("() => document.querySelector('.stage details.drill').id"))
        page.call("() => document.querySelector('.stage .actions button').click()")
        wait(page, "() => document.querySelectorAll('.stage .actions button').length === 5")
        page.call("() => document.querySelector('.stage .actions button').click()")
    assert len(set(order[:3])) == 3
    assert order[3] == order[0]
    assert page.call(
        "(key) => Object.values(JSON.parse(localStorage.getItem(key)).cards).map(card => card.reps)", KEY
    ) == [2, 1, 1]


def wait(page, condition):
    deadline = time.monotonic() + 10
    while not page.call(condition):
        assert time.monotonic() < deadline, condition
        time.sleep(0.03)


EXPORT = """async (text) => {
  let blob;
  const make = URL.createObjectURL;
  URL.createObjectURL = (given) => { blob = given; return make.call(URL, given); };
  HTMLAnchorElement.prototype.click = () => {};
  [...document.querySelectorAll(".practice button")].find((each) => each.textContent === text).click();
  return blob.text();
}"""
IMPORT = """(text) => {
  const given = new DataTransfer();
  given.items.add(new File([text], "cards.json"));
  const field = document.querySelector(".practice input[type=file]");
  field.files = given.files;
  field.dispatchEvent(new Event("change"));
}"""
SAID = "() => document.querySelector('.practice .said').textContent"


@BOTH
def test_a_file_brings_the_schedule_back_and_a_foreign_one_is_refused(course, opened, address, language):
    page, text = course(language, CHOICE), words(language)
    page.call(PLAY, text("repeat"), 3)
    kept = page.call("(key) => localStorage.getItem(key)", KEY)
    assert page.call(EXPORT, text("export")) == kept
    count = len(json.loads(kept)["cards"])
    course(language)
    assert page.call("(key) => localStorage.getItem(key)", KEY) is None
    for bad in ("", "[]", '{"app": "optnotes", "version": 2, "cards": {}}', kept.replace('"reps":1', '"reps":"1"', 1)):
        page.call(IMPORT, bad)
        wait(page, f"() => document.querySelector('.said').textContent.startsWith({json.dumps(text('refused')[:12])})")
        assert page.call("(key) => localStorage.getItem(key)", KEY) is None
        page.call("() => { document.querySelector('.said').textContent = ''; }")
    page.call(IMPORT, kept)
    wait(page, "() => document.querySelector('.said').textContent !== ''")
    assert page.call(SAID) == text("imported").replace("{}", str(count))
    assert json.loads(page.call("(key) => localStorage.getItem(key)", KEY)) == json.loads(kept)
    older = json.loads(kept)
    for card in older["cards"].values():
        card |= {"last_review": "2001-01-01T00:00:00.000Z", "reps": 99}
    page.call(IMPORT, json.dumps(older))
    time.sleep(0.2)
    assert json.loads(page.call("(key) => localStorage.getItem(key)", KEY)) == json.loads(kept)


def test_the_keyboard_is_enough(course):
    page, text = course("en", "?page=36&kind=why"), words("en")
    page.call(
        "(text) => [...document.querySelectorAll('.practice button')].find(each => each.textContent === text).focus()",
        text("exam"),
    )
    press(page, "Enter")
    active = "() => document.activeElement.textContent.trim()"
    wait(page, "() => !document.querySelector('.stage').hidden")
    asked = 0
    while not page.call("() => document.querySelector('.stage').hidden"):
        wait(page, "() => document.activeElement.localName === 'summary'")
        press(page, "Enter")
        wait(page, "() => document.activeElement.closest('.actions') !== null")
        assert page.call(active) == text("knew")
        press(page, "2")
        asked += 1
        wait(
            page, "() => document.activeElement.closest('.actions') === null || document.querySelector('.stage').hidden"
        )
    wait(page, "() => document.querySelector('.stage').hidden")
    assert page.call(active) == text("exam")
    assert page.call("() => document.querySelectorAll('.said a').length") == asked > 3


@BOTH
def test_nothing_is_sent_and_the_scheduler_comes_when_it_is_asked_for(visit, language):
    visitor, text = visit(), words(language)
    page = visitor.open(f"{language}/drill.html")
    page.locator(".practice button").first.wait_for()
    assert not any("ts-fsrs" in url for url in visitor.requests)
    before = len(visitor.requests)
    page.get_by_role("button", name=text("repeat"), exact=True).click()
    page.locator(".stage details.drill").wait_for()
    page.locator(".stage .actions button").first.click()
    page.locator(".stage .actions button").nth(2).click()
    page.wait_for_timeout(200)
    new = visitor.requests[before:]
    assert len(new) == 1
    assert "ts-fsrs" in new[0]


@BOTH
def test_without_scripts_tasks_and_answers_can_be_read(visit, language):
    page = visit(java_script_enabled=False).open(f"{language}/drill.html")
    assert not page.locator(".practice:visible").count()
    for name in ("31-d18", "31-d20", "31-d22", "31-d23"):
        box = page.locator(f"#drill-{name}")
        box.locator("summary").first.click()
        box.locator(".solution > summary").click()
        assert box.locator(".solution > p").last.is_visible()


@BOTH
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_needs_no_sideways_scroll_and_a_finger_finds_every_button(visit, language, theme):
    page = visit(viewport={"width": 390, "height": 800}, color_scheme=theme, has_touch=True).open(
        f"{language}/drill.html?kind=curve"
    )
    text = words(language)
    page.get_by_role("button", name=text("reveal")).tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for box in page.locator(".practice :is(button, select):visible, .task button:visible").all():
        assert box.bounding_box()["height"] >= 34
    page.get_by_role("button", name=text("exam")).tap()
    page.locator(".stage input[type=radio]").first.tap()
    page.locator(".stage form.task button").tap()
    assert page.locator(".stage .checked").inner_text() in (text("right"), text("wrong"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_scheduler_that_does_not_load_is_explained(visit):
    visitor = visit()
    visitor.page.route("**/ts-fsrs*", lambda route: route.fulfill(status=404))
    page = visitor.open("en/drill.html")
    page.get_by_role("button", name=words("en")("repeat"), exact=True).click()
    page.locator(".said", has_text=words("en")("failed")).wait_for()
    visitor.errors[:] = [error for error in visitor.errors if "404" not in error]


def test_only_the_page_of_all_drills_loads_the_script():
    loading = {
        path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html") if "practice.js" in path.read_text("utf-8")
    }
    assert loading == {"en/drill.html", "ru/drill.html"}

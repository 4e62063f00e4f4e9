// The drill as a course: filters, an exam of ten, and repetition by FSRS. Nothing that a reader does leaves the browser.
const KEY = "optnotes-practice";
const EXAM = 10;
const NEW = 10; // items never seen, at most so many in one session
const AHEAD = 20 * 60e3; // what is due so soon is asked at once if nothing else is left
const GRADES = ["again", "hard", "good", "easy"]; // as FSRS counts them, from 1
const NUMBERS = ["stability", "difficulty", "elapsed_days", "scheduled_days", "learning_steps", "reps", "lapses", "state"];
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

const panel = document.querySelector(".practice");
const words = JSON.parse(panel.dataset.words);
const say = (key, ...values) => values.reduce((text, value) => text.replace("{}", value), words[key]);
const make = (tag, attributes = {}, ...children) => {
  const found = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
  found.append(...children);
  return found;
};
const button = (text, act, attributes = {}) => {
  const found = make("button", { type: "button", ...attributes }, text);
  found.addEventListener("click", act);
  return found;
};

// Items as the page holds them; those with a task have their answer folded once more.
const items = [...document.querySelectorAll("details.drill")].map((box) => {
  const label = box.querySelector(".level");
  const [level, kind] = ["level-", "kind-"].map(
    (start) => [...label.classList].find((name) => name.startsWith(start)).slice(start.length));
  const id = box.id.slice("drill-".length);
  return { id, box, level, kind, page: id.slice(0, 2), names: label.textContent.split(" · "), solution: box.querySelector(".solution") };
});
const sections = [...new Set(items.map(({ box }) => box.closest("section")))];

// Numbers as people type them: a comma or a point, a fraction, a power of ten behind an e.
const read = (text) => {
  const parts = text.replace(/\s/g, "").replace(/[−–]/g, "-").replaceAll(",", ".").split("/");
  if (parts.length > 2 || !parts.every((part) => NUMBER.test(part))) return NaN;
  return parts.length > 1 ? parts[0] / parts[1] : Number(parts[0]);
};

// A form in each box whose answer can be checked.
for (const item of items) {
  const right = item.solution?.querySelector(".right data");
  if (!right) continue;
  const verdict = make("p", { role: "status", class: "checked" });
  const form = make("form", { class: "task" });
  const options = item.box.querySelector("ol.options");
  item.solution.before(form);
  if (options) {
    [...options.children].forEach((option, number) => {
      option.id = `${item.box.id}-${number + 1}`;
      const choice = make("input", {
        type: "radio", name: item.box.id, value: number + 1, required: "", "aria-labelledby": option.id,
      });
      option.prepend(choice);
      option.addEventListener("click", () => { choice.checked = true; });
    });
    form.append(options);
  } else {
    form.append(make("label", {}, `${words.number}${right.nextSibling.textContent} `,
      make("input", { name: item.box.id, inputmode: "decimal", autocomplete: "off", size: 10 })));
  }
  form.append(make("button", {}, words.check), verdict);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const found = read(form.elements[item.box.id].value);
    const known = Number.isFinite(found);
    const error = Number(right.dataset.within ?? 0) * Math.abs(right.value) * (1 + 1e-9);
    item.correct = known && Math.abs(found - right.value) <= error;
    verdict.textContent = !known ? words.unread : item.correct ? words.right : words.wrong;
    verdict.dataset.right = item.correct;
    if (known) item.solution.open = true;
  });
  item.reset = () => { form.reset(); verdict.textContent = ""; item.correct = undefined; };
}

// The schedule, kept in this browser; in a file it is the same.
let memory = {};
let stored = true;
const card = (given) => {
  const found = {};
  for (const name of NUMBERS) {
    if (!Number.isFinite(given[name])) throw new TypeError(name);
    found[name] = given[name];
  }
  for (const name of ["due", "last_review"]) found[name] = new Date(given[name]).toISOString();
  return found;
};
const cards = (text) => {
  const given = JSON.parse(text);
  if (given?.app !== "optnotes" || given.version !== 1) throw new TypeError("optnotes 1");
  return Object.fromEntries(Object.entries(given.cards).map(([id, each]) => {
    if (!/^\d\d-d\d+$/.test(id)) throw new TypeError(id);
    return [id, card(each)];
  }));
};
const written = () => JSON.stringify({ app: "optnotes", version: 1, cards: memory });
const recall = () => {
  try {
    const text = localStorage.getItem(KEY);
    if (text) memory = cards(text);
  } catch { /* what is there is not ours, or nothing may be read: the schedule of this page goes on */ }
};
const keep = () => {
  try { localStorage.setItem(KEY, written()); stored = true; } catch { stored = false; }
  count();
};

// Filters; the address says what is chosen.
const said = make("p", { role: "status", class: "said" });
const choices = { page: new Map(), level: new Map(), kind: new Map() };
for (const { box, page, level, kind, names } of items) {
  choices.page.set(page, box.closest("section").querySelector("h2 a").textContent);
  choices.level.set(level, names[0]);
  choices.kind.set(kind, names[1]);
}
const selects = Object.entries(choices).map(([name, found]) => {
  const select = make("select", { name, autocomplete: "off" }, make("option", { value: "" }, words.all));
  for (const [value, text] of found) select.append(make("option", { value }, text));
  const asked = new URLSearchParams(location.search).get(name);
  if (found.has(asked)) select.value = asked;
  select.addEventListener("change", () => {
    const address = new URL(location);
    if (select.value) address.searchParams.set(name, select.value);
    else address.searchParams.delete(name);
    history.replaceState(history.state, "", address);
    filter();
  });
  return select;
});
const chosen = () => items.filter((item) => selects.every((select) => !select.value || item[select.name] === select.value));
const shown = make("p", { role: "status" });
const waiting = make("p");
const count = () => {
  const now = new Date().toISOString();
  const due = chosen().filter(({ id }) => memory[id] && memory[id].due <= now).length;
  waiting.textContent = say("due", due, chosen().filter(({ id }) => !memory[id]).length);
  if (!stored) said.textContent = words.unsaved;
};
const filter = () => {
  const found = new Set(chosen());
  for (const item of items) item.box.hidden = !found.has(item);
  for (const section of sections) section.hidden = ![...section.querySelectorAll("details.drill")].some((box) => !box.hidden);
  shown.textContent = found.size ? say("shown", found.size) : words.few;
  count();
};

const reveal = button(words.reveal, () => {
  const open = reveal.getAttribute("aria-pressed") !== "true";
  reveal.setAttribute("aria-pressed", open);
  reveal.textContent = open ? words.hide : words.reveal;
  for (const { box, solution } of items) {
    box.open = open;
    if (solution) solution.open = open;
  }
}, { "aria-pressed": "false" });

// One item at a time: it moves to the stage and back to its place.
const stage = make("section", { class: "stage", "aria-label": words.title, hidden: "" });
const head = make("p", { class: "head" });
const held = make("div");
const controls = make("div", { class: "actions" });
const place = document.createComment("");
let current;
let answered;
stage.append(head, held, controls);

const present = (item, next) => {
  leave();
  current = item;
  item.box.before(place);
  held.replaceChildren(item.box);
  item.reset?.();
  item.box.hidden = false;
  item.box.open = Boolean(item.solution);
  const answer = item.solution ?? item.box;
  answer.open = false;
  answered = () => {
    if (!answer.open || current !== item) return;
    controls.replaceChildren(...next(item), stop());
    controls.firstChild.focus();
  };
  answer.addEventListener("toggle", answered);
  controls.replaceChildren(button(words.answer, () => { answer.open = true; }), stop());
  (item.box.querySelector("form.task input") ?? item.box.querySelector("summary")).focus();
};
const leave = () => {
  if (!current) return;
  (current.solution ?? current.box).removeEventListener("toggle", answered);
  place.replaceWith(current.box);
  current.box.open = false;
  current = undefined;
};
const begin = () => {
  said.textContent = "";
  for (const each of [...sections, setup]) each.hidden = true;
  stage.hidden = false;
};
let timer;
const end = (...result) => {
  clearInterval(timer);
  leave();
  stage.hidden = true;
  setup.hidden = false;
  filter();
  said.replaceChildren(...result);
  start.focus();
};
const stop = () => button(words.stop, () => end());
stage.addEventListener("keydown", (event) => {
  if (event.target.matches("input") || event.ctrlKey || event.altKey || event.metaKey) return;
  controls.querySelectorAll("button[data-key]").forEach((each) => { if (each.dataset.key === event.key) each.click(); });
});

// The exam: what can be checked is checked, of the rest the reader judges.
const clock = (since) => {
  const seconds = Math.floor((Date.now() - since) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};
const drawn = (from, number) => {
  const left = [...from];
  return Array.from({ length: Math.min(number, left.length) }, () => left.splice(Math.random() * left.length, 1)[0]);
};
const exam = () => {
  const asked = drawn(chosen(), EXAM);
  if (!asked.length) return;
  const since = Date.now();
  const missed = [];
  const time = make("span", { role: "timer" }, clock(since));
  let at = -1;
  const advance = () => {
    at += 1;
    if (at === asked.length) return finish();
    head.replaceChildren(say("of", at + 1, asked.length), " · ", time);
    present(asked[at], (item) => (item.correct !== undefined
      ? [button(words.next, () => judge(item.correct))]
      : [button(words.knew, () => judge(true), { "data-key": "1" }), button(words.missed, () => judge(false), { "data-key": "2" })]));
  };
  const judge = (good) => {
    if (!good) missed.push(asked[at]);
    advance();
  };
  const finish = () => {
    const result = make("strong", {}, say("result", asked.length - missed.length, asked.length, clock(since)));
    const list = make("ul", {}, ...missed.map(({ box }) => {
      const asks = [...box.querySelector("summary").childNodes].filter((node) => !node.classList?.contains("level"));
      const link = make("a", { href: `#${box.id}` },
        ...asks.map((node) => (node.localName === "a" ? node.textContent : node.cloneNode(true))));
      link.addEventListener("click", () => { box.open = true; });
      return make("li", {}, link);
    }));
    end(result, ...(missed.length ? [make("br"), words.review, list] : []));
  };
  begin();
  timer = setInterval(() => { time.textContent = clock(since); }, 1000);
  advance();
};

// Repetition: what is due, then some that are new.
const span = (time) => {
  const minutes = Math.max(1, Math.round(time / 60e3));
  if (minutes < 60) return say("minutes", minutes);
  return minutes < 1440 ? say("hours", Math.round(minutes / 60)) : say("days", Math.round(minutes / 1440));
};
const repeat = async () => {
  let library;
  try {
    library = await import(new URL(panel.dataset.scheduler, document.baseURI));
  } catch {
    said.textContent = words.failed;
    return;
  }
  const scheduler = library.fsrs();
  const from = chosen();
  let [fresh, done] = [NEW, 0];
  const due = (until) => from.filter(({ id }) => memory[id] && new Date(memory[id].due) <= until)
    .sort((one, other) => (memory[one.id].due < memory[other.id].due ? -1 : 1))[0];
  const pick = () => {
    const unseen = fresh > 0 && from.find(({ id }) => !memory[id]);
    const found = due(new Date()) ?? (unseen || due(new Date(Date.now() + AHEAD)));
    if (found && found === unseen) fresh -= 1;
    return found;
  };
  const advance = () => {
    const item = pick();
    if (!item) return end(say("done", done));
    head.textContent = waiting.textContent;
    present(item, () => {
      const now = new Date();
      const before = memory[item.id] ?? library.createEmptyCard(now);
      return GRADES.map((name, number) => {
        const after = scheduler.next(before, now, number + 1).card;
        return button(`${words[name]} · ${span(after.due - now)}`, () => {
          memory[item.id] = card(after);
          done += 1;
          keep();
          advance();
        }, { "data-key": number + 1, ...(item.correct === (number > 0) && number % 2 === 0 ? { class: "fitting" } : {}) });
      });
    });
  };
  recall();
  begin();
  advance();
};

// Files.
const save = () => {
  const url = URL.createObjectURL(new Blob([written()], { type: "application/json" }));
  make("a", { href: url, download: `${KEY}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
};
const file = make("input", { type: "file", accept: ".json,application/json", hidden: "" });
file.addEventListener("change", async () => {
  try {
    const found = cards(await file.files[0].text());
    for (const [id, each] of Object.entries(found)) {
      if (!memory[id] || memory[id].last_review <= each.last_review) memory[id] = each;
    }
    said.textContent = say("imported", Object.keys(found).length);
    keep();
  } catch (error) {
    said.textContent = say("refused", error.message);
  }
  file.value = "";
});
const forget = () => {
  if (!confirm(words.sure)) return;
  memory = {};
  keep();
};

const start = button(words.exam, exam);
const setup = make("div", {},
  make("div", { class: "filters" }, ...selects.map((select) => make("label", {}, `${words[select.name]} `, select))),
  shown,
  make("div", { class: "actions" }, reveal, start, button(words.repeat, repeat)),
  waiting,
  make("div", { class: "actions small" }, button(words.export, save), button(words.import, () => file.click()), file, button(words.forget, forget)),
  make("p", { class: "small" }, words.local));
panel.setAttribute("role", "group");
panel.setAttribute("aria-label", words.title);
panel.append(setup, said, stage);
panel.hidden = false;
recall();
filter();

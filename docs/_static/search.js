// The search page: Pagefind finds passages for each word, this adds up what they are worth and shows them.
const field = document.querySelector("#search-words");
const state = document.querySelector("#search-state");
const list = document.querySelector("#search-results");
const more = document.querySelector("#search-more");
const { without, same } = JSON.parse(state.dataset.known);
const SITE = new URL("../", import.meta.url);
const PAGE = 8;
// About how many passages there are, and what a word adds to the worth of one wherever it stands.
const PASSAGES = 1000;
const FOUND = 0.3;
// What a word counts in a title, against one in the text.
const TITLE = 5;
let latest = 0;
let loaded;

// The index and the words of the pages load with the first query.
const load = async () => {
  const [pagefind, answer] = await Promise.all([import("../pagefind/pagefind.js"), fetch(new URL("pagefind/words.json", SITE))]);
  if (!answer.ok) throw new Error(answer.statusText);
  await pagefind.options({ ranking: { metaWeights: { title: TITLE, name: 0, address: 0, above: 0 } } });
  return { pagefind, words: await answer.json() };
};

const plain = (text) => text.toLowerCase().replaceAll("ё", "е");

// How many letters must change, or change places with their neighbour; at most `limit` + 1.
const distance = (one, other, limit) => {
  if (Math.abs(one.length - other.length) > limit) return limit + 1;
  let last = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1));
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (swapped) next[j] = Math.min(next[j], last[j - 2] + 1);
    }
    [last, row] = [row, next];
  }
  return row.at(-1);
};

// A word is known if a word of the pages begins with it, or differs from it by its ending.
const ENDING = 2;
const known = (word, words) => {
  const start = word.length > 3 + ENDING ? word.slice(0, -ENDING) : word;
  return words.some((each) => each.startsWith(start));
};

const nearest = (word, words) => {
  const limit = word.length < 5 ? 0 : word.length < 8 ? 1 : 2;
  let best = null;
  let least = limit + 1;
  for (const each of words) {
    const found = distance(word, each, Math.min(least, limit));
    if (found < least) [best, least] = [each, found];
  }
  return best;
};

// What to look for: for each word of the query the words of the pages that mean the same, or what is not among them.
const read = (query, words) => {
  const typed = plain(query).match(/[\p{L}\p{N}_-]+/gu) ?? [];
  const said = typed.filter((word) => /\p{L}/u.test(word) && !without.includes(word));
  return (said.length ? said : typed).map((word) => {
    const others = same.filter(([, starts]) => starts.some((start) => word.startsWith(start))).map(([other]) => other);
    if (known(word, words)) return { word, looked: [word, ...others] };
    if (others.length) return { word, looked: others };
    const near = nearest(word, words);
    return { word, looked: near ? [near] : [], near };
  });
};

// The query as a whole counts as a third of a word more: readers type questions that the pages know.
const PHRASE = 0.3;
const phrase = (query) => ({ weight: PHRASE, looked: /\s/.test(query) ? [`"${query.toLowerCase().replaceAll('"', " ")}"`] : [] });

// A passage is worth the sum over the words: the rarer a word, the more; the better its passage for it, the more. The
// root keeps a word that a single passage says from outweighing the rest of a question.
const rank = async (terms, pagefind) => {
  const worth = new Map();
  for (const { looked, weight = 1 } of terms) {
    const best = new Map();
    for (const { results } of await Promise.all(looked.map((word) => pagefind.search(word)))) {
      for (const result of results) {
        const share = result.score / results[0].score;
        if (share > (best.get(result.id)?.share ?? 0)) best.set(result.id, { share, result });
      }
    }
    const rare = weight * Math.sqrt(Math.log(1 + PASSAGES / (1 + best.size)));
    for (const [id, { share, result }] of best) {
      const points = rare * (FOUND + (1 - FOUND) * share);
      const before = worth.get(id) ?? { points: 0, most: 0 };
      const better = points > before.most ? { most: points, result } : { most: before.most, result: before.result };
      worth.set(id, { points: before.points + points, ...better });
    }
  }
  return [...worth.values()].sort((one, other) => other.points - one.points).map(({ result }) => result);
};

const element = (name, className, ...content) => {
  const made = document.createElement(name);
  made.className = className;
  made.append(...content);
  return made;
};

const entry = async (result) => {
  const { meta, excerpt } = await result.data();
  const link = element("a", "", meta.title ?? meta.name);
  link.href = new URL(meta.address, SITE);
  const passage = element("p", "");
  passage.innerHTML = excerpt; // escaped by Pagefind but for its <mark>
  return element("li", "", element("h2", "", link), element("p", "above", meta.above ?? ""), passage);
};

// Without its index, or in a browser that forbids WebAssembly, the search says so.
const guarded = (run, work) =>
  work().catch((error) => {
    if (run !== latest) return;
    console.warn(error);
    list.replaceChildren();
    more.hidden = true;
    state.textContent = typeof WebAssembly === "undefined" ? state.dataset.unsupported : state.dataset.failed;
  });

const show = async (results, from, run) => {
  const items = await Promise.all(results.slice(from, from + PAGE).map(entry));
  if (run !== latest) return;
  list.append(...items);
  more.hidden = results.length <= from + PAGE;
  more.onclick = () => guarded(run, () => show(results, from + PAGE, run));
};

// What was found, what was read as another word, and what no page says.
const report = (terms, count) => {
  const said = [count ? `${state.dataset.found} ${count}.` : state.dataset.none];
  const quoted = (words) => words.map((word) => state.dataset.quotes[0] + word + state.dataset.quotes[1]).join(", ");
  for (const { word, near } of terms) if (near) said.push(`${quoted([word])} → ${quoted([near])}.`);
  const lost = terms.filter(({ looked }) => !looked.length).map(({ word }) => word);
  if (lost.length && count) said.push(`${state.dataset.lost} ${quoted(lost)}.`);
  return said.join(" ");
};

const find = async (query, run) => {
  if (typeof WebAssembly === "undefined") throw new Error("WebAssembly is missing");
  const { pagefind, words } = await (loaded ??= load());
  const terms = read(query, words);
  const results = await rank([...terms, phrase(query)], pagefind);
  if (run !== latest) return;
  list.replaceChildren();
  state.textContent = report(terms, results.length);
  await show(results, 0, run);
};

const search = async () => {
  const query = field.value.trim();
  const run = ++latest;
  const address = new URL(window.location);
  query ? address.searchParams.set("q", query) : address.searchParams.delete("q");
  history.replaceState(null, "", address);
  if (!query || window.location.protocol === "file:") {
    list.replaceChildren();
    if (!query) state.textContent = "";
    more.hidden = true;
    return;
  }
  await guarded(run, () => find(query, run));
};

let waiting;
field.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(search, 150);
});
field.form.addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
if (window.location.protocol === "file:") state.textContent = state.dataset.offline;
field.value ||= new URL(window.location).searchParams.get("q") || ""; // a reader may have typed already
field.focus();
search();

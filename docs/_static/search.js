// The search page: Pagefind finds, this shows. The index loads with the first query.
const field = document.querySelector("#search-words");
const state = document.querySelector("#search-state");
const list = document.querySelector("#search-results");
const more = document.querySelector("#search-more");
const synonyms = Object.entries(JSON.parse(state.dataset.synonyms));
const PAGE = 8;
let latest = 0;

// "дропаута" is looked up as "dropout": a word that starts with a synonym becomes the word of the pages.
const canonical = (query) =>
  query.replace(/[\p{L}\p{N}-]+/gu, (word) => {
    const lower = word.toLowerCase().replaceAll("ё", "е");
    const hit = synonyms.find(([, others]) => others.some((other) => lower.startsWith(other)));
    return hit ? hit[0] : word;
  });

const link = (url, text) => {
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.textContent = text;
  return anchor;
};

const passage = (html) => {
  const paragraph = document.createElement("p");
  paragraph.innerHTML = html; // escaped by Pagefind but for its <mark>
  return paragraph;
};

const entry = async (result) => {
  const data = await result.data();
  const item = document.createElement("li");
  const title = document.createElement("h2");
  title.append(link(data.url, data.meta.title));
  item.append(title);
  const sections = data.sub_results.filter((section) => section.anchor);
  if (!sections.length || sections[0].title === data.meta.title) item.append(passage(data.excerpt));
  for (const section of sections.filter((each) => each.title !== data.meta.title).slice(0, 3)) {
    const heading = document.createElement("h3");
    heading.append(link(section.url, section.title));
    item.append(heading, passage(section.excerpt));
  }
  return item;
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

const find = async (query, run) => {
  if (typeof WebAssembly === "undefined") throw new Error("WebAssembly is missing");
  const pagefind = await import("../pagefind/pagefind.js");
  const { results } = await pagefind.search(canonical(query));
  if (run !== latest) return;
  list.replaceChildren();
  state.textContent = results.length ? `${state.dataset.found} ${results.length}` : state.dataset.none;
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

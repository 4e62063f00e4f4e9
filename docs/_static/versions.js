// The releases that the host keeps: listed when a reader opens the list; a page of an old one says so by itself.
(() => {
  const box = document.querySelector("details.versions");
  if (!box || location.protocol === "file:") return;
  const { list, slot, page } = box.dataset;
  const notice = document.querySelector(".old-version");
  const address = (entry, from) => new URL(entry.url + page, from).href + location.search + location.hash;
  const show = async () => {
    const answer = await fetch(list);
    const releases = answer.ok ? await answer.json() : [];
    for (const entry of releases) {
      const link = document.createElement("a");
      link.href = address(entry, answer.url);
      link.textContent = entry.name;
      if (entry.version === slot) link.setAttribute("aria-current", "true");
      const item = document.createElement("li");
      item.append(link);
      box.querySelector("ul").append(item);
    }
    const newest = releases.find((entry) => entry.preferred);
    if (notice && newest && newest.version !== slot) {
      notice.querySelector("a").href = address(newest, answer.url);
      notice.querySelector("a").append(` ${newest.name}`);
      notice.hidden = false;
    }
  };
  if (notice) show();
  else box.addEventListener("toggle", show, { once: true });
})();

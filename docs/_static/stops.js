// The keyboard stops at a formula or at code only where it goes on sideways, and finds a name there.
(() => {
  const words = document.currentScript.dataset;
  const name = (box) => {
    if (box.matches("pre")) return words.code;
    const line = box.closest("ol.steps > li");
    const at = line ? `, ${words.line} ${[...line.parentElement.children].indexOf(line) + 1}` : "";
    return `${words.formula} ${numberOf(box)}`.trim() + at;
  };
  // Only what is laid out is asked, and all of it before anything changes: else the browser lays out again and again.
  const drawn = new Set();
  const look = (found) => found.map((box) => [box, box.scrollWidth > box.clientWidth]).forEach(([box, scrolls]) => {
    if (scrolls) Object.assign(box, { tabIndex: 0, role: "group", ariaLabel: name(box) });
    else ["tabindex", "role", "aria-label"].forEach((each) => box.removeAttribute(each));
  });
  const sizes = new ResizeObserver((seen) => {
    for (const { target, contentRect } of seen) drawn[contentRect.width ? "add" : "delete"](target);
    look(seen.map(({ target }) => target).filter((box) => drawn.has(box)));
  });
  document.querySelectorAll(".math-scroll, pre[tabindex]").forEach((box) => sizes.observe(box));
  document.fonts.ready.then(() => look([...drawn])); // a face that comes late changes no box
})();

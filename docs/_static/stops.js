// The keyboard stops at a formula or at code only where it goes on sideways, and finds a name there.
(() => {
  const words = document.currentScript.dataset;
  const number = (box, found) => box.closest(found)?.querySelector(".eqno")?.textContent ?? "";
  const name = (box) => {
    if (box.matches("pre")) return words.code;
    const line = box.closest("ol.steps > li");
    const at = line ? `, ${words.line} ${[...line.parentElement.children].indexOf(line) + 1}` : "";
    return `${words.formula} ${number(box, ".math-block") || number(box, ".formula")}`.trim() + at;
  };
  const look = (box) => {
    if (!box.clientWidth) return; // within what is folded
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
      box.role = "group";
      box.ariaLabel = name(box);
    } else ["tabindex", "role", "aria-label"].forEach((each) => box.removeAttribute(each));
  };
  const boxes = document.querySelectorAll(".math-scroll, pre[tabindex]");
  const sizes = new ResizeObserver((seen) => seen.forEach(({ target }) => look(target)));
  boxes.forEach((box) => sizes.observe(box));
  document.fonts.ready.then(() => boxes.forEach(look)); // a face that comes late changes no box
})();

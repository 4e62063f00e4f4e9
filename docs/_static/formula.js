// Formulas as things to use: buttons copy TeX, address and citation, a selection is copied as TeX, a link to a citation opens it.
(() => {
  const tex = (math) => math.querySelector("annotation").textContent.trim();

  for (const button of navigator.clipboard ? document.querySelectorAll("button[data-copies]") : []) {
    const words = button.textContent;
    const name = `${words} ${numberOf(button)}`.trim();
    const text = () => {
      if (button.dataset.copies === "tex") return tex(button.closest(".formula").querySelector("math[display=block]"));
      if (button.dataset.copies === "line") return button.parentElement.querySelector(".citation-line").textContent;
      const address = new URL(button.dataset.copies, document.baseURI);
      address.search = ""; // what this reader has chosen on the page
      return address.href;
    };
    button.ariaLabel = name;
    button.hidden = false;
    button.addEventListener("click", () => navigator.clipboard.writeText(text()).then(() => {
      button.textContent = button.ariaLabel = button.dataset.done;
      setTimeout(() => {
        button.textContent = words;
        button.ariaLabel = name;
      }, 1500);
    }));
  }

  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed || !event.clipboardData) return;
    const range = selection.getRangeAt(0).cloneRange();
    const within = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest("math");
    const [first, last] = [within(range.startContainer), within(range.endContainer)];
    if (first) range.setStartBefore(first);
    if (last) range.setEndAfter(last);
    const part = range.cloneContents();
    const formulas = [...part.querySelectorAll("math")];
    if (!formulas.length) return;
    part.querySelectorAll(".headerlink, .eqno, button, script").forEach((each) => each.remove());
    const alone = formulas.length === 1 && part.textContent.trim() === formulas[0].textContent.trim();
    for (const math of formulas) {
      const mark = alone ? "" : math.getAttribute("display") === "block" ? "$$" : "$";
      math.replaceWith(mark + tex(math) + mark);
    }
    part.querySelectorAll("p, li, dt, dd, tr, summary, h1, h2, h3, .math-block").forEach((each) => each.append("\n"));
    event.clipboardData.setData("text/plain", part.textContent.trim());
    event.preventDefault();
  });

  const unfold = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target?.matches("details.cite-formula")) return;
    target.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();
})();

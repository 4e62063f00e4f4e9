// What a term means, where a pointer rests on its link or the keyboard reaches it; Escape puts it away.
(() => {
  const links = document.querySelectorAll("a.term[title]");
  if (!links.length) return;
  const note = document.body.appendChild(document.createElement("div"));
  Object.assign(note, { className: "term-note", id: "term-note", hidden: true, role: "tooltip" });
  let shown, timer;
  const hide = () => {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    note.hidden = true;
    shown = undefined;
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(hide, 250);
  };
  const show = (link) => {
    hide();
    shown = link;
    note.textContent = link.dataset.note;
    note.hidden = false;
    const [place] = link.getClientRects(), wide = document.documentElement.clientWidth;
    const left = Math.max(12, Math.min(place.left, wide - note.offsetWidth - 12));
    const under = place.bottom + note.offsetHeight + 8 < innerHeight;
    note.style.left = `${left + scrollX}px`;
    note.style.top = `${scrollY + (under ? place.bottom + 4 : place.top - note.offsetHeight - 4)}px`;
    link.setAttribute("aria-describedby", note.id);
  };
  for (const link of links) {
    link.dataset.note = link.title; // its title would stand there twice
    link.removeAttribute("title");
    link.addEventListener("pointerenter", ({ pointerType }) => pointerType !== "touch" && show(link));
    link.addEventListener("pointerleave", later);
    link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
    link.addEventListener("blur", hide);
  }
  note.addEventListener("pointerenter", () => clearTimeout(timer));
  note.addEventListener("pointerleave", later);
  addEventListener("keydown", ({ key }) => key === "Escape" && hide());
})();

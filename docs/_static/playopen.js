// Formulas to play with: their script loads when a reader opens a box, or follows an address that holds its numbers.
for (const box of document.querySelectorAll("details.play")) {
  box.hidden = false;
  box.addEventListener("toggle", () => {
    import(new URL(box.dataset.source, document.baseURI))
      .then((formula) => formula.default(box))
      .catch(() => box.append(box.dataset.failed));
  }, { once: true });
  if (new URLSearchParams(location.search).get("play") !== box.dataset.play) continue;
  for (let each = box; each; each = each.parentElement.closest("details")) each.open = true;
}

// Steps of a derivation one by one, for those who ask for it; on paper all of them stand there.
for (const controls of document.querySelectorAll(".derivation > .walk")) {
  const [walk, next, all] = controls.children;
  const steps = [...controls.parentElement.querySelector("ol.steps").children];
  const show = (count) => {
    steps.forEach((step, index) => step.classList.toggle("later", index >= count));
    walk.hidden = count < steps.length;
    next.hidden = all.hidden = !walk.hidden;
    controls.dataset.shown = count;
  };
  const go = (count, focus) => {
    show(count);
    (count < steps.length ? focus : walk).focus();
  };
  const title = controls.parentElement.querySelector("summary").cloneNode(true);
  title.querySelectorAll("annotation").forEach((each) => each.remove());
  for (const button of controls.children) button.ariaLabel = `${button.textContent}: ${title.textContent} ${numberOf(controls)}`.trim();
  steps[0].parentElement.setAttribute("aria-live", "polite");
  walk.addEventListener("click", () => go(1, next));
  next.addEventListener("click", () => go(Number(controls.dataset.shown) + 1, next));
  all.addEventListener("click", () => go(steps.length, walk));
  show(steps.length);
  controls.hidden = false;
}

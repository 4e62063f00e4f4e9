// Applies the reader's colour mode before the first paint; the theme's script changes it, this one says which is on.
(() => {
  const root = document.documentElement;
  let mode = null;
  try {
    mode = localStorage.getItem("mode");
  } catch {
    // A browser may forbid storage.
  }
  if (mode !== "light" && mode !== "dark") mode = "auto";
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.dataset.mode = mode;
  root.dataset.theme = mode === "auto" ? system : mode;
  document.addEventListener("DOMContentLoaded", () => {
    const buttons = document.querySelectorAll(".theme-change-button");
    const mark = (chosen) =>
      buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.mode === chosen)));
    buttons.forEach((button) => button.addEventListener("click", () => mark(button.dataset.mode)));
    mark(mode);
  });
})();

// The language switch keeps the anchor.
(() => {
  const link = document.querySelector("a.language-switch");
  if (!link) return;
  const page = link.getAttribute("href");
  const follow = () => link.setAttribute("href", page + window.location.hash);
  window.addEventListener("hashchange", follow);
  document.querySelectorAll("a.language-switch").forEach((each) => {
    each.addEventListener("click", () => each.setAttribute("href", page + window.location.hash));
  });
  follow();
})();

// The language switch keeps the anchor and the state of the controls.
(() => {
  const links = document.querySelectorAll("a.language-switch");
  const pages = [...links].map((link) => link.getAttribute("href"));
  const follow = () => links.forEach((link, i) => link.setAttribute("href", pages[i] + location.search + location.hash));
  for (const event of ["hashchange", "change"]) window.addEventListener(event, follow);
  for (const event of ["click", "auxclick"]) links.forEach((link) => link.addEventListener(event, follow));
  follow();
})();

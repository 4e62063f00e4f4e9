// Ctrl+K or ⌘K opens the search page.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.code !== "KeyK") return;
  event.preventDefault();
  window.location = document.querySelector("a.search-link").href;
});

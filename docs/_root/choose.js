// Sends a reader to the first of their languages that the site speaks; without a script the links remain.
const { within } = document.currentScript.dataset;
const spoken = [...document.querySelectorAll("link[hreflang]")].map((link) => link.hreflang);
const wanted = (navigator.languages || [navigator.language]).map((tag) => tag.slice(0, 2).toLowerCase());
const chosen = wanted.find((tag) => spoken.includes(tag)) || "en";
window.location.replace(`${chosen}${within}/index.html`);

// Sends a reader to the first of their languages that the site speaks; without a script the links remain.
const spoken = [...document.querySelectorAll("link[hreflang]")].map((link) => link.hreflang);
const wanted = (navigator.languages || [navigator.language]).map((tag) => tag.slice(0, 2).toLowerCase());
window.location.replace(`${wanted.find((tag) => spoken.includes(tag)) || "en"}/index.html`);

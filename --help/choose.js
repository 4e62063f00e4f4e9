// Sends a reader to the first of their languages that the site speaks; without a script the two links remain.
const spoken = ["ru", "en"];
const wanted = (navigator.languages || [navigator.language]).map((tag) => tag.slice(0, 2).toLowerCase());
window.location.replace(`${wanted.find((tag) => spoken.includes(tag)) || "en"}/index.html`);

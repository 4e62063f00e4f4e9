// The number printed beside the formula or below the figure to which a part belongs; a line of a formula may have its own.
const numberOf = (part) => (part.closest(".math-block")?.querySelector(".eqno")
  ?? part.closest(".formula")?.querySelector(".eqno")
  ?? part.closest(".figure-tools")?.previousElementSibling?.querySelector(".caption-number"))?.textContent ?? "";

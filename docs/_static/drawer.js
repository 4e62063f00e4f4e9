// Both menus of a narrow screen: a link within the page closes them, and so does a button.
(() => {
  const button = document.querySelector(".drawer-close");
  if (!button) return;
  document.querySelector("#pst-secondary-sidebar")?.prepend(button.cloneNode(true));
  for (const drawer of document.querySelectorAll("#pst-primary-sidebar-modal, #pst-secondary-sidebar-modal")) {
    drawer.addEventListener("click", ({ target }) => {
      if (target.closest('.drawer-close, a[href^="#"]')) drawer.close();
    });
  }
})();

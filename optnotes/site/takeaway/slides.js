// Every slide is made as small as it must be, before it is shown or printed.
const fits = (body) => body.scrollHeight <= body.clientHeight && body.scrollWidth <= body.clientWidth;

function fit() {
  for (const slide of document.querySelectorAll("section.slide")) {
    const body = slide.querySelector(".body");
    for (let size = 100; size >= 40; size -= 2) {
      slide.style.setProperty("--scale", size / 100);
      if (fits(body)) break;
    }
    slide.dataset.scale = slide.style.getPropertyValue("--scale");
  }
}

// Hidden text asks for no font, and another font has other sizes.
Promise.all([...document.fonts].map((font) => font.load())).then(() => {
  fit();
  document.documentElement.classList.add("fitted");
  if (window.Reveal) {
    Reveal.initialize({
      width: 1280, height: 720, margin: 0, center: false, hash: true, slideNumber: "c/t", controls: true,
      transition: "none", pdfSeparateFragments: false, plugins: window.RevealNotes ? [RevealNotes] : [],
    });
  }
});

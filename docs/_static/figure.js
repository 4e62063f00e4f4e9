// A figure as a PNG for a slide: the SVG of the page drawn as large as 1920 × 1080 dots hold it, on its own paper.
for (const button of document.querySelectorAll("button[data-picture]")) {
  const [mode] = button.parentElement.textContent.split(":");
  button.ariaLabel = `${button.textContent} (${mode.trim()}) ${numberOf(button)}`.trim();
  button.hidden = false;
  button.addEventListener("click", async () => {
    const figure = button.closest(".figure-tools").previousElementSibling;
    const image = new Image();
    image.src = figure.querySelector(`img.only-${button.dataset.picture}`).src;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: 1920, height: 1080 });
    const scale = Math.min(canvas.width / image.width, canvas.height / image.height);
    const size = [image.width * scale, image.height * scale];
    const place = [(canvas.width - size[0]) / 2, (canvas.height - size[1]) / 2];
    const context = canvas.getContext("2d");
    context.drawImage(image, ...place, ...size);
    const paper = context.getImageData(place[0] + 2, place[1] + 2, 1, 1).data;
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = `rgb(${paper[0]} ${paper[1]} ${paper[2]})`;
    context.fillRect(0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => {
      const name = image.src.replace(/.*\/|\.svg.*/g, "");
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `${name}.png` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  });
}

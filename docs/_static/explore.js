// Explorers: shows the frame that the controls choose. Every frame was computed beforehand; nothing is computed here.
(() => {
  const choices = (control) => control.dataset.values?.split(" ") ?? [...control.options].map((option) => option.value);
  const position = (control) => Number(control.selectedIndex ?? control.value);

  const start = (box) => {
    const controls = [...box.querySelectorAll("input, select")];
    const marks = box.querySelectorAll(".marks path");
    const output = box.querySelector("output");
    let data;

    const draw = () => {
      if (!data) return;
      let frame = 0;
      for (const control of controls) {
        const label = data.labels[control.name][position(control)];
        frame = frame * choices(control).length + position(control);
        if (control.type !== "range") continue;
        control.setAttribute("aria-valuetext", label);
        control.nextElementSibling.textContent = label;
      }
      marks.forEach((mark, i) => mark.setAttribute("d", data.paths[data.frames[frame][i]]));
      output.textContent = data.readouts[frame];
    };

    const remember = () => {
      const address = new URL(location);
      for (const control of controls) address.searchParams.set(control.name, choices(control)[position(control)]);
      history.replaceState(history.state, "", address);
    };

    const asked = new URLSearchParams(location.search);
    for (const control of controls) {
      const at = choices(control).indexOf(asked.get(control.name));
      if (at < 0) continue;
      if (control.type === "range") control.value = at;
      else control.selectedIndex = at;
    }
    box.addEventListener("input", draw);
    box.addEventListener("change", remember); // not on every "input": browsers limit how often the address may change

    new IntersectionObserver((seen, observer) => {
      if (!seen.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      fetch(box.dataset.source)
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
        .then((frames) => { data = frames; draw(); })
        .catch(() => { output.textContent = box.dataset.failed; });
    }, { rootMargin: "200px" }).observe(box);
  };

  document.querySelectorAll(".explorer").forEach(start);
})();

// Explorers: shows the frame that the controls choose. Every frame was computed beforehand; nothing is computed here.
(() => {
  const choices = (control) => control.dataset.values?.split(" ") ?? [...control.options].map((option) => option.value);
  const position = (control) => Number(control.selectedIndex ?? control.value);

  const start = (box) => {
    const controls = [...box.querySelectorAll("input, select")];
    const marks = box.querySelectorAll(".marks path");
    const clock = controls.find((control) => control.dataset.plays); // no frame depends on it: it cuts what grows
    const [play, step] = box.querySelectorAll(".clock button");
    const grip = box.querySelector(".grip path");
    const dragged = controls.filter((control) => control.dataset.places); // its place along, then across
    const places = (control) => control.dataset.places.split(" ").map(Number);
    const output = box.querySelector("output");
    let data, timer;

    const draw = () => {
      if (!data) return;
      let frame = 0;
      for (const control of controls) {
        const label = data.labels[control.name][position(control)];
        if (control !== clock) frame = frame * choices(control).length + position(control);
        if (control.type !== "range") continue;
        control.setAttribute("aria-valuetext", label);
        control.nextElementSibling.textContent = label;
      }
      marks.forEach((mark, i) => {
        const [path, x = 0, y = 0, a = 1, b = 0, c = 0, d = a] = [data.frames[frame][i]].flat();
        const points = data.grows?.includes(i) && data.paths[path].match(/[ML][^ML]*/g);
        const shown = points && points.slice(0, Number(choices(clock)[position(clock)]) + 1).join("");
        mark.setAttribute("d", points ? shown : data.paths[path]);
        mark.setAttribute("transform", `matrix(${a} ${b} ${c} ${d} ${x} ${y})`);
      });
      grip?.setAttribute("d", `M${dragged.map((control) => places(control)[position(control)]).join(" ")}h1`);
      output.textContent = data.readouts[frame];
    };

    const remember = () => {
      const address = new URL(location);
      for (const control of controls) address.searchParams.set(control.name, choices(control)[position(control)]);
      history.replaceState(history.state, "", address);
    };

    const follow = (event) => {
      const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(grip.getScreenCTM().inverse());
      dragged.forEach((control, i) => {
        const off = places(control).map((place) => Math.abs(place - [x, y][i]));
        control.value = off.indexOf(Math.min(...off));
      });
      draw();
    };

    const atEnd = () => position(clock) === Number(clock.max);
    const advance = () => {
      clock.value = atEnd() ? 0 : position(clock) + 1;
      draw();
    };
    const turn = (on) => {
      clearInterval(timer);
      timer = on ? setInterval(() => { if (atEnd()) { turn(false); remember(); } else advance(); }, 250) : undefined;
      play.setAttribute("aria-pressed", on);
    };
    play?.addEventListener("click", () => {
      if (!timer && atEnd()) advance();
      turn(!timer);
      remember();
    });
    step?.addEventListener("click", () => { turn(false); advance(); remember(); });
    clock?.addEventListener("input", () => turn(false));

    const asked = new URLSearchParams(location.search);
    for (const control of controls) {
      const at = choices(control).indexOf(asked.get(control.name));
      if (at < 0) continue;
      if (control.type === "range") control.value = at;
      else control.selectedIndex = at;
    }
    box.addEventListener("input", draw);
    box.addEventListener("change", remember); // not on every "input": browsers limit how often the address may change
    grip?.addEventListener("pointerdown", (event) => grip.setPointerCapture(event.pointerId));
    grip?.addEventListener("pointermove", (event) => grip.hasPointerCapture(event.pointerId) && follow(event));
    grip?.addEventListener("lostpointercapture", remember);
    grip?.ownerSVGElement.parentElement.addEventListener("click", (event) => { follow(event); remember(); });

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

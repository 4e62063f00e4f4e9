// A formula under the reader's hands: sliders and fields for its numbers, its value, its curve and the slope of it.
// The formula itself comes from the build, which wrote it from the printed TeX.
const WIDTH = 430;
const LEFT = 64;
const SAMPLES = 240;
const H = 1e-5; // of the range: half the step of the central difference

const make = (tag, attributes = {}, ...children) => {
  const found = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
  found.append(...children);
  return found;
};
const parsed = (html) => document.createRange().createContextualFragment(html);

// Numbers as people write them; powers of ten only where digits would be too many.
const written = (value, signs, digits = 6) => {
  if (!Number.isFinite(value)) return "—";
  const [mantissa, exponent] = Number(value.toPrecision(digits)).toExponential().split("e");
  const far = exponent < -4 || exponent > digits;
  let text = (far ? mantissa : String(Number(value.toPrecision(digits)))).replace("-", "−");
  text = text.replace(".", signs.decimal);
  if (!far) return text;
  const power = [...String(Number(exponent))].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("");
  return `${text}${signs.times}10${power}`;
};

const step = (span) => {
  const power = 10 ** Math.floor(Math.log10(span));
  return [1, 2, 5, 10].map((digit) => digit * power).find((each) => each >= span) ?? span;
};

// One drawing: axes, a curve, and the point where the reader is.
const drawing = (height, look) => {
  const svg = parsed(
    `<svg viewBox="0 0 ${LEFT + WIDTH + 14} ${height + 36}" role="img"><g class="grid"></g>` +
    `<svg x="${LEFT}" y="8" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">` +
    `<path class="line ${look}"/><path class="dots ink"/></svg></svg>`,
  ).firstChild;
  const [line, dot] = svg.querySelectorAll(".line, .dots");
  const draw = (points, at, signs, label) => {
    const finite = points.map(([, y]) => y).filter((y) => Math.abs(y) < 1e100);
    const [first, last] = [points[0][0], points.at(-1)[0]];
    let low = Math.min(...finite);
    let high = Math.max(...finite);
    if (!(high - low > 1e-12 * Math.max(Math.abs(high), Math.abs(low)))) {
      const room = Math.abs(high) / 2 || 1;
      [low, high] = finite.length ? [low - room, high + room] : [-1, 1];
    }
    const room = (high - low) * 0.06;
    [low, high] = [low - room, high + room];
    const x = (value) => ((value - first) / (last - first || 1)) * WIDTH;
    const y = (value) => (1 - (value - low) / (high - low)) * height;
    let up = false;
    line.setAttribute("d", points.map(([px, py]) => {
      if (!(Math.abs(py) < 1e100)) { up = false; return ""; }
      const sign = up ? "L" : "M";
      up = true;
      return `${sign}${x(px).toFixed(1)} ${y(py).toFixed(1)}`;
    }).join(""));
    dot.setAttribute("d", Number.isFinite(at[1]) ? `M${x(at[0]).toFixed(1)} ${y(at[1]).toFixed(1)}h.1` : "");
    const grid = [];
    const ticks = (from, to, put) => {
      const by = step((to - from) / 5);
      for (let k = Math.ceil(from / by - 1e-9); k * by <= to + 1e-9 * by; k++) put(k * by, written(k * by, signs, 4));
    };
    ticks(first, last, (value, text) => grid.push(
      `<path d="M${LEFT + x(value)} 8v${height}"/>` +
      `<text x="${LEFT + x(value)}" y="${height + 24}" text-anchor="middle">${text}</text>`));
    ticks(low, high, (value, text) => grid.push(
      `<path d="M${LEFT} ${8 + y(value)}h${WIDTH}"/>` +
      `<text x="${LEFT - 6}" y="${12 + y(value)}" text-anchor="end">${text}</text>`));
    svg.querySelector(".grid").replaceChildren(...parsed(`<svg>${grid.join("")}</svg>`).firstChild.childNodes);
    svg.setAttribute("aria-label", label);
  };
  return { svg, draw };
};

// The places of a symbol in the equation, compared without attributes, groups and spaces.
const inner = (node) => [...node.children].flatMap((child) =>
  /^(mrow|mstyle|mpadded|semantics|math)$/.test(child.localName) ? inner(child)
    : /^(mspace|annotation)$/.test(child.localName) ? [] : [child]);
const key = (node) =>
  node.children.length ? `${node.localName}(${inner(node).map(key).join("|")})` : `${node.localName}:${node.textContent}`;
const places = (equation, symbol) => {
  const wanted = inner(symbol).map(key).join(" ");
  const length = inner(symbol).length;
  const found = new Set();
  for (const node of equation.querySelectorAll("math, math *")) {
    const parts = inner(node);
    const keys = parts.map(key);
    for (let k = 0; k + length <= parts.length; k++) {
      if (keys.slice(k, k + length).join(" ") === wanted) parts.slice(k, k + length).forEach((part) => found.add(part));
    }
  }
  return [...found];
};

export default (box, formula, data) => {
  const { signs, words, sliders } = data;
  const frame = box.closest(".formula");
  const numbers = sliders.map((slider) => slider.range[3]);
  let by = 0;
  let of = 0;
  let said = "";
  let wrong = -1;

  const body = make("div", { class: "explorer" });
  const controls = make("div", { class: "controls" });
  if (sliders.length > 1) controls.append(make("small", { class: "along" }, `${words.along} ↓`));
  const rows = sliders.map((slider, number) => {
    const id = `play-${data.name}-${number}`;
    const label = make("label", { for: id }, parsed(slider.label));
    const entries = sliders.filter((each) => each.name === slider.name);
    const called = entries.length > 1 ? `${slider.name} ${entries.indexOf(slider) + 1}` : slider.name;
    const about = [...frame.querySelectorAll("dl.symbols dd")].find(
      (each) => each.querySelector("code.argument")?.textContent === slider.name);
    if (about && slider.name !== sliders[number - 1]?.name) {
      const text = make("small", {}, ...[...about.firstElementChild.childNodes].map((each) => each.cloneNode(true)));
      text.querySelector("code.argument")?.remove();
      label.append(" ", text);
    }
    const [min, max, step, value] = slider.range;
    const range = make("input", { type: "range", id, min, max, step, value, autocomplete: "off" });
    // A formula alone gives a control no name.
    if (!label.querySelector("small")) range.setAttribute("aria-label", called);
    const field = make("input", {
      type: "number", step: "any", value, autocomplete: "off", inputmode: "decimal", "aria-label": called,
    });
    const along = make("input", {
      type: "radio", name: `${id.replace(/\d+$/, "")}by`, value: number, "aria-label": `${words.along} ${called}`,
      title: `${words.along} ${called}`,
    });
    controls.append(label, make("span", {}, range, field, ...(sliders.length > 1 ? [along] : [])));
    const lit = places(frame.querySelector(".math-block"), (about?.previousElementSibling ?? label).querySelector("math"));
    for (const each of [range, field]) {
      each.addEventListener("focus", () => light(number));
      each.addEventListener("blur", () => light(-1));
    }
    controls.lastChild.addEventListener("pointerenter", () => light(number));
    controls.lastChild.addEventListener("pointerleave", () => light(
      rows.findIndex((row) => [row.range, row.field].includes(document.activeElement))));
    range.addEventListener("input", () => { field.value = range.value; take(number, range.value); });
    field.addEventListener("input", () => take(number, field.value));
    along.addEventListener("change", () => { by = number; draw(); });
    return { range, field, along, label, lit };
  });
  const light = (number) => {
    for (const row of rows) for (const each of row.lit) each.classList.remove("lit");
    for (const each of rows[number]?.lit ?? []) each.classList.add("lit");
  };

  const shown = data.results.map((symbol, number) => {
    const value = make("data");
    const choose = make("input", {
      type: "radio", name: `play-${data.name}-of`, value: number, "aria-label": `${words.of} ${number + 1}`,
      title: words.of,
    });
    choose.addEventListener("change", () => { of = number; draw(); });
    const line = make("div", {}, ...(data.results.length > 1 ? [choose, " "] : []), parsed(symbol), " = ", value);
    return { line, value, choose };
  });
  const note = make("div", { class: "said" });
  const slope = make("data");
  const sentence = make("div", {}, `${words.slope}: `, slope);
  const output = make("output", { "aria-live": "polite" }, ...shown.map(({ line }) => line), sentence, note);
  const curve = drawing(170, "blue");
  const slopes = drawing(90, "orange");
  const legend = make("ul", { class: "key", role: "list" });
  for (const [look, text] of [["blue", words.value], ["orange", words.slope]]) {
    legend.append(make("li", {}, parsed(
      `<svg viewBox="0 0 32 12" aria-hidden="true"><path class="line ${look}" d="M0 6h32"/></svg>`), ` ${text}`));
  }
  const axis = make("li");
  legend.append(axis);
  const reset = make("button", { type: "button" }, words.reset);
  reset.addEventListener("click", () => { set(sliders.map((slider) => slider.range[3])); remember(); });
  body.append(controls, output, curve.svg, slopes.svg, legend, reset);

  const at = (x) => formula(...numbers.with(by, x))[of];
  const slopeAt = (x, h, scale) => {
    const [before, here, after] = [at(x - h), at(x), at(x + h)];
    const [left, right] = [(here - before) / h, (after - here) / h];
    const kink = Math.abs(right - left) > 0.01 * (Math.abs(left) + Math.abs(right)) + 1e-2 * scale;
    return kink ? NaN : (after - before) / (2 * h);
  };

  const draw = () => {
    const slider = sliders[by];
    const first = Math.min(slider.range[0], numbers[by]);
    const last = Math.max(slider.range[1], numbers[by]);
    const count = slider.whole ? Math.min(SAMPLES, last - first) : SAMPLES;
    const xs = Array.from({ length: count + 1 }, (_, k) => {
      const x = first + ((last - first) * k) / count;
      return slider.whole ? Math.round(x) : x;
    });
    const ys = xs.map(at);
    const found = formula(...numbers);
    const finite = ys.filter(Number.isFinite);
    const scale = (Math.max(...finite) - Math.min(...finite)) / (last - first);
    const h = (last - first) * H;
    const here = slider.whole ? NaN : slopeAt(numbers[by], h, scale);
    shown.forEach(({ value }, number) => {
      value.value = found[number];
      value.textContent = written(found[number], signs);
    });
    slope.value = here;
    slope.textContent = Number.isFinite(here) ? written(here, signs) : words.kink;
    sentence.hidden = legend.children[1].hidden = slider.whole;
    axis.replaceChildren("→ ", rows[by].label.querySelector("math").cloneNode(true));
    slopes.svg.toggleAttribute("hidden", slider.whole);
    note.textContent = said || (found.every(Number.isFinite) ? "" : words.undefined);
    const name = `${words.curve} ${slider.name}`;
    curve.draw(xs.map((x, k) => [x, ys[k]]), [numbers[by], found[of]], signs, `${words.value}, ${name}`);
    if (!slider.whole) {
      slopes.draw(xs.map((x) => [x, slopeAt(x, h, scale)]), [numbers[by], here], signs, `${words.slope}, ${name}`);
    }
    rows.forEach(({ range, field, along }, number) => {
      along.checked = number === by;
      range.setAttribute("aria-valuetext", written(numbers[number], signs));
      field.setAttribute("aria-invalid", number === wrong);
    });
    shown.forEach(({ choose }, number) => { choose.checked = number === of; });
  };

  // What the Python function says of a number that it refuses; an empty word where it accepts.
  const refused = (slider, value) => {
    const [low, high] = slider.ends;
    const key = low !== null && (value < low || (slider.open[0] && value === low)) ? "below"
      : high !== null && (value > high || (slider.open[1] && value === high)) ? "above"
        : slider.whole && !Number.isInteger(value) ? "between" : "";
    const text = Number.isInteger(value) && !slider.whole ? `${value}.0` : String(value);
    return (slider.said[key] ?? "").replace("{}", text);
  };
  const take = (number, text) => {
    const value = Number(text);
    if (text === "" || !Number.isFinite(value)) return;
    light(number);
    said = refused(sliders[number], value);
    wrong = said ? number : -1;
    if (!said) {
      numbers[number] = value;
      rows[number].range.value = value;
    }
    draw();
  };
  const set = (values) => {
    [said, wrong] = ["", -1];
    values.forEach((value, number) => {
      if (!Number.isFinite(value) || refused(sliders[number], value)) return;
      numbers[number] = value;
      rows[number].range.value = rows[number].field.value = value;
    });
    draw();
  };
  const remember = () => {
    const address = new URL(location);
    address.searchParams.set("play", data.name);
    address.searchParams.set("at", numbers.join(" "));
    address.searchParams.set("on", `${by} ${of}`);
    address.hash = data.equation;
    history.replaceState(history.state, "", address);
  };
  // Not on every "input", since browsers limit how often the address may change; nor on "change", which Firefox leaves
  // out while a key moves a slider.
  let soon;
  body.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(remember, 250); });

  const asked = new URLSearchParams(location.search);
  box.append(body);
  if (asked.get("play") === data.name) {
    const [b, o] = (asked.get("on") ?? "").split(" ").map(Number);
    by = b in sliders ? b : 0;
    of = o in data.results ? o : 0;
    set((asked.get("at") ?? "").split(" ").slice(0, sliders.length).map((text) => (text === "" ? NaN : Number(text))));
  } else {
    draw();
  }
};

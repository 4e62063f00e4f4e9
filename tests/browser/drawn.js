// What a page tells about its formulas, and how their parts are hidden one by one.
() => {
  const TOKENS = "mi, mn, mo, mtext, ms";
  // Function application, invisible operators and spaces are drawn by no font.
  const INVISIBLE = /[\u2000-\u200d\u2061-\u2064\u00a0\s]/g;
  const root = document.documentElement;
  const style = (element) => getComputedStyle(element);
  const box = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x + scrollX, y + scrollY, width, height];
  };
  const scroller = (math) => math.closest(".math-scroll");
  const slides = (math) => scroller(math) ?? math.closest(".pst-scrollable-table-container");
  let formulas = [];

  const background = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = style(each).backgroundColor;
      if (!/^(transparent|rgba\(.*, 0\))$/.test(colour)) return colour;
    }
    return "none";
  };
  const tex = (math) => math.querySelector("annotation")?.textContent.trim() ?? math.textContent;
  // Equal shapes look alike; equal keys do so in front of equal colours and in equal room, and are tested once.
  const shape = (math) => {
    const { fontSize, fontWeight, fontStyle, fontFamily } = style(math);
    return [math.outerHTML.replace(/ (id|aria-\w+)="[^"]*"/g, ""), fontSize, fontWeight, fontStyle, fontFamily].join("|");
  };
  const key = (math) => [shape(math), style(math).color, background(math), scroller(math)?.clientWidth].join("|");
  const ink = (element) => element.matches(TOKENS) && element.textContent.replace(INVISIBLE, "") !== "";
  const drawn = (element) =>
    ink(element) || element.matches("msqrt, mroot") || (element.matches("mfrac") && style(element).getPropertyValue("linethickness") !== "0" && !/^0(px)?$/.test(element.getAttribute("linethickness") ?? ""));
  const baseline = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const { top, bottom } = range.getBoundingClientRect();
    return [top + scrollY, bottom + scrollY];
  };

  const tree = (element, parts) => {
    const found = { tag: element.localName, part: -1 };
    if (drawn(element)) {
      found.part = parts.length;
      parts.push(element);
    }
    if (element.matches(TOKENS)) {
      found.text = element.textContent;
      found.size = parseFloat(style(element).fontSize);
      found.line = baseline(element);
      for (const name of ["form", "stretchy", "fence", "separator", "movablelimits", "accent", "minsize", "largeop", "mathvariant"])
        if (element.hasAttribute(name)) found[name] = element.getAttribute(name);
    } else {
      found.children = [...element.children].filter((each) => !each.matches("annotation, mphantom")).map((each) => tree(each, parts));
      if (element.hasAttribute("accent")) found.accent = element.getAttribute("accent");
    }
    return found;
  };

  // Where a formula may stand: the nearest block that flows, without its padding.
  const column = (math) => {
    let block = scroller(math) ?? math.parentElement;
    while (/inline|contents/.test(style(block).display)) block = block.parentElement;
    const { paddingLeft, paddingRight, borderLeftWidth } = style(block);
    const left = block.getBoundingClientRect().x + scrollX + parseFloat(borderLeftWidth) + parseFloat(paddingLeft);
    return [left, block.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight)];
  };
  // Punctuation that stands on another line than its formula.
  const orphan = (math) => {
    const next = math.nextSibling;
    if (next?.nodeType !== Node.TEXT_NODE || !/^[,.;:!?)»”…]/.test(next.data)) return "";
    const range = document.createRange();
    range.setStart(next, 0);
    range.setEnd(next, 1);
    return range.getBoundingClientRect().left < math.getBoundingClientRect().right - 2 ? next.data[0] : "";
  };
  // How often a formula goes on in another line, which only displayed ones may, at their own line ends.
  const breaks = (math) => {
    const row = (element) => (element.matches("mrow, mstyle, semantics, math") ? [...element.children].flatMap(row) : [element]);
    const boxes = row(math).filter((each) => !each.matches("annotation")).map((each) => each.getBoundingClientRect());
    return boxes.filter((each, i) => i && each.width && each.left < boxes[i - 1].left - 1 && each.top >= boxes[i - 1].bottom - 4).length;
  };
  const place = (math) => {
    const holder = scroller(math), [left, width] = column(math), [x, , w] = box(math);
    return {
      tex: tex(math), block: math.getAttribute("display") === "block", orphan: orphan(math), breaks: breaks(math),
      over: holder ? holder.scrollWidth - holder.clientWidth : Math.max(left - x, x + w - left - width),
      low: holder && style(holder).overflowY !== "visible" ? holder.scrollHeight - holder.clientHeight : 0, width,
      // A book has no script that gives its scrollers names and stops; its reader lets the keyboard into them.
      scrolls: holder ? /auto|scroll/.test(style(holder).overflowX) && (holder.tabIndex >= 0 || !document.scripts.length) : false,
    };
  };
  const describe = (math) => {
    const parts = [];
    const outline = tree(math.querySelector("semantics") ?? math, parts);
    formulas.push({ math, parts });
    return {
      tex: tex(math), shape: shape(math), block: math.getAttribute("display") === "block", size: parseFloat(style(math).fontSize),
      first: !math.previousElementSibling, outline,
    };
  };

  // Blocks without a fresh formula leave the page; where a width could depend on them, they stay.
  const narrow = (element) => {
    const flows = /^(block|list-item|flow-root)$/.test(style(element).display);
    for (const child of element.children) {
      const { display } = style(child);
      if (child.querySelector(".drawn-fresh")) {
        if (!/inline|table/.test(display)) narrow(child);
      } else if (flows && !child.matches(".drawn-fresh") && !/inline|contents|table/.test(display)) {
        // It keeps its width, on which that of others may depend.
        for (const name of ["max-height", "min-height", "margin-block", "padding-block", "border-block-width"])
          child.style.setProperty(name, "0", "important");
        child.style.setProperty("overflow", "hidden", "important");
      }
    }
  };
  // Between which edges it is seen: those of the window, or of what scrolls.
  const view = (math) => {
    const holder = slides(math), shown = holder && style(holder).overflowX !== "visible";
    const [left, , width] = shown ? box(holder) : [0, 0, Infinity];
    return [Math.max(0, left), Math.min(root.clientWidth, left + width)];
  };
  // Where its first ink may begin: a displayed formula fills its column, and stands somewhere in it.
  const corner = (math, parts) => [0, 1].map((side) => Math.min(...(parts.length ? parts : [math]).map((each) => box(each)[side])));
  // What is seen of a formula: around all its parts, as far as its scroller lets through.
  const area = (math, parts) => {
    const boxes = [math, ...parts].map(box), [low, high] = view(math);
    const left = Math.max(low, Math.min(...boxes.map((each) => each[0]))), top = Math.min(...boxes.map((each) => each[1]));
    const right = Math.min(high, Math.max(...boxes.map((each) => each[0] + each[2])));
    return [left, top, right - left, Math.max(...boxes.map((each) => each[1] + each[3])) - top];
  };
  const sizes = () => formulas.map(({ math }) => box(math).slice(2));

  // What moves is pictured where it comes to rest: the menu changes its width for almost half a second.
  const still = new CSSStyleSheet();
  still.replaceSync("*, *::before, *::after { animation: none !important; transition: none !important; }");
  document.adoptedStyleSheets = [still];

  return (window.drawn = {
    // Everything that a reader can open.
    open() { document.querySelectorAll("details").forEach((each) => { each.open = true; }); },
    // Whether what loads when it is opened is there.
    opened: () => [...document.querySelectorAll("details.play")].every((each) => each.querySelector("output")),
    // Every formula of the page: what it is, and how it stands in the page.
    start() {
      root.style.overflowY = "scroll"; // a page that grows short keeps its width
      document.querySelectorAll("*").forEach((each) => {
        if (style(each).contentVisibility === "auto") each.style.contentVisibility = "visible";
      });
      return [...document.querySelectorAll("math")].map((math) => ({ key: key(math), shown: box(math)[2] > 0, size: parseFloat(style(math).fontSize), ...place(math) }));
    },
    theme(name) { root.dataset.theme = name; },
    take(numbers) {
      const all = [...document.querySelectorAll("math")];
      formulas = [];
      return numbers.map((number) => describe(all[number]));
    },
    // Only the taken formulas and what they stand in remain; none changes its size.
    gather() {
      const before = sizes();
      document.querySelectorAll("header, footer, nav, aside").forEach((each) => { if (!each.querySelector("math")) each.style.setProperty("display", "none", "important"); });
      formulas.forEach(({ math }) => math.classList.add("drawn-fresh"));
      narrow(document.body);
      formulas.forEach(({ math }) => math.classList.remove("drawn-fresh"));
      scrollTo(0, 0);
      return sizes().map(([width, height], i) => Math.max(Math.abs(width - before[i][0]), Math.abs(height - before[i][1])));
    },
    // Scrollers go to the given share of what they show; the answer is how many steps the longest needs.
    scroll(step) {
      let steps = 1;
      for (const { math } of formulas) {
        const holder = slides(math);
        if (!holder) continue;
        holder.scrollLeft = step * holder.clientWidth * 0.6;
        if (holder.scrollWidth > holder.clientWidth) steps = Math.max(steps, 1 + Math.ceil((holder.scrollWidth - holder.clientWidth) / (holder.clientWidth * 0.6)));
      }
      return steps;
    },
    boxes() {
      return formulas.map(({ math, parts }) => {
        return { corner: corner(math, parts), column: column(math), area: area(math, parts), view: view(math), parts: parts.map(box) };
      });
    },
    page: () => [root.scrollWidth, root.scrollHeight],
    // Nothing cuts a formula that does not scroll; the answer says which ones something could have cut.
    unclip(on) {
      const holders = new Set(), cut = [];
      formulas.forEach(({ math }, i) => {
        const holder = slides(math);
        if (holder && holder.scrollWidth > holder.clientWidth) return;
        for (let each = math.parentElement; !each.matches("article, main, body"); each = each.parentElement)
          if (style(each).overflow !== "visible") holders.add(each), cut.push(i);
      });
      // What cuts moves outwards, what is cut stays.
      for (const each of holders) {
        const now = style(each), wanted = { "box-sizing": "content-box", "flex": "none" };
        for (const [name, sides] of [["width", ["left", "right"]], ["height", ["top", "bottom"]]]) {
          const inside = each.getBoundingClientRect()[name] - sides.reduce((sum, side) => sum + parseFloat(now[`padding-${side}`]) + parseFloat(now[`border-${side}-width`]), 0);
          wanted[name] = `${inside}px`;
          for (const side of sides) {
            wanted[`padding-${side}`] = `${parseFloat(now[`padding-${side}`]) + 16}px`;
            wanted[`margin-${side}`] = `${parseFloat(now[`margin-${side}`]) - 16}px`;
          }
        }
        for (const [name, value] of Object.entries(wanted)) on ? each.style.setProperty(name, value, "important") : each.style.removeProperty(name);
      }
      return cut;
    },
    // Hide parts, by number of formula and of part; their own children stay.
    hide(wanted) {
      for (const [i, j] of wanted) {
        const part = formulas[i].parts[j];
        part.style.setProperty("visibility", "hidden", "important");
        for (const child of part.children) if (!child.style.visibility) child.style.visibility = "visible";
      }
    },
    show(wanted) {
      for (const [i, j] of wanted) {
        const part = formulas[i].parts[j];
        part.style.removeProperty("visibility");
        for (const child of part.children) child.style.removeProperty("visibility");
      }
    },
    blank(on) {
      for (const { math } of formulas) on ? math.style.setProperty("visibility", "hidden", "important") : math.style.removeProperty("visibility");
    },
    // Mark the tokens of some formulas, and say which parts they are, as a selector will find them.
    mark(numbers) {
      document.querySelectorAll("[data-drawn]").forEach((each) => each.removeAttribute("data-drawn"));
      for (const i of numbers) formulas[i].parts.forEach((part, j) => { if (part.matches(TOKENS)) part.dataset.drawn = `${i} ${j}`; });
      return [...document.querySelectorAll("[data-drawn]")].map((each) => each.dataset.drawn.split(" ").map(Number));
    },
  }) && 0;
}

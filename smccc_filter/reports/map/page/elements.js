// Making elements: what comes from a policy is text, never markup.

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") element.className = value;
    else if (name === "onclick") element.addEventListener("click", value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const badge = (stretch) => make("span", { class: `badge ${stretch.rule < 0 ? "undecided" : stretch.action}` }, stretch.action);
const link = (id) => make("a", { href: `#${hex(id)}`, class: "id" }, hex(id));

function range(start, stop) {
  return stop - start === 1 ? link(start) : make("span", { class: "id" }, link(start), "-", hex(stop - 1));
}

function table(properties, header, rows) {
  const body = make("tbody");
  const head = make("thead", {}, make("tr", {}, ...header.map((text) => make("th", { scope: "col" }, text))));
  const result = make("table", { class: "list stretches", ...properties }, head, body);
  fill(body, rows, (cells) => make("tr", {}, ...cells().map((cell) => make("td", {}, cell))), result);
  return result;
}

function fill(parent, items, shape, last = parent) {
  parent.append(...items.slice(0, BATCH).map(shape));
  if (items.length <= BATCH) return;
  const rest = make("button", { type: "button", class: "more" }, `Show ${many(items.length - BATCH, "more")}`);
  rest.addEventListener("click", () => {
    rest.remove();
    parent.append(...items.slice(BATCH).map(shape));
  });
  queueMicrotask(() => last.after(rest));
}

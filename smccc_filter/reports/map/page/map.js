// Magnifying. A region is [start, start + 2^bits); bits is 32, 24, 16 or 8, and it is null before anything is chosen.

let region = null;

function summary(parts) {
  const counts = new Map();
  for (const part of parts) counts.set(part.action, (counts.get(part.action) || 0) + part.stop - part.start);
  return [...counts].map(([action, count]) => `${action} ${count.toLocaleString("en")}`).join(", ");
}

function merged(parts) {
  const runs = [];
  for (const part of parts) {
    const last = runs[runs.length - 1];
    const by = part.rule < 0 ? "undecided" : part.action;
    if (last && last.by === by) last.size += part.stop - part.start;
    else runs.push({ by, size: part.stop - part.start });
  }
  if (runs.length <= 9) return runs;
  const sums = new Map();
  for (const run of runs) sums.set(run.by, (sums.get(run.by) || 0) + run.size);
  return [...sums].map(([by, size]) => ({ by, size }));
}

function tile(intervals, title, open) {
  const size = count(intervals);
  const parts = intervals.flatMap(([start, stop]) => stretchesIn(start, stop));
  const reserved = count(parts.filter((part) => part.holder[2]).map((part) => [part.start, part.stop]));
  const runs = merged(parts);
  const calls = intervals.reduce((sum, [start, stop]) => sum + callsIn(start, stop).length, 0);
  const label = size === 1 ? `${title}: ${parts[0].action}` : `${title}: ${summary(parts)}${calls ? `; ${many(calls, "known call")}` : ""}`;
  const classes = ["tile", "square", runs.length === 1 ? runs[0].by : "", reserved * 2 > size ? "reserved" : "", calls ? "known" : ""];
  const button = make("button", { type: "button", tabindex: "-1", class: classes.filter(Boolean).join(" "),
    "aria-label": label, title: label, "data-start": hex(intervals[0][0]), onclick: open });
  for (const run of runs) {
    const piece = make("b", { class: run.by, "aria-hidden": "true" });
    piece.style.flexGrow = String(Math.max(run.size / size, 0.12));
    button.append(piece);
  }
  return button;
}

function grid(properties, rows) {
  const cell = (content) => make("td", { role: "gridcell" }, content);
  const body = make("tbody", {}, ...rows.map((cells) => make("tr", { role: "row" }, ...cells.map(cell))));
  const result = make("table", { role: "grid", ...properties }, body);
  result.querySelector(".tile").tabIndex = 0;
  result.addEventListener("keydown", (event) => move(result, event, "tbody tr"));
  return result;
}

function move(table, event, lines) {
  const current = event.target.closest(".tile");
  if (!current) return;
  const rows = [...table.querySelectorAll(lines)].map((row) => [...row.querySelectorAll(".tile")]).filter((row) => row.length && row[0].checkVisibility());
  const y = rows.findIndex((row) => row.includes(current));
  const x = rows[y].indexOf(current);
  const row = rows[y];
  const target = {
    ArrowLeft: () => row[x - 1],
    ArrowRight: () => row[x + 1],
    ArrowUp: () => rows[y - 1] && rows[y - 1][Math.min(x, rows[y - 1].length - 1)],
    ArrowDown: () => rows[y + 1] && rows[y + 1][Math.min(x, rows[y + 1].length - 1)],
    Home: () => row[0],
    End: () => row[row.length - 1],
    PageUp: () => rows[0][Math.min(x, rows[0].length - 1)],
    PageDown: () => rows[rows.length - 1][Math.min(x, rows[rows.length - 1].length - 1)],
  }[event.key];
  if (!target) return;
  event.preventDefault();
  focusOn(table, target() || current);
}

function focusOn(table, target) {
  for (const other of table.querySelectorAll('.tile[tabindex="0"]')) other.tabIndex = -1;
  target.tabIndex = 0;
  target.focus();
}

const place = (start, bits) => `#${hex(start)}/${32 - bits}`;

function around([[start, stop]]) { // the smallest region that an interval fits into
  const bits = [8, 16, 24].find((wide) => stop <= start - (start % 2 ** wide) + 2 ** wide);
  return bits ? [start - (start % 2 ** bits), bits] : [0, 32];
}

function callByCall(part) { // a part for each known call, and one for each gap between them
  const parts = [];
  let from = part.start;
  for (const [id] of callsIn(part.start, part.stop)) {
    if (from < id) parts.push({ ...part, start: from, stop: id });
    parts.push({ ...part, start: id, stop: id + 1 });
    from = id + 1;
  }
  if (from < part.stop) parts.push({ ...part, start: from });
  return parts;
}

function magnified(start, bits) {
  const size = 2 ** (bits - 8);
  const rows = [];
  for (let y = 0; y < SIDE; y++) {
    const row = [];
    for (let x = 0; x < SIDE; x++) {
      const from = start + (y * SIDE + x) * size;
      const name = names.get(from);
      const title = size === 1 ? `${hex(from)}${name ? ` ${name}` : ""}` : `${hex(from)}-${hex(from + size - 1)}`;
      const one = tile([[from, from + size]], title, () => go(size === 1 ? `#${hex(from)}` : place(from, bits - 8)));
      if (size === 1) one.lastElementChild.dataset.byte = hex(from).slice(-2);
      row.push(one);
    }
    rows.push(row);
  }
  const parts = stretchesIn(start, start + 2 ** bits).flatMap(size === 1 ? callByCall : (part) => [part]).map((part) => () => {
    const calls = callsIn(part.start, part.stop);
    const inside = calls.length ? `: ${calls.slice(0, 4).map((call) => call[1]).join(", ")}${calls.length > 4 ? ` and ${calls.length - 4} more` : ""}` : "";
    return [range(part.start, part.stop), badge(part), part.rule < 0 ? by(part) : data.rules[part.rule][0], part.holder[0] + inside];
  });
  find("about").textContent = `${hex(start)}-${hex(start + 2 ** bits - 1)}, ${size === 1 ? "an ID" : many(size, "ID")} a tile. The arrow keys move, Escape goes back.`;
  return [grid({ class: "squares", "aria-label": `IDs from ${hex(start)}` }, rows),
    make("div", { class: "wide" }, table({}, ["IDs", "action", "by", "who lives there"], parts))];
}

function crumbs(start, bits) {
  const trail = [["The whole space", 0, 32]];
  for (const wide of [24, 16, 8]) {
    const from = start - (start % 2 ** wide);
    if (wide >= bits) trail.push([`${hex(from)}-${hex(from + 2 ** wide - 1)}`, from, wide]);
  }
  const parts = trail.flatMap(([title, from, wide], i) => {
    const here = i === trail.length - 1;
    const step = here ? make("span", { "aria-current": "location" }, title)
      : make("button", { type: "button", onclick: () => go(place(from, wide)) }, title);
    return i ? [make("span", { "aria-hidden": "true" }, "›"), step] : [step];
  });
  find("crumbs").replaceChildren(...parts);
}

function close() {
  region = null;
  find("crumbs").hidden = true;
  find("map").replaceChildren();
  find("about").textContent = "Ask for a call, or choose a bar of the map to look closer. The arrow keys move, Escape goes back.";
}

function show(start, bits, chosen = null) {
  region = { start, bits };
  crumbs(start, bits);
  find("crumbs").hidden = false;
  find("map").replaceChildren(...magnified(start, bits));
  const target = chosen === null ? null : find("map").querySelector(`.tile[data-start="${hex(chosen)}"]`);
  if (target) {
    find("map").querySelector('.tile[tabindex="0"]').tabIndex = -1;
    target.tabIndex = 0;
    target.classList.add("chosen");
  }
}

// The bars of the picture become buttons, of which one is on the way of the Tab key.

function enliven() {
  const space = find("space");
  for (const bar of space.querySelectorAll("span.tile")) {
    const row = bar.parentElement.querySelector(".label").textContent;
    const button = make("button", { type: "button", class: "tile", tabindex: "-1", "data-place": bar.dataset.place }, ...bar.childNodes);
    for (const svg of button.children) svg.setAttribute("aria-label", `${row}: ${svg.querySelector("title").textContent}`);
    bar.replaceWith(button);
  }
  space.querySelector(".tile").tabIndex = 0;
  space.addEventListener("click", (event) => {
    const bar = event.target.closest(".tile");
    if (!bar) return;
    go(`#${bar.dataset.place}`);
    find("question").scrollIntoView({ block: "nearest" });
    focusOn(find("map"), find("map").querySelector(".tile"));
  });
  space.addEventListener("keydown", (event) => move(space, event, ".row"));
  for (const id of document.querySelectorAll("[data-id]")) {
    id.replaceChildren(make("a", { href: `#${id.dataset.id}` }, ...id.childNodes));
  }
}

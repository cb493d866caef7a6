// The map. A region is [start, start + 2^bits); bits is 24, 16 or 8, and 32 for the overview.

let region = { start: 0, bits: 32 };

function summary(parts) {
  const counts = new Map();
  for (const part of parts) counts.set(part.action, (counts.get(part.action) || 0) + part.stop - part.start);
  return [...counts].map(([action, count]) => `${action} ${count.toLocaleString("en")}`).join(", ");
}

function merged(parts) {
  const runs = [];
  for (const part of parts) {
    const last = runs[runs.length - 1];
    if (last && last.action === part.action) last.size += part.stop - part.start;
    else runs.push({ action: part.action, size: part.stop - part.start });
  }
  if (runs.length <= 9) return runs;
  const sums = new Map();
  for (const run of runs) sums.set(run.action, (sums.get(run.action) || 0) + run.size);
  return [...sums].map(([action, size]) => ({ action, size }));
}

function tile(intervals, title, open) {
  const size = count(intervals);
  const parts = intervals.flatMap(([start, stop]) => stretchesIn(start, stop));
  const reserved = count(parts.filter((part) => part.holder[2]).map((part) => [part.start, part.stop]));
  const runs = merged(parts);
  const calls = intervals.reduce((sum, [start, stop]) => sum + callsIn(start, stop).length, 0);
  const label = size === 1 ? `${title}: ${parts[0].action}` : `${title}: ${summary(parts)}${calls ? `; ${many(calls, "known call")}` : ""}`;
  const classes = ["tile", runs.length === 1 ? runs[0].action : "", reserved * 2 > size ? "reserved" : "", calls ? "known" : ""];
  const button = make("button", { type: "button", tabindex: "-1", class: classes.filter(Boolean).join(" "),
    "aria-label": label, title: label, "data-start": hex(intervals[0][0]), onclick: open });
  for (const run of runs) {
    const piece = make("b", { class: run.action, "aria-hidden": "true" });
    piece.style.flexGrow = String(Math.max(run.size / size, 0.12));
    button.append(piece);
  }
  return button;
}

function grid(properties, head, rows) {
  const cell = (content) => (content instanceof HTMLTableCellElement ? content : make("td", { role: "gridcell" }, content));
  const body = make("tbody", {}, ...rows.map((cells) => make("tr", { role: "row" }, ...cells.map(cell))));
  const result = make("table", { role: "grid", ...properties }, ...(head ? [head] : []), body);
  const first = result.querySelector(".tile");
  if (first) first.tabIndex = 0;
  result.addEventListener("keydown", (event) => move(result, event));
  return result;
}

function move(table, event) {
  const current = event.target.closest(".tile");
  if (!current) return;
  const rows = [...table.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll(".tile")]);
  const y = rows.findIndex((row) => row.includes(current));
  const x = rows[y].indexOf(current);
  const row = rows[y];
  const target = {
    ArrowLeft: () => row[x - 1],
    ArrowRight: () => row[x + 1],
    ArrowUp: () => rows[y - 1] && rows[y - 1][x],
    ArrowDown: () => rows[y + 1] && rows[y + 1][x],
    Home: () => row[0],
    End: () => row[row.length - 1],
    PageUp: () => rows[0][x],
    PageDown: () => rows[rows.length - 1][x],
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

const place = (start, bits) => (bits === 32 ? "#overview" : `#${hex(start)}/${32 - bits}`);

function around([[start, stop]]) { // the smallest region that an interval fits into
  const bits = [8, 16, 24].find((wide) => stop <= start - (start % 2 ** wide) + 2 ** wide);
  return bits ? [start - (start % 2 ** bits), bits] : [0, 32];
}

const unfolded = new Set();

function unfold(first) {
  unfolded.add(first);
  show(0, 32);
  const target = find("map").querySelector(`.tile[data-start="${hex(0x80000000 + first * 2 ** 24)}"]`);
  focusOn(target.closest("table"), target);
}

function overview() {
  const forms = [["SMC32", 0x80000000, 16], ["SMC64", 0xc0000000, 16], ["Yielding", 0, 24], ["Yielding, bit 30", 0x40000000, 24]];
  const titles = ["Owner", ...forms.map((form) => form[0])];
  const rows = [];
  for (const [first, last, title] of data.owners) {
    if (last - first >= FOLDED && !unfolded.has(first)) {
      const number = make("th", { scope: "row" }, `${first}-${last} ${title}`);
      const open = () => unfold(first);
      rows.push([number, ...forms.map(([form, base]) => tile([[base + first * 2 ** 24, base + (last + 1) * 2 ** 24]],
        `Owners ${first} to ${last}, ${title}, ${form}, shown one by one when chosen`, open))]);
      continue;
    }
    for (let owner = first; owner <= last; owner++) {
      const number = make("th", { scope: "row" }, `${owner} ${title}`);
      rows.push([number, ...forms.map(([form, base, bits]) => {
        const start = base + owner * 2 ** 24;
        return tile([[start, start + 2 ** bits]], `Owner ${owner}, ${title}, ${form}`, () => go(place(start, bits)));
      })]);
    }
  }
  const head = make("thead", {}, make("tr", { role: "row" }, ...titles.map((text) => make("th", { scope: "col" }, text))));
  const strips = data.magnified.map(([name, title, ...forms]) => () => [name, title, ...forms.map((ids, i) => {
    if (!ids.length) return "";
    const strip = tile(ids, `${name}, ${titles[i + 1]}`, () => go(place(...around(ids))));
    strip.tabIndex = 0;
    return strip;
  })]);
  find("about").textContent = "Every owner, in each form of a call. A tile stands for the owner's 65,536 function numbers, of yielding"
    + " calls for 16,777,216 IDs, and below for a service. Choose one to magnify it; the arrow keys move, Escape goes back.";
  return [grid({ class: "owners", "aria-label": "Owners" }, head, rows),
    make("h3", {}, "Services"), make("div", { class: "wide" }, table({ class: "list strips" }, ["service", "what it is", "SMC32", "SMC64"], strips))];
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
    return [range(part.start, part.stop), badge(part.action), by(part), part.holder[0] + inside];
  });
  find("about").textContent = `${hex(start)}-${hex(start + 2 ** bits - 1)}, ${size === 1 ? "an ID a tile" : `${many(size, "ID")} a tile`}.`;
  return [grid({ class: "squares", "aria-label": `IDs from ${hex(start)}` }, null, rows),
    make("div", { class: "wide" }, table({}, ["IDs", "action", "by", "who lives there"], parts))];
}

function crumbs(start, bits) {
  const trail = [["The whole map", 0, 32]];
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

function show(start, bits, chosen = null) {
  region = { start, bits };
  crumbs(start, bits);
  find("map").replaceChildren(...(bits === 32 ? overview() : magnified(start, bits)));
  const target = chosen === null ? null : find("map").querySelector(`.tile[data-start="${hex(chosen)}"]`);
  if (target) {
    find("map").querySelector('.tile[tabindex="0"]').tabIndex = -1;
    target.tabIndex = 0;
    target.classList.add("chosen");
  }
}

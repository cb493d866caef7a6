"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const SPACE = 2 ** 32;
const SIDE = 16; // a region is a square of 16 by 16 tiles: 2^24 IDs, then 2^16, then 2^8
const FOLDED = 20; // owners that share a row until it is opened, where there are so many of one kind
const BATCH = 200; // rows of a long list that are shown at first
const find = (id) => document.getElementById(id);
const hex = (id) => "0x" + id.toString(16).toUpperCase().padStart(8, "0");
const many = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

// ---- Looking things up: sorted starts, by bisection.

function at(rows, id) {
  let low = 0;
  let high = rows.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (rows[middle][0] <= id) low = middle;
    else high = middle;
  }
  return low;
}

const names = new Map(data.names);
const services = new Map(data.services.map((service) => [service[0], service]));
const words = new Map();
for (const group of [data.aliases, data.forms, data.calls]) {
  for (const [word, ids] of Object.entries(group)) words.set(word.toLowerCase(), [word, ids]);
}

function stretchesIn(start, stop) {
  const found = [];
  for (let i = at(data.stretches, start); i < data.stretches.length && data.stretches[i][0] < stop; i++) {
    const [from, action, rule, selector, holder] = data.stretches[i];
    const to = i + 1 < data.stretches.length ? data.stretches[i + 1][0] : SPACE;
    found.push({ start: Math.max(from, start), stop: Math.min(to, stop), action: data.actions[action], rule, selector,
      holder: data.holders[holder] });
  }
  return found;
}

function callsIn(start, stop) {
  const first = at(data.names, start);
  const found = [];
  for (let i = first; i < data.names.length && data.names[i][0] < stop; i++) {
    if (data.names[i][0] >= start) found.push(data.names[i]);
  }
  return found;
}

function by(stretch) {
  if (stretch.rule === -2) return "KVM, which reserves the Arm Architecture calls";
  if (stretch.rule < 0) return "the default";
  const [kind, text, line, column] = data.selectors[stretch.selector];
  return `${data.rules[stretch.rule][0]}, ${kind}: ${text}, ${data.path}:${line}:${column}`;
}

const count = (intervals) => intervals.reduce((sum, [start, stop]) => sum + stop - start, 0);

function idsOf(word) {
  const text = word.trim();
  if (/^0x[0-9a-f]+(_[0-9a-f]+)*$/i.test(text) || /^[0-9a-f]{8}$/i.test(text)) {
    const id = parseInt(text.replace(/_/g, "").replace(/^0x/i, ""), 16);
    return id < SPACE ? [id] : null;
  }
  const known = words.get(text.toLowerCase());
  if (!known) return null;
  return known[1].flatMap(([start, stop]) => Array.from({ length: stop - start }, (_, i) => start + i));
}

function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

function nearMisses(word) {
  const text = word.trim().toLowerCase().slice(0, 60);
  if (!text) return [];
  const scored = [];
  for (const [folded, [shown]] of words) {
    const inside = text.length > 2 && folded.includes(text);
    const apart = inside ? 0 : distance(text, folded);
    if (inside || apart <= Math.max(2, text.length / 3)) scored.push([apart, shown.length, shown]);
  }
  scored.sort((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1));
  return scored.slice(0, 5).map((row) => row[2]);
}

// ---- Making elements: what comes from a policy is text, never markup.

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

const badge = (action) => make("span", { class: `badge ${action}` }, action);
const link = (id) => make("a", { href: `#${hex(id)}`, class: "id" }, hex(id));

function range(start, stop) {
  return stop - start === 1 ? link(start) : make("span", { class: "id" }, link(start), "-", hex(stop - 1));
}

function table(properties, header, rows) {
  const body = make("tbody");
  const head = make("thead", {}, make("tr", {}, ...header.map((text) => make("th", { scope: "col" }, text))));
  const result = make("table", { class: "list", ...properties }, head, body);
  fill(body, rows, (cells) => make("tr", {}, ...cells().map((cell) => cell instanceof HTMLTableCellElement ? cell : make("td", {}, cell))), result);
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

// ---- The answer to a question.

function card(id) {
  const [stretch] = stretchesIn(id, id + 1);
  const name = names.get(id);
  const list = make("dl", {}, make("dt", {}, "by"), make("dd", {}, by(stretch)));
  const reason = stretch.rule >= 0 ? data.rules[stretch.rule][2] : "";
  if (reason) list.append(make("dt", {}, "reason"), make("dd", { class: "reason" }, reason));
  for (const [kernels, text] of data.answers[data.replies[at(data.replies, id)][1]]) {
    list.append(make("dt", {}, kernels), make("dd", {}, text));
  }
  list.append(make("dt", {}, "lives in"), make("dd", { class: "holder" }, stretch.holder[0]));
  const title = make("h3", {}, `${hex(id)}${name ? ` ${name}` : ""}: ${stretch.action}`);
  return make("article", { class: `card is-${stretch.action}`, "data-id": hex(id) }, title, list);
}

const refusals = () => data.refusals.map(([kernel, text]) => make("li", {}, `${kernel} ${text}`));

function ofMany(title, intervals) {
  const parts = intervals.flatMap(([start, stop]) => stretchesIn(start, stop));
  const known = intervals.reduce((sum, [start, stop]) => sum + callsIn(start, stop).length, 0);
  const where = intervals.flatMap(([start, stop], i) => [i ? ", " : "", range(start, stop)]);
  show(...around(intervals));
  find("result").replaceChildren(make("article", { class: "card" }, make("h3", {}, title),
    make("p", {}, `${summary(parts)}; ${many(known, "known call")}`), make("p", {}, ...where)));
}

function ask(word) {
  const ids = idsOf(word);
  if (ids) {
    const first = ids[0];
    show(first - (first % SIDE ** 2), 8, first);
    find("result").replaceChildren(...ids.map(card));
    return;
  }
  const service = services.get(word.trim().toLowerCase());
  const ends = word.split("-").map(idsOf);
  if (service) {
    ofMany(`${service[0]}: ${service[1]}`, service[2]);
    return;
  }
  if (ends.length === 2 && ends.every((end) => end && end.length === 1) && ends[0][0] <= ends[1][0]) {
    ofMany(`${hex(ends[0][0])}-${hex(ends[1][0])}`, [[ends[0][0], ends[1][0] + 1]]);
    return;
  }
  const near = nearMisses(word);
  const notice = make("p", { class: "notice" }, word.trim() ? `Nothing is called “${word.trim()}”. ` : "Type a name or an ID. ");
  if (near.length) notice.append("Did you mean ");
  near.forEach((name, i) => {
    const choose = () => {
      find("ask").value = name;
      go(name);
    };
    notice.append(i ? ", " : "", make("button", { type: "button", onclick: choose }, name));
  });
  if (near.length) notice.append("?");
  find("result").replaceChildren(notice);
}

// ---- The map. A region is [start, start + 2^bits); bits is 24, 16 or 8, and 32 for the overview.

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

// ---- Where one is stands in the address, so that it can be shared and gone back to.

let followed = null;

function go(to) { // at once: who presses a key twice means the second one for what the first one shows
  const hash = to.startsWith("#") ? to : `#${encodeURIComponent(to.trim())}`;
  if (location.hash !== hash) location.hash = hash;
  follow(hash);
}

function follow(hash = location.hash) {
  followed = location.hash;
  const moved = find("map").contains(document.activeElement);
  let asked = false;
  const from = region;
  let word = hash.slice(1);
  try {
    word = decodeURIComponent(word);
  } catch {
    // taken as it stands
  }
  const wide = /^0x([0-9a-f]{8})\/(8|16|24)$/i.exec(word);
  if (wide) {
    const bits = 32 - Number(wide[2]);
    const start = parseInt(wide[1], 16);
    find("result").replaceChildren();
    show(start - (start % 2 ** bits), bits);
  } else if (!word || word === "overview") {
    find("result").replaceChildren();
    show(0, 32);
  } else {
    ask(word);
    asked = true;
  }
  if (moved) focusNear(from);
  if (asked) find("result").scrollIntoView({ block: "nearest" });
}

function focusNear(from) { // after a move on the map: on what was chosen, else on where one came from, else at the start
  const tiles = [...find("map").querySelectorAll(".tile")];
  const starts = tiles.map((one) => parseInt(one.dataset.start, 16));
  const came = tiles[starts.indexOf(Math.max(...starts.filter((one) => one <= from.start)))];
  const up = from.bits < region.bits;
  const target = find("map").querySelector(".tile.chosen") || (up && came) || tiles[0];
  focusOn(target.closest("table"), target);
}

function up() {
  if (region.bits === 32) return;
  const bits = region.bits + 8;
  go(place(bits === 32 ? 0 : region.start - (region.start % 2 ** bits), bits));
}

// ---- The lists below the map.

function finding(found) {
  const kind = found.allowed === null ? found.severity : `allowed ${found.severity}`;
  const title = make("h3", {}, make("span", { class: `severity ${found.severity}` }, `${kind}[${found.code}]`), ` ${found.name}: ${found.message}`);
  const result = make("article", { class: `card is-${found.allowed === null ? found.severity : "allowed"}` }, title,
    make("p", { class: "muted" }, `${data.path}:${found.line}:${found.column}`),
    make("pre", { tabindex: "0", role: "group", "aria-label": "source line" }, `${found.quote}\n${found.under}`));
  for (const [line, column, message] of found.related) {
    result.append(make("p", {}, `${data.path}:${line}:${column}: ${message}`));
  }
  if (found.hint) result.append(make("p", {}, `help: ${found.hint}`));
  if (found.allowed !== null) result.append(make("p", {}, `allowed: ${found.allowed}`));
  if (found.ids.length) {
    const ids = found.ids.flatMap(([first, last], i) => [i ? ", " : "on the map: ", range(first, last + 1)]);
    result.append(make("p", {}, ...ids, found.more ? ` and ${many(found.more, "more range")}` : ""));
  }
  return result;
}

function selected(texts) {
  const shown = texts.slice(0, 12).join("; ");
  return texts.length > 12 ? `${shown} and ${texts.length - 12} more` : shown;
}

function lists() {
  const counts = ["error", "warning", "note"].map((severity) => [severity,
    data.findings.filter((found) => found.severity === severity && found.allowed === null).length]);
  const found = counts.filter((row) => row[1]).map(([severity, count]) => many(count, severity)).join(", ");
  const allowed = data.findings.filter((one) => one.allowed !== null).length;
  const said = [found, allowed ? `${allowed} allowed` : ""].filter(Boolean).join(", ") || "none";
  find("findings-title").textContent = `Findings: ${said}`;
  fill(find("findings"), data.findings, finding);
  find("rules-title").textContent = `Rules: ${data.rules.length.toLocaleString("en")}, default ${data.default}`;
  const rows = data.rules.map(([label, action, reason, size, selectors, exceptions]) => () => [
    label, badge(data.actions[action]),
    selected(selectors) + (exceptions.length ? ` except ${selected(exceptions)}` : ""), make("td", { class: "number" }, size.toLocaleString("en")), reason]);
  if (rows.length) find("rules").append(table({}, ["rule", "action", "selects", "IDs", "reason"], rows));
  else find("rules").append(make("p", {}, "The policy has none: the default decides."));
  return said;
}

function start() {
  find("name").textContent = data.name;
  find("description").textContent = data.description;
  const said = lists();
  find("refusals").append(...refusals());
  find("summary").textContent = `${data.path}. Default: ${data.default}. ${many(data.rules.length, "rule")}.`
    + ` Linux ${data.kernels.join(", ")}. Findings: ${said}.`;
  find("words").append(...[...Object.keys(data.calls), ...Object.keys(data.aliases)].map((word) => make("option", { value: word })));
  find("ask-form").addEventListener("submit", (event) => {
    event.preventDefault();
    go(find("ask").value || " ");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target !== find("ask")) up();
  });
  find("skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address is the map's
    find("ask").focus();
  });
  window.addEventListener("hashchange", () => {
    if (location.hash !== followed) follow();
  });
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const paint = (on) => {
    document.documentElement.dataset.theme = on ? "dark" : "light";
    find("theme").setAttribute("aria-pressed", String(on));
  };
  find("theme").setAttribute("aria-pressed", String(dark));
  find("theme").addEventListener("click", () => paint(find("theme").getAttribute("aria-pressed") !== "true"));
  follow();
}

start();

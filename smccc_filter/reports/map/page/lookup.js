"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const SPACE = 2 ** 32;
const SIDE = 16; // a region is a square of 16 by 16 tiles: 2^24 IDs, then 2^16, then 2^8
const BATCH = 200; // rows of a long list that are shown at first
const find = (id) => document.getElementById(id);
const hex = (id) => "0x" + id.toString(16).toUpperCase().padStart(8, "0");
const many = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

// Looking things up: sorted starts, by bisection.

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
const words = new Map(); // by small letters: the word as it is written, and its intervals of IDs
for (const [id, name] of data.names) {
  const [base, form] = name.split("/");
  const forms = form || id >= 2 ** 31 ? [base, `${base}/${id >= 3 * 2 ** 30 ? 64 : 32}`] : [];
  for (const word of new Set([name, ...forms])) {
    const known = words.get(word.toLowerCase());
    if (known) known[1].push([id, id + 1]);
    else words.set(word.toLowerCase(), [word, [[id, id + 1]]]);
  }
}
for (const [word, ids] of Object.entries(data.words)) words.set(word.toLowerCase(), [word, ids]);

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

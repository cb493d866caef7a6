// The answer to a question.

function card(id) {
  const [stretch] = stretchesIn(id, id + 1);
  const name = names.get(id);
  const list = make("dl", {}, make("dt", {}, "by"), make("dd", {}, by(stretch)));
  const reason = stretch.rule >= 0 ? data.rules[stretch.rule][1] : "";
  if (reason) list.append(make("dt", {}, "reason"), make("dd", { class: "reason" }, reason));
  for (const [kernels, text] of data.answers[data.replies[at(data.replies, id)][1]]) {
    list.append(make("dt", {}, kernels), make("dd", {}, text));
  }
  list.append(make("dt", {}, "lives in"), make("dd", { class: "holder" }, stretch.holder[0]));
  const title = make("h3", {}, `${hex(id)}${name ? ` ${name}` : ""}: ${stretch.action}`);
  return make("article", { class: `card is-${stretch.rule < 0 ? "undecided" : stretch.action}`, "data-id": hex(id) }, title, list);
}

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

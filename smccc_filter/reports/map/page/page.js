// The lists below the map, and how the page begins.

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

function leftOut([code, name, severity, allowed, more]) {
  const title = make("h3", {}, make("span", { class: `severity ${severity}` }, `${allowed ? "allowed " : ""}${severity}[${code}]`), ` ${name}: ${more}`);
  return make("article", { class: `card is-${allowed ? "allowed" : severity}` }, title);
}

function selected(texts) {
  const shown = texts.slice(0, 12).join("; ");
  return texts.length > 12 ? `${shown} and ${texts.length - 12} more` : shown;
}

function lists() {
  const number = (wanted) => data.findings.filter((one) => wanted(one.severity, one.allowed !== null)).length
    + data.leftOut.filter((left) => wanted(left[2], left[3])).reduce((sum, left) => sum + left[5], 0);
  const counts = ["error", "warning", "note"].map((severity) => [severity,
    number((other, allowed) => other === severity && !allowed)]);
  const found = counts.filter((row) => row[1]).map(([severity, count]) => many(count, severity)).join(", ");
  const allowed = number((_, allowed) => allowed);
  const said = [found, allowed ? `${allowed} allowed` : ""].filter(Boolean).join(", ") || "none";
  find("findings-title").textContent = `Findings: ${said}`;
  fill(find("findings"), [...data.findings, ...data.leftOut], (found) => Array.isArray(found) ? leftOut(found) : finding(found));
  find("rules-title").textContent = `Rules: ${data.rules.length.toLocaleString("en")}, default ${data.default}`;
  const saysVmm = data.rules.some((rule) => rule[6].length);
  const rows = data.rules.map(([label, action, reason, size, selectors, exceptions, vmm]) => () => [
    label, badge(data.actions[action]),
    selected(selectors) + (exceptions.length ? ` except ${selected(exceptions)}` : ""), make("td", { class: "number" }, size.toLocaleString("en")),
    ...(saysVmm ? [vmm.map(([key, text]) => `${key}: ${text}`).join("; ")] : []), reason]);
  const columns = ["rule", "action", "selects", "IDs", ...(saysVmm ? ["the VMM"] : []), "reason"];
  if (rows.length) find("rules").append(table({}, columns, rows));
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

// How the page begins.

function start() {
  for (const id of ["skip", "theme", "ask-form"]) find(id).hidden = false;
  enliven();
  find("ask").addEventListener("focus", () => {
    const shown = [...words.values()].map(([word]) => word).filter((word) => !word.includes("/"));
    find("words").append(...shown.map((word) => make("option", { value: word })));
  }, { once: true });
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

// Where one is stands in the address, so that it can be shared and gone back to.

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
  const wide = /^0x([0-9a-f]{8})\/(0|8|16|24)$/i.exec(word);
  if (wide) {
    const bits = 32 - Number(wide[2]);
    const start = parseInt(wide[1], 16);
    find("result").replaceChildren();
    show(start - (start % 2 ** bits), bits);
  } else if (!word) {
    find("result").replaceChildren();
    close();
  } else {
    ask(word);
    asked = true;
  }
  if (moved && region) focusNear(from || region);
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
  if (!region) return;
  if (region.bits === 32) {
    go("#");
    focusOn(find("space"), find("space").querySelector(".tile"));
    return;
  }
  const bits = region.bits + 8;
  go(place(bits === 32 ? 0 : region.start - (region.start % 2 ** bits), bits));
}

/* What all pages share: sorting, filtering, copying. Names come as text and stay text. */
"use strict";

const pointbench = (window.pointbench = {});

/** An element with attributes and children; a string child becomes text. */
pointbench.element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

/** The same for drawings. */
pointbench.drawn = (name, attributes = {}, ...children) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

/** A number for people: `digits` significant ones, a true minus sign. */
pointbench.number = (value, digits = 4) => {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const magnitude = Math.abs(value);
  if (Number.isInteger(value) && magnitude < 1e9) return value.toLocaleString("en").replace("-", "−");
  const text = magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e7)
    ? value.toExponential(digits - 1)
    : String(Number(value.toPrecision(digits)));
  return text.replace("-", "−");
};

/** The same with all its digits, so that numbers beside each other compare. */
pointbench.digits = (value, digits = 3) =>
  value === null || Math.abs(value) >= 1e6 ? pointbench.number(value, digits) : value.toPrecision(digits).replace("-", "−");

/** Compare cells: what is empty comes last, whichever way the others go. */
pointbench.order = (a, b, direction) => {
  const absent = (value) => value === null || value === undefined || value === "";
  if (absent(a) || absent(b)) return Number(absent(a)) - Number(absent(b));
  if (typeof a === "number" && typeof b === "number") return direction * (a - b);
  return direction * String(a).localeCompare(String(b), "en", { numeric: true });
};

/** Set which header is sorted; returns 1 or -1, the other way when it was sorted already. */
pointbench.turn = (header) => {
  const first = header.dataset.first === "descending" ? "descending" : "ascending";
  const other = first === "ascending" ? "descending" : "ascending";
  const now = header.getAttribute("aria-sort") === first ? other : first;
  for (const sibling of header.parentElement.children) sibling.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", now);
  return now === "ascending" ? 1 : -1;
};

function makeSortable(table) {
  const body = table.tBodies[0];
  for (const header of table.querySelectorAll("thead th[data-sort]")) {
    const label = header.textContent.trim();
    const button = pointbench.element("button", { type: "button", class: "sort" }, label);
    header.replaceChildren(button);
    button.addEventListener("click", () => {
      const direction = pointbench.turn(header);
      const value = (row) => {
        const text = row.cells[header.cellIndex].dataset.value ?? row.cells[header.cellIndex].textContent.trim();
        return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
      };
      body.append(...[...body.rows].sort((a, b) => pointbench.order(value(a), value(b), direction)));
    });
  }
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const said = button.parentElement.querySelector(".said");
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    const selection = getSelection();
    selection.selectAllChildren(source); // the older way, for browsers that hold back the newer
    document.execCommand("copy");
    selection.removeAllRanges();
  }
  said.textContent = "Copied";
  setTimeout(() => (said.textContent = ""), 2000);
}

/** What the address names may lie in something folded. */
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target?.closest("details");
  if (folded && !folded.open) {
    folded.open = true;
    target.scrollIntoView();
  }
}

/** The leaderboard's filters: tasks and kinds of settings hide columns, names hide rows. */
function makeFilterable(filters) {
  const table = document.getElementById(filters.dataset.filters);
  const count = filters.querySelector(".count");
  const chosen = (name) => filters.querySelector(`[data-filter="${name}"]`)?.value ?? "";
  const apply = () => {
    const [task, group] = [chosen("task"), chosen("group")];
    const words = chosen("loss").toLowerCase().split(/\s+/).filter(Boolean);
    for (const cell of table.querySelectorAll("[data-group]")) {
      const { task: own, group: kind } = cell.dataset;
      cell.hidden = (task !== "" && own !== "" && own !== task) || (group !== "" && kind !== group);
    }
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      row.hidden = !words.every((word) => row.dataset.loss.toLowerCase().includes(word));
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = `${shown} of ${table.tBodies[0].rows.length} losses`;
  };
  for (const event of ["input", "change"]) filters.addEventListener(event, apply);
  apply();
}

/** Buttons that show and hide claims by verdict. */
function makeToggle(button) {
  button.addEventListener("click", () => {
    const pressed = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(pressed));
    for (const claim of document.querySelectorAll("article[data-verdict]")) {
      if (claim.dataset.verdict === button.dataset.verdict) claim.hidden = !pressed;
    }
    for (const section of document.querySelectorAll("section.claim")) {
      section.hidden = !section.querySelector("article:not([hidden])");
    }
  });
}

document.querySelectorAll("[data-filters]").forEach(makeFilterable);
document.querySelectorAll("button[data-verdict]").forEach(makeToggle);
document.querySelectorAll("table.sortable").forEach(makeSortable);
document.querySelectorAll("button.copy").forEach((button) => button.addEventListener("click", () => copy(button)));
addEventListener("hashchange", unfold);
unfold();

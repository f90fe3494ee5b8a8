/* Surfaces: value, band and effective sample size wherever the pointer or the arrow keys are. */
"use strict";

{
  const { element, drawn, number, digits } = pointbench;
  const BLANK = 65535;
  const REACH = 12; // units of the drawing: how near a click must be to a run

  const unpack = ({ low, high, packed }) => {
    const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return (index) => {
      const whole = view.getUint16(2 * index, true);
      return whole === BLANK ? null : low + ((high - low) * whole) / (BLANK - 1);
    };
  };

  // Where a value lies between the ends of an axis, 0 to 1; grids are evenly spaced in this.
  const shares = ({ grid, log }) => {
    const on = log ? Math.log10 : (value) => value;
    const [first, last] = [on(grid[0]), on(grid[grid.length - 1])];
    return (value) => (on(value) - first) / (last - first);
  };

  const nearestIndex = (grid, share) => Math.min(grid.length - 1, Math.max(0, Math.round(share * (grid.length - 1))));

  const withUnit = (text, unit) => (unit ? `${text} ${unit}` : text);

  for (const figure of document.querySelectorAll("figure.surface")) {
    const data = JSON.parse(document.getElementById(figure.dataset.surface).textContent);
    const plot = figure.querySelector(".plot");
    const svg = plot.querySelector("svg");
    const pointer = svg.querySelector(".pointer");
    const readout = figure.querySelector(".readout");
    const root = document.body.dataset.root;
    const [left, top, right, bottom] = data.plot;
    const gx = data.x.grid;
    const gy = data.y.grid;
    const [value, low, high, n] = [data.value, data.low, data.high, data.n].map(unpack);
    const [shareX, shareY] = [data.x, data.y].map(shares);
    const across = (x) => left + shareX(x) * (right - left);
    const up = (y) => bottom - shareY(y) * (bottom - top);
    const runs = data.runs.id.map((id, i) => ({ id, value: data.runs.value[i], x: data.runs.x[i], y: data.runs.y[i], px: across(data.runs.x[i]), py: up(data.runs.y[i]) }));
    const ordered = [...runs].sort((a, b) => a.x - b.x || a.y - b.y);

    const lines = [];
    for (const style of ["under", ""]) {
      lines.push(drawn("line", { class: style, x1: left, x2: right }), drawn("line", { class: style, y1: top, y2: bottom }));
    }
    const ring = drawn("circle", { class: "nearest", r: 8 });
    pointer.append(...lines, drawn("circle", { class: "under", r: 8 }), ring);
    const rings = pointer.querySelectorAll("circle");

    let column = Math.floor(gx.length / 2);
    let row = Math.floor(gy.length / 2);
    let run = null;

    const nearestRun = (px, py) => {
      let best = null;
      let least = Infinity;
      for (const candidate of runs) {
        const distance = (candidate.px - px) ** 2 + (candidate.py - py) ** 2;
        if (distance < least) [best, least] = [candidate, distance];
      }
      return best && { run: best, distance: Math.sqrt(least) };
    };

    const pair = (term, text) => element("div", {}, element("dt", {}, term), element("dd", {}, text));

    const show = () => {
      const [x, y] = [gx[column], gy[row]];
      const index = row * gx.length + column;
      const [px, py] = [across(x), up(y)];
      pointer.removeAttribute("hidden");
      for (const [i, line] of lines.entries()) {
        if (i % 2 === 0) { line.setAttribute("y1", py); line.setAttribute("y2", py); }
        else { line.setAttribute("x1", px); line.setAttribute("x2", px); }
      }
      const near = nearestRun(px, py);
      run = near && near.run;
      for (const circle of rings) {
        circle.toggleAttribute("hidden", run === null);
        if (run) { circle.setAttribute("cx", run.px); circle.setAttribute("cy", run.py); }
      }
      const estimate = value(index);
      const [least, most] = [low(index), high(index)];
      const band = least === null ? "–" : `${digits(least)} to ${digits(most)}`;
      const list = element(
        "dl", {},
        pair(data.x.name, withUnit(number(x, 3), data.x.unit)),
        pair(data.y.name, withUnit(number(y, 3), data.y.unit)),
        pair(data.value.name, estimate === null ? "too few runs" : withUnit(digits(estimate), data.value.unit)),
        pair(`${Math.round(100 * data.level)} % band`, estimate === null ? "–" : band),
        pair("n (effective)", number(n(index), 3)),
      );
      const parts = [list];
      if (run) {
        const link = element("a", { href: `${root}trial.html#${run.id}` }, run.id);
        parts.push(element("p", { class: "run hush" }, "nearest run ", link, `: ${withUnit(digits(run.value), data.value.unit)} at ${withUnit(number(run.x, 3), data.x.unit)}, ${withUnit(number(run.y, 3), data.y.unit)}`));
      }
      readout.replaceChildren(...parts);
    };

    const place = (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      return { px: point.x, py: point.y, inside: point.x >= left - 4 && point.x <= right + 4 && point.y >= top - 4 && point.y <= bottom + 4 };
    };

    const moveTo = (px, py) => {
      column = nearestIndex(gx, (px - left) / (right - left));
      row = nearestIndex(gy, (bottom - py) / (bottom - top));
      show();
    };

    const hit = ({ px, py }) => {
      const near = nearestRun(px, py);
      return near && near.distance <= REACH ? near.run : null;
    };

    const open = (chosen) => location.assign(`${root}trial.html#${chosen.id}`);

    plot.addEventListener("pointermove", (event) => {
      const at = place(event);
      plot.classList.toggle("on-run", at.inside && event.pointerType === "mouse" && hit(at) !== null);
      if (at.inside) moveTo(at.px, at.py);
    });
    plot.addEventListener("pointerdown", (event) => {
      const at = place(event);
      if (at.inside) moveTo(at.px, at.py);
    });
    plot.addEventListener("click", (event) => {
      const at = place(event);
      const chosen = at.inside ? hit(at) : null;
      // A finger hides what is under it: a tap shows the run, and its link opens it.
      if (chosen && event.pointerType !== "touch") open(chosen);
    });
    plot.addEventListener("keydown", (event) => {
      const far = event.shiftKey ? 10 : 1;
      const moves = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowDown: [0, -far], ArrowUp: [0, far] };
      const key = event.key.toLowerCase();
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in moves) {
        column = Math.min(gx.length - 1, Math.max(0, column + moves[event.key][0]));
        row = Math.min(gy.length - 1, Math.max(0, row + moves[event.key][1]));
        show();
      } else if ((key === "n" || key === "p") && ordered.length) {
        const now = ordered.indexOf(run);
        const next = now < 0 ? 0 : (now + (key === "n" ? 1 : -1) + ordered.length) % ordered.length;
        moveTo(ordered[next].px, ordered[next].py);
        run = ordered[next];
      } else if (event.key === "Enter" && run) {
        open(run);
      } else {
        return;
      }
      event.preventDefault();
    });
  }
}

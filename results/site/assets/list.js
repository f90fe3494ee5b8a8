/* Lists of trials: sorted, filtered, fifty at a time. */
"use strict";

{
  const { element, number, digits, order, turn } = pointbench;
  const PAGE = 50;
  const trials = (count) => (count === 1 ? "1 trial" : `${number(count)} trials`);

  const textOf = (column, row) => (column.texts ? column.texts[column.values[row]] : column.values[row]);

  pointbench.list = (key, data) => {
    const place = document.querySelector(`[data-list="${key}"]`);
    const root = document.body.dataset.root;
    const columns = [
      { label: "trial", values: data.ids.map((_, i) => i), texts: data.ids },
      { label: "status", values: data.states, texts: data.statuses },
      ...data.columns,
    ];
    for (const column of columns) column.whole = column.values.every((value) => value === null || Number.isInteger(value));
    let rows = data.ids.map((_, i) => i);
    let shown = rows;
    let page = 0;

    const statuses = element("select", { "aria-label": "status" }, element("option", { value: "" }, "all"));
    for (const state of [...new Set(data.states)].sort()) {
      statuses.append(element("option", { value: state }, data.statuses[state]));
    }
    const search = element("input", { type: "search", maxlength: "200", spellcheck: "false" });
    const count = element("span", { class: "count", role: "status" });
    const body = element("tbody");
    const heads = element("tr");
    const back = element("button", { type: "button" }, "Previous");
    const next = element("button", { type: "button" }, "Next");
    const where = element("span");

    const draw = () => {
      const last = Math.max(0, Math.ceil(shown.length / PAGE) - 1);
      page = Math.min(Math.max(page, 0), last);
      body.replaceChildren(
        ...shown.slice(page * PAGE, (page + 1) * PAGE).map((row) => {
          const line = element("tr");
          for (const [place, column] of columns.entries()) {
            const value = textOf(column, row);
            if (place === 0) {
              line.append(element("td", {}, element("a", { href: `${root}trial.html#${value}` }, element("code", {}, value))));
            } else if (place === 1) {
              line.append(element("td", {}, element("span", { class: `fate is-${value}` }, value)));
            } else {
              line.append(element("td", {}, typeof value === "number" ? (column.whole ? number(value) : digits(value, 4)) : value ?? "–"));
            }
          }
          return line;
        }),
      );
      count.textContent = shown.length === rows.length ? trials(rows.length) : `${number(shown.length)} of ${trials(rows.length)}`;
      where.textContent = `Page ${page + 1} of ${last + 1}`;
      back.disabled = page === 0;
      next.disabled = page === last;
      pager.hidden = last === 0;
    };

    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const state = statuses.value === "" ? null : Number(statuses.value);
      shown = rows.filter((row) => {
        if (state !== null && data.states[row] !== state) return false;
        return words.every((word) =>
          columns.some((column) => {
            const value = textOf(column, row);
            return value !== null && value !== undefined && String(value).toLowerCase().includes(word);
          }),
        );
      });
      page = 0;
      draw();
    };

    for (const column of columns) {
      const button = element("button", { type: "button", class: "sort" }, column.label);
      const head = element("th", { scope: "col" }, button);
      button.addEventListener("click", () => {
        const direction = turn(head);
        rows = [...rows].sort((a, b) => order(textOf(column, a), textOf(column, b), direction));
        filter();
      });
      heads.append(head);
    }
    statuses.addEventListener("change", filter);
    search.addEventListener("input", filter);
    back.addEventListener("click", () => { page -= 1; draw(); });
    next.addEventListener("click", () => { page += 1; draw(); });
    const pager = element("div", { class: "pager" }, back, where, next);

    place.replaceChildren(
      element("div", { class: "filters" }, element("label", {}, "Status", statuses), element("label", {}, "Search", search), count),
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Trials" }, element("table", {}, element("thead", {}, heads), body)),
      pager,
    );
    draw();
  };
}

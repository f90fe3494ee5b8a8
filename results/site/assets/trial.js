/* One trial, named by the address: options, curves, metrics, versions. All of it is set as text. */
"use strict";

{
  const { element, drawn, number } = pointbench;
  const place = document.getElementById("trial");
  const root = document.body.dataset.root;
  const shards = Number(place.dataset.shards);
  const loaded = new Map();
  let wanted = "";

  /** FNV-1a, as the files were made with. */
  const shardOf = (id) => {
    let hash = 0x811c9dc5;
    for (const character of id) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
    return hash % shards;
  };

  const text = (value) => {
    if (value === null || value === undefined) return "–";
    if (typeof value === "object") return JSON.stringify(value);
    if (typeof value === "number" && String(value).length > 9) {
      return element("span", { title: String(value) }, number(value, 6)); // exact where it is pointed at
    }
    return String(value);
  };

  /** `{alpha: {start: 1}}` as rows `alpha.start`. */
  const flat = (values, prefix = "") =>
    Object.entries(values ?? {}).flatMap(([key, value]) =>
      value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length
        ? flat(value, `${prefix}${key}.`)
        : [[prefix + key, value]],
    );

  const card = (title, rows, show = text) => {
    const body = element("tbody");
    for (const [key, value] of rows) {
      body.append(element("tr", {}, element("th", { scope: "row" }, key), element("td", {}, value instanceof Node ? value : show(value))));
    }
    return rows.length ? element("section", { class: "card" }, element("h2", {}, title), element("table", {}, body)) : "";
  };

  const measured = (value) => (typeof value === "number" ? number(value, 4) : text(value));

  const ticks = (low, high, most) => {
    const span = high - low || 1;
    const power = 10 ** Math.floor(Math.log10(span / most));
    const step = [1, 2, 2.5, 5, 10, 20].map((factor) => factor * power).find((size) => Math.floor(high / size) - Math.ceil(low / size) + 1 <= most) ?? span;
    const values = [];
    for (let tick = Math.ceil(low / step - 1e-9); tick * step <= high + 1e-9 * step; tick += 1) values.push(Number((tick * step).toPrecision(12)));
    return values;
  };

  const curve = (name, [steps, values]) => {
    const points = steps.map((step, i) => [step, values[i]]).filter(([, value]) => value !== null);
    const title = element("h3", {}, name);
    if (!points.length) return element("section", { class: "card curve" }, title, element("p", { class: "hush" }, "no finite value"));
    const [W, H, L, R, T, B] = [480, 240, 56, 456, 10, 200];
    const xs = points.map(([x]) => x);
    const ys = points.map(([, y]) => y);
    const [x0, x1] = [Math.min(0, ...xs), Math.max(...xs)];
    let [y0, y1] = [Math.min(...ys), Math.max(...ys)];
    if (y0 === y1) [y0, y1] = [y0 - 0.5, y1 + 0.5];
    const px = (x) => L + ((x - x0) / (x1 - x0 || 1)) * (R - L);
    const py = (y) => B - ((y - y0) / (y1 - y0)) * (B - T);
    const svg = drawn("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${name}: ${number(ys[0])} at step ${xs[0]}, ${number(ys[ys.length - 1])} at step ${xs[xs.length - 1]}` });
    for (const tick of ticks(y0, y1, 5)) {
      svg.append(drawn("line", { class: "grid", x1: L, x2: R, y1: py(tick), y2: py(tick) }), drawn("text", { x: L - 8, y: py(tick) + 4, "text-anchor": "end" }, number(tick)));
    }
    for (const tick of ticks(x0, x1, 6)) svg.append(drawn("text", { x: px(tick), y: B + 18, "text-anchor": "middle" }, number(tick)));
    svg.append(drawn("text", { x: (L + R) / 2, y: H - 2, "text-anchor": "middle" }, "training step"));
    svg.append(drawn("path", { d: points.map(([x, y], i) => `${i ? "L" : "M"}${px(x).toFixed(1)} ${py(y).toFixed(1)}`).join("") }));
    if (points.length < 40) for (const [x, y] of points) svg.append(drawn("circle", { cx: px(x), cy: py(y), r: 2.6 }));
    return element("section", { class: "card curve" }, title, svg);
  };

  const show = (id, trial, common, places, links) => {
    document.title = `Trial ${id} · pointbench`;
    const wide = [];
    if (trial.reason) {
      wide.push(element("h2", {}, trial.status === "skipped" ? "Why it was skipped" : "What happened"), element("pre", { class: "wrap", tabindex: "0" }, trial.reason));
    }
    const series = Object.entries(trial.curve);
    if (series.length) wide.push(element("h2", {}, "Learning curve"), element("div", { class: "curves" }, ...series.map(([name, values]) => curve(name, values))));
    const base = place.dataset.mlflow;
    let run = links.run ?? "–";
    if (links.run && /^https?:\/\//.test(base)) run = element("a", { href: `${base}/#/runs/${encodeURIComponent(links.run)}`, rel: "noreferrer" }, links.run);
    const finished = new Date(1000 * trial.finished_at).toISOString().replace("T", " ").slice(0, 19);
    place.replaceChildren(
      element("p", { class: "kicker" }, "Trial"),
      element("h1", {}, element("code", {}, id)),
      element("p", { class: "lead" }, element("span", { class: `badge is-${trial.status}` }, trial.status), ` ${trial.loss} on ${trial.task}, replicate ${trial.replicate}, scale ${trial.scale}`),
      element("nav", { "aria-label": "Where this trial appears", class: "places" }, ...links.places.map((i) => element("a", { class: "trial", href: root + places[i][1] }, places[i][0]))),
      ...wide,
      element(
        "div", { class: "facts" },
        card("Metrics", flat(trial.metrics), measured),
        card(`Loss: ${trial.loss}`, flat(trial.loss_options)),
        card(`Task: ${trial.task}`, flat(trial.task_options)),
        card("Training", flat(common.train_options)),
        card("Time [s]", flat(trial.seconds), measured),
        card("Details", flat(trial.details), measured),
        card("Where and with what", [
          ["finished (UTC)", finished], ["hardware", common.hardware], ["device", common.device], ["host", common.host],
          ["data", common.data_name], ["data version", common.data_version], ["git revision", common.git_revision], ["MLflow run", run],
          ...flat(common.versions),
        ]),
      ),
    );
  };

  const sorry = (message) => place.replaceChildren(element("p", { class: "kicker" }, "Trial"), element("h1", {}, "No such trial"), element("p", { class: "lead" }, message));

  const showWanted = () => {
    const data = loaded.get(shardOf(wanted));
    if (!data) return;
    if (!Object.hasOwn(data.trials, wanted)) {
      sorry(`This site has no trial ${wanted}.`);
      return;
    }
    const [links, trial] = data.trials[wanted];
    show(wanted, trial, data.shared[links.shared], data.places, links);
  };

  pointbench.receive = (shard, text) => {
    loaded.set(shard, JSON.parse(text));
    showWanted();
  };

  const read = () => {
    wanted = location.hash.slice(1);
    if (!wanted) return;
    if (!/^[A-Za-z0-9_-]{1,128}$/.test(wanted)) {
      sorry("An id has letters, digits, ‘-’ and ‘_’ only.");
      return;
    }
    const shard = shardOf(wanted);
    if (loaded.has(shard)) {
      showWanted();
      return;
    }
    const script = element("script", { src: `${root}data/trials/${shard.toString(16).padStart(4, "0")}.js` });
    script.addEventListener("error", () => sorry("Its data file is missing from this site."));
    document.head.append(script);
  };

  document.getElementById("find").addEventListener("submit", (event) => {
    event.preventDefault();
    location.hash = document.getElementById("find-id").value.trim();
  });
  addEventListener("hashchange", read);
  read();
}

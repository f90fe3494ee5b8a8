"""A small site in which every name is hostile, and a browser that looks at it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from results.claims.comparison import Comparison, Region, compare_pairs
from results.claims.verdict import PartVerdict, Verdict
from results.leaderboard.board import Column, Method, Runs, build_leaderboard
from results.site import (
    ClaimGroup,
    FigurePage,
    ListColumn,
    Listing,
    Quantity,
    Site,
    SurfacePanel,
    SweepPage,
    TablePage,
    write_site,
)
from results.store.record import TrialRecord
from results.surface.nadaraya_watson import estimate_surface
from results.tables.number_style import NumberStyle
from results.tables.table import Cell, Table

HOSTILE = (
    "<script>alert(1)</script>",
    "$\\LaTeX$ & \\input{/etc/passwd}",
    "🥁 emoji",
    "x" * 300,
    "{{7*7}} {% raise %}",
    "javascript:alert(1)",
    "\"'><img src=x onerror=alert(1)>",
    "</script></style><script>alert(2)</script>",
    "../../escape",
    "__proto__",
)


def _records() -> list[TrialRecord]:
    records = []
    for number in range(24):
        name = HOSTILE[number % len(HOSTILE)]
        status = ("finished", "finished", "finished", "failed", "diverged", "skipped")[number % 6]
        records.append(
            TrialRecord(
                trial_id=f"t{number}" if number != 9 else "__proto__",
                sweep=HOSTILE[0],
                scale="laptop",
                task=name,
                loss=name,
                replicate=number,
                status=status,
                reason=None if status == "finished" else f"Traceback\n  {name}",
                task_options={"noise": number / 240, name: name},
                loss_options={"softness": 0.15 - number / 160, "alpha": {name: [1, name]}},
                train_options={"steps": 40},
                metrics={"f1": 0.9 - number / 100, name: None},
                details={name: name},
                curve=[{"step": 10 * step, "loss": 2.0 / (1 + step), name: 1} for step in range(4)],
                seconds={"train": 1.5},
                finished_at=1.7e9 + number,
                host=name,
                device="cpu",
                hardware=name,
                versions={"torch": name},
                git_revision=None,
                data_name=name,
                data_version="1",
            )
        )
    return records


def _surface(records: list[TrialRecord]) -> SurfacePanel:
    x = np.array([record.loss_options["softness"] for record in records])
    y = np.array([record.task_options["noise"] for record in records])
    value = np.array([record.metrics["f1"] for record in records], dtype=float)
    grids = np.linspace(0, 0.15, 31), np.linspace(0, 0.1, 21)
    surface = estimate_surface(x, y, value, *grids, bandwidth=(0.02, 0.02), resamples=20)
    return SurfacePanel(
        surface,
        tuple(record.trial_id for record in records),
        *(x, y, value),
        x=Quantity("softness", "ms", 1000.0),
        y=Quantity(HOSTILE[0], "ms", 1000.0),
        value=Quantity("F1"),
        about=HOSTILE[7],
        data=HOSTILE[2],
        diagonal=HOSTILE[6],
    )


def _table(records: list[TrialRecord]) -> Table:
    cells = {}
    for r, row in enumerate(HOSTILE):
        for column in HOSTILE[:3]:
            chosen = [record for record in records[r : r + 4] if record.status == "finished"]
            cells[row, column] = Cell(
                values=tuple(float(record.metrics["f1"] or 0) for record in chosen),
                trial_ids=tuple(record.trial_id for record in chosen),
                counts={"finished": len(chosen), "failed": 1, "skipped": 1, "missing": 2},
                unaveraged={"failed": ("t3",)},
                reason=row,
                published=0.75 if r % 2 else None,
            )
    styles = {HOSTILE[1]: NumberStyle(1, 100.0, unit=HOSTILE[6], direction="min")}
    return Table(
        *(HOSTILE[0], HOSTILE[1], HOSTILE, HOSTILE[:3], cells, HOSTILE),
        style=NumberStyle(direction="max"),
        styles=styles,
        key=HOSTILE[5],
    )


def _board(records: list[TrialRecord]) -> Any:
    columns = [
        Column(f"c{i}", task, f"{task} {i}", *measure, "laptop", (0, 1, 2), unit, digits)
        for i, (task, measure, unit, digits) in enumerate(
            [
                ("drums", ("f1", "max", HOSTILE[2]), "", 3),
                (HOSTILE[0], ("MAD", "min", HOSTILE[2]), "px", 1),
            ]
        )
    ]
    methods = [Method(f"m{i}", label, label, "as published") for i, label in enumerate(HOSTILE[:5])]
    methods.append(Method("m9", "plain", "plain", "yours"))
    runs = {}
    for m, method in enumerate(methods):
        for c, column in enumerate(columns):
            values = {k: 0.5 + 0.07 * ((3 * m + 5 * c) % 7) + 0.004 * k for k in range(3)}
            ids = {k: f"t{(m + c) % 3 + 6 * k}" for k in range(3)}
            counts = {"finished": 3, "failed": m % 2}
            failed = {"failed": ("t3",)} if m % 2 else {}
            runs[method.key, column.key] = Runs(values, ids, counts, failed, HOSTILE[0])
    return build_leaderboard(columns, methods, runs, notes=HOSTILE, resamples=50)


def _claims() -> tuple[ClaimGroup, ...]:
    region = Region(floor=0.0)
    better, worse = {0: 0.91, 1: 0.92, 2: 0.93}, {0: 0.81, 1: 0.80, 2: 0.82}
    evidence = compare_pairs(better, worse, region)
    comparison = Comparison(HOSTILE[0], "f1", region, evidence)
    verdict = Verdict(
        *("8a", HOSTILE[0], HOSTILE[1], "supported"),
        effect=0.1,
        low=0.05,
        high=0.15,
        unit=HOSTILE[2],
        detail=HOSTILE[4],
        trial_ids=("t0", "t1"),
        parts=(PartVerdict("supported", comparison, 0.9),),
    )
    nothing = Verdict("8b", HOSTILE[6], HOSTILE[7], "no data", detail=HOSTILE[3])
    return (ClaimGroup(8, HOSTILE[0], (verdict, nothing)),)


@pytest.fixture(scope="session")
def make_site() -> Callable[..., Site]:
    """The example; options replace its parts."""

    def make(**changes: Any) -> Site:
        records = _records()
        finished = [record for record in records if record.status == "finished"]
        names = [HOSTILE[0], HOSTILE[3], "plain"]
        listing = Listing(
            tuple(record.trial_id for record in records),
            tuple(record.status for record in records),
            (
                ListColumn("loss", tuple(record.loss for record in records)),
                ListColumn(HOSTILE[0], tuple(r.metrics["f1"] for r in records)),
            ),
        )
        sweeps = tuple(
            SweepPage(
                *(name, "laptop", HOSTILE[4], HOSTILE[1], HOSTILE[5], 30),
                statuses={"finished": len(finished), "failed": 4, "missing": 6},
                reasons={HOSTILE[0]: 4},
                listing=listing,
                surfaces=(_surface(finished),) if name == "plain" else (),
                tables=(_table(records),),
            )
            for name in names
        )
        parts: dict[str, Any] = {
            "store": HOSTILE[0],
            "made": "today",
            "version": "1",
            "trials": records,
            "sweeps": sweeps,
            "tables": (
                TablePage(HOSTILE[3], HOSTILE[0], (_table(records),), HOSTILE[1], HOSTILE[2]),
                TablePage("table-1", HOSTILE[6], (_table(records), _table(records))),
            ),
            "figures": (
                FigurePage(
                    HOSTILE[3],
                    HOSTILE[0],
                    b"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'/>",
                    f"curve\n{HOSTILE[0]}\n",
                    (records[0].trial_id,),
                    source=HOSTILE[1],
                    published=HOSTILE[0],
                    footnotes=HOSTILE,
                    command=HOSTILE[2],
                ),
            ),
            "leaderboard": _board(records),
            "claims": _claims(),
            "mlflow": "https://user:secret@mlflow.example/base/",
            "runs": {"t0": "abc123", "t1": HOSTILE[6]},
            "pending": ((HOSTILE[0], HOSTILE[7]),),
        }
        return Site(**{**parts, **changes})

    return make


@pytest.fixture(scope="session")
def site(make_site: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's folder."""
    out = tmp_path_factory.mktemp("report") / "a site"
    write_site(make_site(), out)
    return out


class Browser:
    """Headless Chromium on the example, which remembers every request and console message."""

    def __init__(self, driver: webdriver.Chrome, site: Path) -> None:
        self.driver, self.site = driver, site

    def open(self, page: str, width: int = 1200, scheme: str = "light", media: str = "") -> None:
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500},
        )
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},  # what moves cannot be clicked
        ]
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"media": media, "features": features}
        )
        self.driver.get("about:blank")  # or a change of the part after # would load nothing
        self.driver.get(self.site.as_uri() + "/" + page)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def messages(self) -> list[str]:
        """Console messages since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Addresses requested since the last call."""
        events = [
            json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")
        ]
        sent = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
        return [params["request"]["url"] for params in sent]


@pytest.fixture(scope="session")
def browser(
    debian_program: Callable[[str], str], site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    options = webdriver.ChromeOptions()
    options.binary_location = debian_program("chromium")
    flags = (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
    )
    for flag in flags:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(debian_program("chromedriver")))
    driver.set_page_load_timeout(60)
    yield Browser(driver, site)
    driver.quit()

"""The site's files: templates filled, scripts and styles beside them.

Templates escape every value. A page runs no script but the site's own and asks nothing of any
network: its content security policy says so, and everything is in the folder.
"""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from results.leaderboard.board import Leaderboard
from results.site import surface_svg
from results.site.claims_view import SIGNS, count_outcomes, shown_verdict
from results.site.leaderboard_page import ShownBoard, shown_board
from results.site.page_data import ClaimGroup, FigurePage, Site, SweepPage, TablePage
from results.site.page_names import file_stem, web_address
from results.site.pairs_page import ShownPairs, shown_pairs
from results.site.table_cells import ShownTable, behind, shown_cells
from results.site.trial_files import Place, shard_files, shard_name
from results.site.trial_lists import list_file
from results.store.plain_json import plain_json
from results.tables.fates import FATES, WORDS
from results.tables.table import Table
from results.tables.table_formats import FORMATS

BOARD = "leaderboard-trials.html"
PAIRS = "leaderboard-pairs.html"
_MARKER = ".pointbench-site"


class SiteError(ValueError):
    """One clear line about a folder that cannot take the site."""


def write_site(site: Site, out: Path) -> list[Path]:
    """Write the site into ``out``, replacing an earlier one; returns the pages.

    Raises:
        SiteError: ``out`` is a file, or a folder that holds something else.
    """
    _clear(out)
    for name in ("assets", "data/trials", "data/lists", "sweeps", "tables", "figures"):
        (out / name).mkdir(parents=True)
    (out / _MARKER).write_text("made by bench report, which replaces all of it\n", encoding="utf-8")
    for asset in resources.files("results.site").joinpath("assets").iterdir():
        (out / "assets" / asset.name).write_bytes(asset.read_bytes())
    writer = _Writer(site, out)
    for table in site.tables:
        writer.table(table)
    for figure in site.figures:
        writer.figure(figure)
    for sweep in site.sweeps:
        writer.sweep(sweep)
    if site.claims:
        writer.claims(site.claims)
    board = writer.board(site.leaderboard) if site.leaderboard else None
    pairs = shown_pairs(site.leaderboard) if site.leaderboard else None
    if pairs is not None:
        writer.pairs(pairs)
    shards, trials = shard_files(site.trials, writer.places, site.runs)
    for number, content in enumerate(shards):
        (out / "data" / "trials" / shard_name(number)).write_text(content, encoding="ascii")
    outcomes = count_outcomes(site.claims)
    shown = {"board": board, "pairs": None if pairs is None else PAIRS}
    writer.page("index.html", "index.html", **shown, outcomes=outcomes, trials=trials)
    writer.page("trial.html", "trial.html", shards=len(shards))
    return writer.pages


def _clear(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise SiteError(f"{out}: is a file; name a folder with --out")
    if out.is_dir() and any(out.iterdir()):
        if not (out / _MARKER).is_file():
            raise SiteError(f"{out}: holds files that bench report did not write; choose another")
        shutil.rmtree(out)


class _Writer:
    """Fills templates; remembers the pages and where each trial appears on them."""

    def __init__(self, site: Site, out: Path) -> None:
        self.out = out
        self.pages: list[Path] = []
        self.places: dict[str, list[Place]] = defaultdict(list)
        self._environment = Environment(
            loader=PackageLoader("results.site"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.policies["json.dumps_function"] = plain_json
        self._environment.policies["json.dumps_kwargs"] = {}
        self._environment.filters["breakable"] = _breakable
        self._environment.globals.update(
            site=site,
            mlflow=web_address(site.mlflow),
            sweep_path=sweep_path,
            table_path=table_path,
            figure_path=figure_path,
            navigation=_navigation(site),
            state_names=FATES,
            board_path=BOARD,
            signs=SIGNS,
            state_words=WORDS,
        )

    def page(self, path: str, template: str, **values: Any) -> None:
        """Fill a template; ``root`` leads from the page to the site's folder."""
        root = "../" * path.count("/")
        text = self._environment.get_template(template).render(root=root, path=path, **values)
        (self.out / path).write_text(text, encoding="utf-8", errors="backslashreplace")
        self.pages.append(self.out / path)

    def table(self, page: TablePage) -> None:
        """Page of a paper's table, and its parts as files to download."""
        path = table_path(page)
        shown = self._tables(page.tables, page.name, path)
        self.page(path, "table.html", page=page, tables=shown)

    def figure(self, page: FigurePage) -> None:
        """Page of a paper's figure, with the picture and its numbers as files."""
        path = figure_path(page)
        stem = path.removesuffix(".html")
        (self.out / f"{stem}.svg").write_bytes(page.svg)
        (self.out / f"{stem}.csv").write_text(page.csv, encoding="utf-8", errors="backslashreplace")
        for trial_id in page.trials:
            self.places[trial_id].append((page.name, path))
        self.page(path, "figure.html", page=page, stem=stem)

    def sweep(self, sweep: SweepPage) -> None:
        """Page of a sweep, and its list of trials as a data file."""
        path = sweep_path(sweep)
        name = f"{sweep.name} ({sweep.scale})"
        for trial_id in sweep.listing.trial_ids:
            self.places[trial_id].append((f"sweep {name}", path))
        list_path = f"data/lists/{Path(path).stem}.js"
        (self.out / list_path).write_text(list_file(sweep.listing, "trials"), encoding="ascii")
        self.page(
            path,
            "sweep.html",
            sweep=sweep,
            surfaces=[(panel, surface_svg.draw(panel)) for panel in sweep.surfaces],
            tables=self._tables(sweep.tables, name, path),
            list_path=list_path,
        )

    def board(self, leaderboard: Leaderboard) -> ShownBoard:
        """The leaderboard for the first page, and a page of the trials behind its cells."""
        shown = shown_board(leaderboard)
        for row in shown.rows:
            for column, cell in zip(shown.columns, row.cells, strict=True):
                place = (f"leaderboard: {row.label}, {column.label}", f"{BOARD}#{cell.anchor}")
                for trial_id in behind(cell.trials, cell.fates):
                    self.places[trial_id].append(place)
        csv = shown.texts["csv"]
        (self.out / "tables/leaderboard.csv").write_text(
            csv, encoding="utf-8", errors="backslashreplace"
        )
        self.page(BOARD, BOARD, board=shown)
        return shown

    def pairs(self, pairs: ShownPairs) -> None:
        """Page of all pairs of methods, and a file of them in every column."""
        (self.out / "tables/leaderboard-pairs.csv").write_text(
            pairs.csv, encoding="utf-8", errors="backslashreplace"
        )
        self.page(PAIRS, PAIRS, pairs=pairs)

    def claims(self, groups: tuple[ClaimGroup, ...]) -> None:
        """Page of all claims; every trial learns on which verdicts it bears."""
        shown = [(group, [shown_verdict(v) for v in group.verdicts]) for group in groups]
        for verdict in (verdict for _, verdicts in shown for verdict in verdicts):
            place = (f"claim {verdict.verdict.id}", f"claims.html#{verdict.anchor}")
            for trial_id in verdict.verdict.trial_ids:
                self.places[trial_id].append(place)
        self.page("claims.html", "claims.html", groups=shown, counts=count_outcomes(groups))

    def _tables(self, tables: Sequence[Table], name: str, path: str) -> list[ShownTable]:
        """Tables of one page; every trial learns in which cells it is."""
        shown = []
        for number, table in enumerate(tables):
            key = f"table{number}"
            cells = shown_cells(table, key)
            for cell in (cell for row in cells for cell in row):
                place = (f"{name}: {cell.row}, {cell.column}", f"{path}#{cell.anchor}")
                for trial_id in behind(cell.trials, cell.fates):
                    self.places[trial_id].append(place)
            texts = {form: FORMATS[form](table) for form in ("latex", "markdown", "csv")}
            csv = f"tables/{file_stem(f'{name}-{number}')}.csv"
            (self.out / csv).write_text(texts["csv"], encoding="utf-8", errors="backslashreplace")
            shown.append(ShownTable(key, table, cells, texts, csv))
        return shown


def _breakable(text: str) -> Markup:
    """Escaped, with leave to break the line behind underscores and equals signs."""
    return Markup(re.sub("([_=])", r"\1<wbr>", str(escape(text))))


def sweep_path(sweep: SweepPage) -> str:
    """The sweep's page, from the site's folder."""
    return f"sweeps/{file_stem(f'{sweep.name}-{sweep.scale}')}.html"


def table_path(page: TablePage) -> str:
    """The table's page, from the site's folder."""
    return f"tables/{file_stem(page.name)}.html"


def figure_path(page: FigurePage) -> str:
    """The figure's page, from the site's folder."""
    return f"figures/{file_stem(page.name)}.html"


def _navigation(site: Site) -> list[tuple[str, str]]:
    """Names and addresses of the head's links; an address is from the site's folder."""
    links = [("Leaderboard" if site.leaderboard else "Results", "index.html")]
    if site.tables:
        links.append(("Tables", "index.html#tables"))
    if site.figures:
        links.append(("Figures", "index.html#figures"))
    if site.claims:
        links.append(("Claims", "claims.html"))
    if site.sweeps:
        links.append(("Sweeps", "index.html#sweeps"))
    return links

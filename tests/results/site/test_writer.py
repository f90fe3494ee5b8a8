"""The site's files without a browser: links, escapes, names, weights."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from markupsafe import escape

from results.site import Site, SiteError, surface_svg, write_site
from results.site.axis_ticks import tick_texts, ticks
from results.site.number_text import short
from results.site.page_names import file_stem, shard_of, web_address
from results.site.trial_files import count_shards, shard_files

FOLDER = Path(__file__).parents[3] / "results" / "site"


class Page(HTMLParser):
    """What a browser would make of a page: ids, links, elements, text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.scripts: list[dict[str, str | None]] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.attributes.update(values)
        if tag == "script":
            self.scripts.append(values)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        for name in ("href", "src"):
            address = values.get(name)
            if address is not None and not address.startswith("data:"):
                self.links.append(address)


def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in sorted(site.rglob("*.html"))}


def test_every_page_is_there(site):
    made = {str(path.relative_to(site)) for path in pages(site)}
    fixed = {"index.html", "trial.html", "claims.html"}
    fixed |= {"leaderboard-trials.html", "leaderboard-pairs.html"}
    assert fixed <= made
    assert len(made) == len(fixed) + 3 + 2 + 1  # sweeps, tables and a figure


def test_every_link_leads_to_a_file_of_the_site_and_to_an_anchor_in_it(site):
    read = pages(site)
    trials = set()
    for path, page in read.items():
        for link in page.links:
            parts = urlsplit(link)
            assert (parts.scheme, parts.netloc) == ("", ""), f"{path.name}: {link}"
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), f"{path.name}: {link}"
            assert site in target.parents
            if target.name == "trial.html" != path.name and parts.fragment:
                trials.add(parts.fragment)
            elif parts.fragment:
                assert unquote(parts.fragment) in read[target].ids, f"{path.name}: {link}"
    assert len(trials) >= 9
    data = "".join(path.read_text() for path in (site / "data" / "trials").iterdir())
    assert all(f'"{trial_id}":[' in data for trial_id in trials)


def test_ids_are_used_once_a_page(site):
    for path, page in pages(site).items():
        assert len(set(page.ids)) == len(page.ids), path


def test_names_make_no_elements_attributes_or_scripts(site):
    for path, page in pages(site).items():
        pictures = page.tags.count("img")
        assert pictures == (1 if path.parent.name == "figures" else 0), path
        assert "style" not in page.attributes, path
        assert not [name for name in page.attributes if name.startswith("on")], path
        for script in page.scripts:
            assert "src" in script or script.get("type") == "application/json", path
        text = path.read_text(encoding="utf-8")
        assert "49" not in re.findall(r">\s*(49)\s*<", text)
        assert "Content-Security-Policy" in text


def test_templates_and_scripts_name_no_address_outside():
    for path in [*(FOLDER / "templates").iterdir(), *(FOLDER / "assets").iterdir()]:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"(?:src|href|url|@import)[^\n]{0,9}https?://", text), path
        assert "innerHTML" not in text, path
        assert "|safe" not in text.replace(" ", ""), path


def test_passwords_of_mlflow_stay_out(site):
    assert not [p for p in site.rglob("*.*") if p.is_file() and b"secret" in p.read_bytes()]


def test_the_same_site_has_the_same_bytes(site, make_site, tmp_path):
    write_site(make_site(), tmp_path / "again")
    for path in (p for p in site.rglob("*") if p.is_file()):
        assert (tmp_path / "again" / path.relative_to(site)).read_bytes() == path.read_bytes()


def test_headings_say_unit_and_direction(site, make_site):
    """As text: a unit is a name like any other."""
    board = (site / "index.html").read_text(encoding="utf-8")
    assert ">drums 0, f1 ↑</th>" in board
    assert " 1, MAD [px] ↓</th>" in board
    assert "In px; less is better." in board
    table = (site / "tables" / "table-1.html").read_text(encoding="utf-8")
    shown = make_site().tables[1].tables[0]
    name, unit = shown.columns[1], shown.styles[shown.columns[1]].unit
    assert f">{escape(f'{name} [{unit}] ↓')}</th>" in table
    assert "published, then ours minus published. More is better. Columns" in table


def test_a_site_replaces_a_site_and_nothing_else(make_site, tmp_path):
    write_site(make_site(), tmp_path / "site")
    (tmp_path / "site" / "stale.html").write_text("old")
    write_site(make_site(), tmp_path / "site")
    assert not (tmp_path / "site" / "stale.html").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("years of work")
    with pytest.raises(SiteError, match="holds files that bench report did not write"):
        write_site(make_site(), tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "years of work"
    (tmp_path / "file").write_text("")
    with pytest.raises(SiteError, match="is a file"):
        write_site(make_site(), tmp_path / "file")


def test_a_site_of_nothing(tmp_path):
    write_site(Site(store="here", made="today", version="1", trials=()), tmp_path)
    assert "<b>0</b> trials" in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize("name", ["table-5.4", "drums-noise-laptop", "a_b"])
def test_a_plain_name_names_its_file(name):
    assert file_stem(name) == name


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "con", "nul.txt", "A", "a b", "x" * 300, "🥁", ".hidden"]
)
def test_another_name_is_made_safe_and_stays_apart(name):
    stem = file_stem(name)
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,79}", stem)
    assert stem != file_stem(name + "!")
    assert ".." not in stem


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("http://host:5000/", "http://host:5000"),
        ("https://user:word@host/a/?token=b#c", "https://host/a"),
        ("sqlite:////tmp/x.db", None),
        ("javascript:alert(1)", None),
        ("databricks", None),
        ("http://", None),
        (None, None),
    ],
)
def test_only_web_addresses_become_links(uri, shown):
    assert web_address(uri) == shown


def test_fnv_of_known_texts():
    # Reference values of FNV-1a, 32 bits (Fowler, Noll, Vo).
    assert shard_of("", 1 << 32) == 0x811C9DC5
    assert shard_of("a", 1 << 32) == 0xE40C292C
    assert shard_of("foobar", 1 << 32) == 0xBF9CF968


def test_shards_hold_every_trial_once(make_site):
    records = list(make_site().trials)
    files, trials = shard_files(records, {}, {})
    literals = [re.fullmatch(r"pointbench\.receive\(\d+,'(.*)'\);\n", file) for file in files]
    texts = [
        found.group(1).replace("\\'", "'").replace("\\\\", "\\") for found in literals if found
    ]
    found = [json.loads(text)["trials"] for text in texts]
    assert trials == len(records) == sum(map(len, found))
    assert set().union(*found) == {record.trial_id for record in records}
    assert [count_shards(n) for n in (0, 1, 64, 65, 20_000)] == [1, 1, 1, 2, 512]


def test_the_numbers_under_the_pointer_are_those_of_the_surface(make_site):
    panel = make_site().sweeps[2].surfaces[0]
    data = surface_svg.draw(panel).data
    for name, expected in (
        ("value", panel.surface.value),
        ("low", panel.surface.low),
        ("high", panel.surface.high),
        ("n", panel.surface.ess),
    ):
        packed = data[name]
        whole = np.frombuffer(base64.b64decode(packed["packed"]), "<u2").astype(float)
        whole[whole == 65535] = np.nan
        values = packed["low"] + (packed["high"] - packed["low"]) * whole / 65534
        np.testing.assert_allclose(
            values.reshape(expected.shape), expected, atol=(packed["high"] - packed["low"]) / 1e5
        )


def test_uneven_grids_are_refused(make_site):
    panel = make_site().sweeps[2].surfaces[0]
    bent = replace(panel.surface, x=panel.surface.x**2)
    with pytest.raises(ValueError, match="grid of 'softness' must be evenly spaced"):
        surface_svg.draw(replace(panel, surface=bent))


def test_a_surface_without_data_anywhere_is_drawn(make_site):
    panel = make_site().sweeps[2].surfaces[0]
    nothing = np.full_like(panel.surface.value, np.nan)
    empty = replace(panel.surface, value=nothing, low=nothing, high=nothing)
    drawing = surface_svg.draw(replace(panel, surface=empty))
    assert drawing.contours == ""


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0, 150, ["0", "50", "100", "150"]),
        (0.83, 0.97, ["0.850", "0.875", "0.900", "0.925", "0.950"]),
        (-1, 1, ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
        (3, 3, ["3"]),
    ],
)
def test_ticks_are_round(low, high, texts):
    values = ticks(low, high)
    assert len(values) <= 6
    assert all(low - 1e-9 <= value <= high + 1e-9 for value in values)
    assert tick_texts(values) == texts


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.12345, "0.123"), (-12.34, "−12.3"), (0.0, "0.000"), (None, "–"), (3e-7, "3.00e−07")],
)
def test_short_numbers(value, text):
    assert short(value) == text


def test_pages_of_one_site_are_light(site, make_site: Callable[..., Site]):
    shared = sum(path.stat().st_size for path in (site / "assets").iterdir())
    assert shared < 60_000
    surface = len(json.dumps(surface_svg.draw(make_site().sweeps[2].surfaces[0]).data))
    assert surface < 20_000

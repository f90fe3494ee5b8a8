"""The site in headless Chromium, opened from its folder: what a reader does with it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

SWEEP = "sweeps/plain-laptop.html"


def pages(browser: Any) -> list[str]:
    found = [str(path.relative_to(browser.site)) for path in browser.site.rglob("*.html")]
    return [*sorted(found), "trial.html#t0", "trial.html#t3", "trial.html#__proto__"]


def wait(browser: Any, script: str) -> Any:
    return WebDriverWait(browser.driver, 30).until(lambda _: browser.run(f"return {script}"))


def find(browser: Any, selector: str) -> Any:
    return browser.driver.find_element(By.CSS_SELECTOR, selector)


def losses(browser: Any) -> list[str]:
    return browser.run(
        "return [...document.querySelectorAll('#board tbody tr')].filter(r => !r.hidden)"
        ".map(r => r.cells[0].textContent)"
    )


def values(browser: Any, column: int) -> list[float]:
    texts = browser.run(
        "return [...document.querySelectorAll('#board tbody tr')]"
        ".map(r => r.cells[arguments[0]].dataset.value)",
        column,
    )
    return [float(text) for text in texts if text]


def test_no_page_logs_asks_outside_or_is_wider_than_a_phone(browser):
    home = browser.site.as_uri() + "/"
    browser.open("index.html")  # the browser's own first page has asked for what it needs
    browser.messages(), browser.requests()
    for page in pages(browser):
        for width in (1200, 360):
            browser.open(page, width)
            if "#" in page:
                wait(browser, "document.querySelector('#trial h1')")
            wide, window = browser.run(
                "const page = document.documentElement; return [page.scrollWidth, page.clientWidth]"
            )
            assert wide <= window, f"{page} scrolls sideways at {width} px"
            assert browser.run("return document.querySelectorAll('iframe').length") == 0
            drawn = browser.run(
                "return Array.from(document.images, image => [image.src, image.naturalWidth])"
            )
            assert len(drawn) == (1 if "figures/" in page else 0), page
            assert all(src.startswith(home) and width > 0 for src, width in drawn), drawn
    assert browser.messages() == []
    asked = [url for url in browser.requests() if url != "about:blank"]
    assert len(asked) > 20
    assert [url for url in asked if not url.startswith((home, "data:image/png;base64,"))] == []


def test_columns_sort_both_ways(browser):
    browser.open("index.html")
    heads = browser.driver.find_elements(By.CSS_SELECTOR, "#board thead .sort")
    assert len(heads) == 4
    heads[2].click()
    assert values(browser, 2) == sorted(values(browser, 2), reverse=True)
    assert heads[2].find_element(By.XPATH, "..").get_attribute("aria-sort") == "descending"
    heads[2].send_keys(Keys.ENTER)
    assert values(browser, 2) == sorted(values(browser, 2))
    heads[0].click()
    assert losses(browser)[0] != losses(browser)[-1]
    assert len(browser.driver.find_elements(By.CSS_SELECTOR, "th[aria-sort]")) == 1


def test_losses_and_tasks_filter(browser):
    browser.open("index.html")
    assert len(losses(browser)) == 6
    find(browser, "[data-filter=loss]").send_keys("PLAIN")
    assert losses(browser) == ["plain (yours)"]
    assert find(browser, ".filters .count").text == "1 of 6 losses"
    find(browser, "[data-filter=loss]").clear()
    find(browser, "[data-filter=loss]").send_keys("<script>")
    assert losses(browser) == ["<script>alert(1)</script>"]
    task = find(browser, "[data-filter=task]")
    task.find_elements(By.TAG_NAME, "option")[1].click()
    shown = "[...document.querySelectorAll('#board th[data-group]')].filter(h => !h.hidden)"
    assert browser.run(f"return {shown}.map(h => h.dataset.task)") == ["", "drums"]


def test_a_cell_leads_to_its_trials_and_a_trial_back(browser):
    browser.open("index.html")
    find(browser, "#board td a.number").click()
    wait(browser, "location.pathname.endsWith('leaderboard-trials.html') && location.hash")
    assert browser.run("return document.querySelector(':target a.trial') !== null")
    find(browser, ":target a.trial").click()
    wait(browser, "document.querySelector('#trial .facts')")
    trial = browser.run("return location.hash.slice(1)")
    assert find(browser, "h1").text == trial
    back = [
        a.get_attribute("href") for a in find(browser, "nav.places").find_elements("tag name", "a")
    ]
    assert any("leaderboard-trials.html#b-" in link for link in back)
    assert any("sweeps/" in link for link in back)
    assert any("tables/" in link for link in back)


@pytest.mark.parametrize(("page", "cells"), [("index.html", "#board"), (SWEEP, "table.results")])
def test_a_failure_leads_to_its_traceback(browser, page, cells):
    browser.open(page)
    find(browser, f"{cells} td a.fate").click()
    wait(browser, "document.querySelector(':target .fate')")
    browser.run("document.querySelector(\":target a.trial[href$='#t3']\").click()")
    wait(browser, "document.querySelector('#trial pre')")
    assert find(browser, "#trial pre").text.startswith("Traceback")


def test_a_trial_in_a_folded_list_is_unfolded(browser):
    browser.open(SWEEP)
    browser.run("location.hash = 'table0-0-0'")
    wait(browser, "document.getElementById('table0-0-0').closest('details').open")


def test_a_trial_shows_all_that_is_known(browser):
    browser.open("trial.html#t0")
    wait(browser, "document.querySelector('#trial .facts')")
    text = find(browser, "#trial").text
    for expected in (
        "finished",
        "f1",
        "0.9",
        "softness",
        "alpha.<script>alert(1)</script>",
        "torch",
    ):
        assert expected in text
    assert len(browser.driver.find_elements(By.CSS_SELECTOR, ".curve svg path")) == 2
    run = find(browser, "a[href^='https://mlflow.example']")
    assert run.get_attribute("href") == "https://mlflow.example/base/#/runs/abc123"
    browser.open("trial.html#t3")
    wait(browser, "document.querySelector('#trial pre')")
    assert find(browser, "#trial pre").text.startswith("Traceback")


def test_a_trial_is_found_by_its_id_and_an_unknown_one_is_not(browser):
    browser.open("trial.html")
    find(browser, "#find-id").send_keys("t2", Keys.ENTER)
    wait(browser, "document.querySelector('#trial .facts')")
    assert find(browser, "h1").text == "t2"
    browser.run("location.hash = 'nothere'")
    wait(browser, "document.querySelector('h1').textContent === 'No such trial'")
    browser.run("location.hash = '<img src=x onerror=alert(1)>'")
    wait(browser, "document.querySelector('#trial').textContent.includes('letters, digits')")
    browser.open("trial.html#__proto__")
    wait(browser, "document.querySelector('#trial .facts')")


def test_the_surface_answers_the_pointer(browser):
    browser.open(SWEEP)
    plot = find(browser, ".plot")
    ActionChains(browser.driver).move_to_element(plot).perform()
    wait(browser, "document.querySelector('.readout dl')")
    told = find(browser, ".readout").text
    for expected in ("softness", "F1", "95 % band", "n (effective)", "nearest run"):
        assert expected in told
    assert browser.run("return !document.querySelector('.pointer').hasAttribute('hidden')")


def test_the_surface_answers_keys_and_opens_a_run(browser):
    browser.open(SWEEP)
    plot = find(browser, ".plot")
    browser.run("arguments[0].focus()", plot)
    where = "document.querySelector('.readout dd')?.textContent"
    plot.send_keys(Keys.ARROW_RIGHT)
    first = wait(browser, where)
    plot.send_keys(Keys.ARROW_RIGHT)
    assert wait(browser, where) != first
    plot.send_keys("n")
    run = browser.run("return document.querySelector('.readout .run a').textContent")
    plot.send_keys(Keys.ENTER)
    wait(browser, "location.pathname.endsWith('trial.html')")
    assert browser.run("return location.hash") == f"#{run}"


def test_a_dot_opens_its_trial(browser):
    browser.open(SWEEP)
    script = """
        const figure = document.querySelector('figure.surface');
        const data = JSON.parse(document.getElementById(figure.dataset.surface).textContent);
        const svg = figure.querySelector('.plot svg');
        const [left, top, right, bottom] = data.plot;
        const share = (grid, v) => (v - grid[0]) / (grid[grid.length - 1] - grid[0]);
        const x = left + share(data.x.grid, data.runs.x[3]) * (right - left);
        const y = bottom - share(data.y.grid, data.runs.y[3]) * (bottom - top);
        const at = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
        const box = svg.getBoundingClientRect();
        return [at.x - box.x - box.width / 2, at.y - box.y - box.height / 2, data.runs.id[3]];
    """
    svg = find(browser, ".plot svg")
    browser.run("arguments[0].scrollIntoView({block: 'center'})", svg)
    x, y, trial = browser.run(script)
    ActionChains(browser.driver).move_to_element_with_offset(
        svg, round(x), round(y)
    ).click().perform()
    wait(browser, "location.pathname.endsWith('trial.html')")
    assert browser.run("return location.hash") == f"#{trial}"


def test_the_list_of_trials_sorts_filters_and_links(browser):
    browser.open(SWEEP)
    wait(browser, "document.querySelector('[data-list] tbody tr')")
    rows = "[...document.querySelectorAll('[data-list] tbody tr')]"
    assert browser.run(f"return {rows}.length") == 24
    status = find(browser, "[data-list] select")
    [failed] = [o for o in status.find_elements("tag name", "option") if o.text == "failed"]
    failed.click()
    assert browser.run(f"return {rows}.length") == 4
    assert browser.run(f"return {rows}.every(r => r.textContent.includes('failed'))")
    find(browser, "[data-list] input").send_keys("nothing like this")
    assert browser.run(f"return {rows}.length") == 0


def test_latex_is_copied_with_a_button(browser):
    browser.open("tables/table-1.html")
    browser.driver.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
    )
    find(browser, ".exports summary").click()
    find(browser, "button.copy").click()
    wait(browser, "document.querySelector('.said').textContent === 'Copied'")
    copied = browser.run("return navigator.clipboard.readText()")
    assert copied.startswith("\\begin{table}")
    assert copied == browser.run("return document.getElementById('table0-latex').textContent")


def test_claims_are_shown_by_verdict(browser):
    browser.open("claims.html")
    shown = "[...document.querySelectorAll('article')].filter(a => !a.hidden).length"
    assert browser.run(f"return {shown}") == 2
    find(browser, "button[data-verdict='no data']").click()
    assert browser.run(f"return {shown}") == 1


def luminance(browser: Any, selector: str, colour: str) -> float:
    channels = browser.run(
        "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
        ".match(/[\\d.]+/g).slice(0, 3).map(Number)",
        selector,
        colour,
    )
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (v / 255 for v in channels)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_schemes(browser, scheme):
    browser.open("index.html", scheme=scheme)
    ground = luminance(browser, "body", "backgroundColor")
    assert (ground < 0.05) == (scheme == "dark")
    for selector in ("body", ".lead", "nav a", ".notes", "#board td small", ".against"):
        text = luminance(browser, selector, "color")
        low, high = sorted((ground, text))
        assert (high + 0.05) / (low + 0.05) >= 4.5, selector  # WCAG 2.1 AA


def test_print_is_black_on_white_and_without_buttons(browser):
    browser.open("index.html", scheme="dark", media="print")
    assert luminance(browser, "body", "backgroundColor") == 1
    assert luminance(browser, "body", "color") == 0
    assert not find(browser, ".filters").is_displayed()


def test_pages_stand_without_scripts(browser):
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.open(SWEEP)
        assert find(browser, ".plot svg image").is_displayed()
        assert "need" in find(browser, "[data-list]").text
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_page_is_ready_at_once(browser):
    started = time.monotonic()
    browser.open(SWEEP)
    wait(browser, "document.querySelector('[data-list] tbody tr')")
    assert time.monotonic() - started < 20

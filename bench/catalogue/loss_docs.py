"""The page of all losses, written from what they say of themselves.

    python -m bench.catalogue.loss_docs > docs/losses.md

Behind the losses comes ``docs/losses-speed.md``, which is written by hand.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from bench.catalogue.docstrings import EQUATION, plain
from bench.catalogue.kinds import KINDS
from bench.catalogue.terminal_pages import domain_text, value_text
from bench.plugin import HEADS

SPEED = Path(__file__).resolve().parents[2] / "docs" / "losses-speed.md"

_INTRODUCTION = """\
# Losses

<!-- Made by `python -m bench.catalogue.loss_docs > docs/losses.md` from the docstrings and options
in losses/, and from docs/losses-speed.md. Do not edit. -->

What each loss computes, where it comes from and when to use it; `bench show NAME` prints the same.
Sizes in brackets are axes of tensors. Times are in seconds, and a *cell* or *bin* is one step of
the input's grid: cell i covers [i, i + 1), and its centre is at i + 0.5; an option without a unit
is a pure number. An option of type *schedule* is a number or a function of training progress from 0
to 1, see [sweeps.md](sweeps.md). The search space is what tuning draws from. The *thesis* is J.
Schroeter's on Poisson-binomial counting; *Li et al.* is *Localization with Sampling-Argmax*.

A loss works in any training loop:

```python
import losses
from bench.plugin import EventTarget

softloc = losses.create("softloc", softness=0.1)  # seconds
loss = softloc(p, EventTarget(events, step=0.01), progress=step / steps).mean()
```
"""


def page() -> str:
    """The whole page, Markdown."""
    entries = [entry for entry in KINDS["losses"].entries() if _is_ours(entry)]
    names = {entry["name"] for entry in entries}
    parts = [_INTRODUCTION, _overview(entries)]
    parts += [_loss(entry, names) for entry in entries]
    return "\n".join([*parts, SPEED.read_text(encoding="utf-8")])


def _is_ours(entry: dict[str, Any]) -> bool:
    return str(entry["module"]).startswith("losses.")


def _overview(entries: list[dict[str, Any]]) -> str:
    rows = [f"| loss | {' | '.join(HEADS)} | |", "|---" * (len(HEADS) + 2) + "|"]
    for entry in entries:
        heads = " | ".join("•" if head in entry["heads"] else "" for head in HEADS)
        rows.append(f"| {_link(entry['name'])} | {heads} | {_prose(entry['summary'], set())} |")
    return "\n".join(rows) + "\n"


def _loss(entry: dict[str, Any], names: set[str]) -> str:
    names = names - {entry["name"]}
    parts = [f"## `{entry['name']}`", _prose(entry["summary"], names)]
    if entry["description"]:
        parts.append(_prose(entry["description"], names))
    for heading, text in entry["sections"].items():
        if heading == EQUATION:
            parts.append(f"```text\n{text}\n```")
        else:
            parts.append(f"**{heading}.** {_prose(text, names)}")
    if entry["note"]:
        parts.append(f"**Note.** {_prose(entry['note'], names)}")
    answer = {True: "yes", False: "no"}
    parts.append(
        f"**Source.** {entry['source']}. **Heads.** {', '.join(entry['heads'])}. "
        f"**Needs locations.** {answer[entry['needs_locations']]}. "
        f"**Ends near 0 or 1.** {answer[entry['sparse']]}."
    )
    if entry["options"]:
        parts.append(_options(entry, names))
    return "\n\n".join(parts) + "\n"


def _options(entry: dict[str, Any], names: set[str]) -> str:
    rows = ["| option | type | unit | range | default | search space | |", "|---" * 7 + "|"]
    for option in entry["options"]:
        kind = ", ".join(map(str, option["choices"])) if option["choices"] else option["type"]
        domain = entry["space"].get(option["name"])
        cells = [
            f"`{option['name']}`",
            kind,
            option["unit"] or "",
            option["range"] or "",
            value_text(option["default"]),
            f"`{domain_text(domain)}`" if domain else "",
            _prose(option["description"] or "", names),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _link(name: str) -> str:
    return f"[`{name}`](#{name})"


def _prose(text: str, names: set[str]) -> str:
    """Docstring prose as Markdown, with the names of other losses linked."""

    def linked(match: re.Match[str]) -> str:
        return _link(match[1]) if match[1] in names else match[0]

    return re.sub(r"`([a-z_]+)`", linked, plain(text))


if __name__ == "__main__":
    sys.stdout.write(page())

"""All benchmarks of the losses, one section after the other.

python benchmarks/losses.py
"""

from __future__ import annotations

import runpy
from pathlib import Path


def main() -> None:
    for section in sorted(Path(__file__).parent.glob("losses_*.py")):
        runpy.run_path(str(section))["main"]()
        print(flush=True)


if __name__ == "__main__":
    main()

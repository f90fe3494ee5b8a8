"""All benchmarks of the losses, one section after the other.

    python benchmarks/loss_speed.py

Sections lie in a folder of their own: beside them, this file would be taken for the package of its
name.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> None:
    for section in sorted((Path(__file__).parent / "loss_sections").glob("[!_]*.py")):
        subprocess.run([sys.executable, str(section)], check=True)
        print(flush=True)


if __name__ == "__main__":
    main()

"""All benchmarks of the losses, one section after the other.

    python benchmarks/losses.py

Sections run with ``python -P``: this file must not be taken for the package of its name.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> None:
    for section in sorted(Path(__file__).parent.glob("losses_*.py")):
        subprocess.run([sys.executable, "-P", str(section)], check=True)
        print(flush=True)


if __name__ == "__main__":
    main()

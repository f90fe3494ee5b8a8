"""The conformance suite behind ``bench check``: what every loss and task must hold.

Anybody can run it on their own plugin; the built-in ones pass the same checks.
"""

from bench.conformance.outcome import CheckResult
from bench.conformance.suite import check_loss, check_task

__all__ = ["CheckResult", "check_loss", "check_task"]

"""Runs every check on a plugin and reports all of them."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.conformance import loss_checks, loss_inputs, loss_options, task_checks
from bench.conformance.layouts import layouts
from bench.conformance.outcome import CheckResult, NotApplicable
from bench.conformance.task_case import TaskCase
from bench.conformance.tiny import tiny_options
from bench.plugin import Loss, Task


def check_loss(cls: type[Loss], **options: Any) -> list[CheckResult]:
    """Run every check on a registered loss, for each of its heads.

    A head's checks run on every layout of its data that the loss takes (`layouts`).

    Args:
        options: of the loss; the others have their default.

    Raises:
        OptionError: the loss has no such option or value.
    """
    loss = cls(**options)
    results = [_outcome(name, "", check, [(cls,)]) for name, check in loss_options.CHECKS.items()]
    for head in sorted(cls.heads):
        for name, check in {**loss_checks.CHECKS, **loss_inputs.CHECKS}.items():
            runs = [(loss, layout) for layout in layouts(cls, head)]
            results.append(_outcome(name, head, check, runs, lambda run: run[-1].name))
    return results


def check_task(cls: type[Task], **options: Any) -> list[CheckResult]:
    """Run every check on a registered task, for each of its heads.

    Args:
        options: of the task, e.g. ``root``. Where it has a ``size`` and none is given, the smallest
            is taken.

    Raises:
        OptionError: the task has no such option or value.
    """
    options = {**tiny_options(cls), **options}
    cls(**options)
    with tempfile.TemporaryDirectory() as folder:
        case = TaskCase(cls, options, Path(folder))
        results = [
            _outcome(name, "", check, [(case,)]) for name, check in task_checks.CHECKS.items()
        ]
        for head in sorted(cls.heads):
            shown = head if len(cls.heads) > 1 else ""
            for name, check in task_checks.HEAD_CHECKS.items():
                results.append(_outcome(name, shown, check, [(case, head)]))
        return results


def _outcome(
    name: str,
    head: str,
    check: Callable[..., None],
    runs: list[tuple[Any, ...]],
    label: Callable[[tuple[Any, ...]], str] = str,
) -> CheckResult:
    """The first failure of several runs, which ``label`` tells apart, else whether any applied."""
    reasons = []
    for arguments in runs:
        where = f"{label(arguments)}: " if len(runs) > 1 else ""
        try:
            check(*arguments)
        except NotApplicable as reason:
            reasons.append(str(reason))
        except AssertionError as failure:
            return CheckResult(name, head, False, where + (str(failure) or repr(failure)))
        except (Exception, SystemExit, KeyboardInterrupt, GeneratorExit):
            return CheckResult(name, head, False, where + traceback.format_exc(limit=-2))
    if len(reasons) == len(runs):
        return CheckResult(name, head, None, reasons[0] if reasons else "")
    return CheckResult(name, head, True)

"""Appends to a store, and compacts it, until it is done or killed. Run by the tests, as a script.

Arguments: store, file with a record as JSON, name of this worker, trials, trials per compaction.
Each trial id is printed once its append has returned.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from results.store.trial_store import Store, TrialRecord

if __name__ == "__main__":
    url, template, name, trials, every = sys.argv[1:]
    record = TrialRecord.from_json(Path(template).read_text())
    store = Store.open(url)
    for index in range(int(trials)):
        trial_id = f"{name}-{index}"
        store.append(dataclasses.replace(record, trial_id=trial_id, replicate=index))
        print(trial_id, flush=True)
        if index % int(every) == int(every) - 1:
            store.compact()

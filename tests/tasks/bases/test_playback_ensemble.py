"""Averaging over playback rates: mass is kept, jittered detections become one."""

import torch

from tasks.bases.playback_ensemble import gather, to_base


def test_mapping_keeps_mass_and_time():
    p = torch.zeros(1, 1, 240)
    p[0, 0, 100] = 0.9
    mapped = to_base(p, 1.25, 300)
    torch.testing.assert_close(mapped.sum(), p.sum())
    assert mapped.argmax() == 125


def test_rate_one_is_the_identity():
    p = torch.rand(2, 3, 50)
    torch.testing.assert_close(to_base(p, 1.0, 50), p)


def test_jittered_detections_become_one():
    p = torch.zeros(1, 1, 100)
    p[0, 0, 48:53] = torch.tensor([0.1, 0.2, 0.4, 0.2, 0.1])
    p[0, 0, 70] = 0.3
    merged = gather(p, 4)
    assert merged.nonzero()[:, 2].tolist() == [50, 70]
    torch.testing.assert_close(merged[0, 0, [50, 70]], torch.tensor([1.0, 0.3]))


def test_silence_stays_silent():
    assert gather(torch.zeros(2, 3, 40), 4).sum() == 0

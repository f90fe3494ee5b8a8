"""Rendered recordings: reproducible, labelled where the sound begins, musical, varied."""

import numpy as np
import pytest

from tasks.data.audio.drum_kits import FAMILIES, KEYS, SAMPLE_RATE, draw_kit, mix, one_shot
from tasks.data.audio.drum_patterns import (
    CLASS_OF,
    DENSE,
    STYLES,
    Hit,
    draw_pattern,
    rims_apart,
)
from tasks.data.audio.rendered_drums import render, render_amid_percussion


def test_a_recording_depends_on_its_world_and_index_only():
    first, again = render(0, 3, 3.0), render(0, 3, 3.0)
    np.testing.assert_array_equal(first.audio, again.audio)
    np.testing.assert_array_equal(first.times, again.times)
    for other in (render(0, 4, 3.0), render(1, 3, 3.0)):
        assert not np.array_equal(first.audio, other.audio)


def test_families_take_turns():
    assert {render(0, index, 1.5).family for index in range(3)} == set(FAMILIES)


@pytest.mark.parametrize("index", range(4))
def test_recordings_are_finite_and_sorted(index):
    recording = render(0, index, 3.0)
    assert len(recording.audio) == 3 * SAMPLE_RATE
    assert np.isfinite(recording.audio).all()
    assert 0.01 < np.abs(recording.audio).max() < 2
    assert (np.diff(recording.times) >= 0).all()
    assert ((recording.times >= 0) & (recording.times < 3)).all()


@pytest.mark.parametrize("preset", [p for family in FAMILIES.values() for p in family])
@pytest.mark.parametrize("key", [36, 38])
def test_one_shots_begin_at_once(preset, key):
    sound = np.abs(one_shot(preset, key))
    assert np.argmax(sound > 0.1) / SAMPLE_RATE < 0.002


def test_no_instrument_sounds_later_than_a_bin_after_its_stroke():
    """Latency of the synthesiser and attack of the sample, for every preset and key."""
    presets = [preset for family in FAMILIES.values() for preset in family]
    rises = {
        (preset, name, key): np.argmax(np.abs(one_shot(preset, key)) > 0.1) / SAMPLE_RATE
        for preset in presets
        for name, keys in KEYS.items()
        for key in keys
    }
    late = {name for (_, name, _), rise in rises.items() if rise > 0.005}
    assert np.median(list(rises.values())) < 0.001
    assert max(rises.values()) < 0.007
    assert late == {"pedal_hat", "tambourine"}  # by foot, and by shaking


def test_a_stroke_sounds_at_its_time():
    rng = np.random.default_rng(0)
    kit = draw_kit(rng, "acoustic", {"snare"})
    dry = np.abs(mix(rng, kit, [Hit(0.5, "snare", 0.9)], 1.0))
    onset = np.argmax(dry > 0.1 * dry.max()) / SAMPLE_RATE
    assert onset == pytest.approx(0.5, abs=0.003)


def test_a_closed_hat_damps_the_open_one():
    kit = draw_kit(np.random.default_rng(0), "acoustic", {"open_hat", "closed_hat"})
    kit.loud["closed_hat"][:] = 0
    kit.soft["closed_hat"][:] = 0
    hits = [Hit(0.1, "open_hat", 0.9), Hit(0.2, "closed_hat", 0.9)]
    dry = mix(np.random.default_rng(1), kit, hits, 1.0)
    assert np.abs(dry[: round(0.2 * SAMPLE_RATE)]).max() > 0
    assert np.abs(dry[round(0.21 * SAMPLE_RATE) :]).max() == 0


def test_an_instrument_sounds_the_same_whatever_else_is_drawn():
    alone = draw_kit(np.random.default_rng(5), "electronic", {"snare"})
    among = draw_kit(np.random.default_rng(5), "electronic", {"snare", "kick", "crash"})
    np.testing.assert_array_equal(alone.loud["snare"], among.loud["snare"])


def test_patterns_hold_all_classes_other_percussion_and_soft_strokes():
    hits = [hit for seed in range(30) for hit in draw_pattern(np.random.default_rng(seed), 6.0)]
    names = {hit.instrument for hit in hits}
    assert set(CLASS_OF) <= names
    assert len(names - set(CLASS_OF)) >= 10
    velocities = np.array([hit.velocity for hit in hits])
    assert velocities.min() >= 0.2
    assert velocities.max() <= 1.0
    assert np.mean(velocities < 0.45) > 0.05


@pytest.mark.parametrize("name", sorted(STYLES))
def test_grooves_have_sixteen_steps(name):
    style = STYLES[name]
    for line in (style.kick, style.snare, style.hat):
        assert len(line) == 16
        assert set(line) <= set("xo-.")


def test_percussion_amid_drums_is_another_recording_with_as_many_drums():
    alone = [draw_pattern(np.random.default_rng(seed), 6.0) for seed in range(60)]
    amid = [draw_pattern(np.random.default_rng(seed), 6.0, DENSE) for seed in range(60)]

    def share(patterns):
        names = [hit.instrument for hits in patterns for hit in hits]
        return np.mean([name not in CLASS_OF for name in names])

    assert share(alone) < 0.3 < 0.4 < share(amid) < 0.6
    first, again, other = (
        render_amid_percussion(*where, 3.0) for where in ((0, 3), (0, 3), (1, 3))
    )
    np.testing.assert_array_equal(first.audio, again.audio)
    assert not np.array_equal(first.audio, other.audio)
    assert not np.array_equal(first.audio, render(0, 3, 3.0).audio)


def test_cross_sticks_change_labels_and_no_sound():
    pairs = [
        (render_amid_percussion(0, index, 3.0), render_amid_percussion(0, index, 3.0, False))
        for index in range(12)
    ]
    more = 0
    for snare, other in pairs:
        np.testing.assert_array_equal(snare.audio, other.audio)
        assert set(other.times) <= set(snare.times)
        assert (
            np.bincount(snare.channels, minlength=3) >= np.bincount(other.channels, minlength=3)
        ).all()
        more += len(snare.times) - len(other.times)
    assert more > 0


def test_one_hand_plays_rim_and_snare():
    hits = [
        Hit(1.0, "snare", 0.5),
        Hit(1.04, "rim", 0.5),
        Hit(1.06, "rim", 0.5),
        Hit(1.0, "kick", 0.5),
    ]
    assert rims_apart(hits) == [hits[0], hits[2], hits[3]]
    assert rims_apart(hits[1:]) == hits[1:]

"""Quantiles of F1 over regions of the softness-noise plane, as Markdown."""

import sys

import pandas as pd

runs = pd.read_csv(sys.argv[1])
softness, noise, f1 = runs["loss.softness"], runs["task.noise"], runs["metric.f1"]
regions = {
    "softness < σ": softness < noise,
    "σ ≤ softness < σ + 20 ms": (softness >= noise) & (softness < noise + 0.02),
    "softness ≥ σ + 20 ms": softness >= noise + 0.02,
    "… of these, σ < 33 ms": (softness >= noise + 0.02) & (noise < 0.033),
    "… 33 ms ≤ σ < 67 ms": (softness >= noise + 0.02) & (noise >= 0.033) & (noise < 0.067),
    "… σ ≥ 67 ms": (softness >= noise + 0.02) & (noise >= 0.067),
}
print("| region | runs | 5 % | median | 95 % |\n|---|---|---|---|---|")
for name, chosen in regions.items():
    low, middle, high = f1[chosen].quantile([0.05, 0.5, 0.95])
    print(f"| {name} | {chosen.sum()} | {low:.3f} | {middle:.3f} | {high:.3f} |")

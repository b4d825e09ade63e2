"""Writes fixture.json.gz: one record of PhysioNet 2012 as CSDI reads it, and what the released network says of it.

Run: python fixture.py RECORDS.tar.gz NORMALISATION.json FORWARD.json.gz
with records of set A (one file each, `Time,Parameter,Value`), the attributes' order, means and deviations, and
a forward pass of the peer network in float64 (record, step, pred_noise).
"""
import gzip
import json
import math
import sys
import tarfile

tar, norm, forward = sys.argv[1:]
norm, forward = json.load(open(norm)), json.load(gzip.open(forward))
K, L = 35, 48
with tarfile.open(tar) as t:
    name = next(n for n in t.getnames() if forward["record"] in n)
    lines = t.extractfile(name).read().decode().splitlines()[1:]
x, seen = [0.0] * (K * L), [0] * (K * L)
for line in lines:
    time, attribute, value = line.split(",")
    if attribute not in norm["attributes"]:
        continue
    hour, k = int(time.split(":")[0]), norm["attributes"].index(attribute)
    if hour < L:
        x[k * L + hour] = (float(value) - norm["mean"][k]) / norm["std"][k]
        seen[k * L + hour] = 1
cond, number = list(seen), 0
for i, s in enumerate(seen):
    if s:
        if number % 10 == 3:
            cond[i] = 0
        number += 1
assert number == forward["n_observed"] and sum(seen) - sum(cond) == forward["n_hidden"], (number, sum(seen) - sum(cond))
betas = [(math.sqrt(1e-4) + i / 49 * (math.sqrt(0.5) - math.sqrt(1e-4))) ** 2 for i in range(50)]
bar = 1.0
for b in betas[: forward["step"] + 1]:
    bar *= 1 - b
noisy = [math.sqrt(bar) * v + math.sqrt(1 - bar) * math.sqrt(2) * math.sin(1 + 0.7 * i) for i, v in enumerate(x)]
out = {"record": forward["record"], "step": forward["step"], "x": x, "mask": cond, "noisy": noisy, "out": forward["pred_noise"]}
with gzip.GzipFile("fixture.json.gz", "w", mtime=0) as f:
    f.write(json.dumps(out, separators=(",", ":")).encode())

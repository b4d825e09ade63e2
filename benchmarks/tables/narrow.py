"""Writes N made-up rows of three columns, an amount, a kind and a count, whose law this script is, in constant memory.
python narrow.py 10000000 > narrow.csv, with numpy."""
import sys
import numpy as np

n = int(sys.argv[1])
rng = np.random.default_rng(3)
kinds = np.array(["shop", "web", "phone", "post", "fair"])
print("amount,kind,items")
for at in range(0, n, 1 << 18):
    m = min(1 << 18, n - at)
    kind = rng.choice(5, m, p=[.4, .3, .15, .1, .05])
    items = 1 + rng.poisson(.5 + kind)
    amount = np.round(np.exp(2 + .3 * kind + .4 * rng.normal(size=m)) * items, 2)
    sys.stdout.write("".join(["%.2f,%s,%d\n" % row for row in zip(amount.tolist(), kinds[kind].tolist(), items.tolist())]))

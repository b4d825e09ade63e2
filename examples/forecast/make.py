"""Makes rps.json, sales.csv and plan.csv: python make.py, which needs nothing but Python."""
import datetime
import json
import math
import random

random.seed(4)
start, step, n = 1767225600, 1800, 48 * 14  # two weeks of half hours from 2026-01-01


def answer(lo, hi):
    result = []
    for service, size in [("api", 120.0), ("search", 40.0)]:
        values = []
        for k in range(lo, hi):
            if 300 <= k < 306:
                continue
            day = 2 * math.pi * k / 48
            v = size * (1.4 + math.sin(day - 2) + 0.3 * math.sin(2 * day)) * (0.6 if (k // 48) % 7 in (2, 3) else 1)
            v = "NaN" if k == 150 else "%.3f" % (v * (1 + 0.06 * random.gauss(0, 1)))
            values.append([start + step * k, v])
        result.append({"metric": {"service": service}, "values": values})
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


with open("rps.json", "w") as f:
    for lo, hi in [(0, n // 2), (n // 2, n)]:
        f.write(json.dumps(answer(lo, hi)) + "\n")

first = datetime.date(2025, 6, 1)
with open("sales.csv", "w") as f, open("plan.csv", "w") as g:
    f.write("shop,date,sales,promotion,visitors\n")
    g.write("shop,date,promotion\n")
    for shop, size in [("north", 200), ("south", 90), ("west", 40)]:
        promotion = 0
        for k in range(300 + 14):
            day = first + datetime.timedelta(k)
            if k % 7 == 0:
                promotion = int(random.random() < 0.25)
            if k >= 300:
                g.write(f"{shop},{day},{promotion}\n")
                continue
            visitors = size * (3 + math.sin(2 * math.pi * k / 7) + 0.2 * random.gauss(0, 1)) * (1.3 if promotion else 1)
            sales = "" if (shop, k) == ("south", 120) else round(visitors * (0.5 if promotion else 0.35))
            f.write(f"{shop},{day},{sales},{promotion},{round(visitors)}\n")

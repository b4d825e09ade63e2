"""Forecasts of statsforecast (Nixtla) as `ito forecast backtest --models peer.csv` reads them.

    python statsforecast_peer.py Hourly-train.csv --series 60 --horizon 48 --season 24 --out FOLDER
    ito forecast backtest Hourly-train.csv --append Hourly-test.csv --freq 1h --horizon 48 --windows 1 \\
        --models baselines,FOLDER/AutoETS.csv,FOLDER/MSTL.csv,…

reads M4's ragged rows (a name, then values), fits each model to each series by itself, one process, and writes a file a model, with
the processor time of the fits on the last line of the output. Quantiles are those of the models' own intervals. Times begin at
1970-01-01, as ito takes M4's rows, which have none. Made for statsforecast 2.1.1.
"""
import argparse
import csv
import datetime
import os
import time

import numpy as np
from statsforecast.models import MSTL, AutoARIMA, AutoETS, AutoTheta

a = argparse.ArgumentParser()
a.add_argument("data")
a.add_argument("--series", type=int, default=0)
a.add_argument("--horizon", type=int, default=48)
a.add_argument("--season", type=int, default=24)
a.add_argument("--models", default="AutoETS,MSTL,AutoTheta")
a.add_argument("--out", default=".")
a = a.parse_args()

with open(a.data) as f:
    rows = list(csv.reader(f))[1:]
if a.series:
    rows = rows[:a.series]
series = [(r[0], np.array([float(v) for v in r[1:] if v != ""])) for r in rows]
levels = sorted({.025, .975} | {round(k / 20, 2) for k in range(1, 20)})
sides = sorted({round(100 * abs(1 - 2 * q), 6) for q in levels if q != .5})
make = {
    "AutoETS": lambda: AutoETS(season_length=a.season),
    "AutoARIMA": lambda: AutoARIMA(season_length=a.season),
    "AutoTheta": lambda: AutoTheta(season_length=a.season),
    "MSTL": lambda: MSTL(season_length=[a.season, 7 * a.season], trend_forecaster=AutoETS(model="ZZN")),
}


def column(out, q):
    """The key of a quantile among those of intervals: lo-90, hi-90.0, …"""
    if q == .5:
        return "mean"
    side, level = ("lo" if q < .5 else "hi"), round(100 * abs(1 - 2 * q), 6)
    return next(k for k in (f"{side}-{level}", f"{side}-{level:g}") if k in out)


for name in a.models.split(","):
    began = time.process_time()
    with open(os.path.join(a.out, name + ".csv"), "w") as f:
        f.write("series,time,mean," + ",".join(f"q{q:g}" for q in levels) + "\n")
        for id, y in series:
            out = make[name]().forecast(y=y, h=a.horizon, level=sides)
            for h in range(a.horizon):
                t = datetime.datetime(1970, 1, 1) + datetime.timedelta(hours=len(y) + h)
                q = [float(out[column(out, p)][h]) for p in levels]
                numbers = [float(out["mean"][h]), *np.maximum.accumulate(q)]
                f.write(f"{id},{t.isoformat()}Z," + ",".join(repr(float(v)) for v in numbers) + "\n")
    print(f"{name}: {len(series)} series, {time.process_time() - began:.1f} s of processor time", flush=True)

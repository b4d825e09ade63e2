"""Makes stl.json: what statsmodels' STL and statsforecast's MSTL say of the series of reference.json and of hours with two seasons.

pip install statsmodels statsforecast; python make_stl.py > stl.json
"""
import json

import numpy as np
import statsforecast
import statsmodels
from statsforecast.models import MSTL, AutoETS
from statsforecast.mstl import mstl
from statsmodels.tsa.seasonal import STL

with open("reference.json") as f:
    ref = json.load(f)
out = {"statsmodels": statsmodels.__version__, "statsforecast": statsforecast.__version__, "stl": [], "mstl": []}
for s in ref["series"]:
    y = np.array(s["y"])
    for window, degree in [(11, 0), (7, 1)]:
        r = STL(y, period=s["m"], seasonal=window, seasonal_deg=degree).fit()
        out["stl"].append({"name": s["name"], "period": s["m"], "window": window, "degree": degree,
                           "season": r.seasonal.tolist(), "trend": r.trend.tolist()})
rng = np.random.default_rng(5)
t = np.arange(24 * 24)
y = 50 + 5 * np.sin(2 * np.pi * t / 24) + 3 * np.cos(2 * np.pi * t / 168) + np.cumsum(rng.standard_normal(len(t))) * .1 + rng.standard_normal(len(t))
r = mstl(y, [24, 168])
f = MSTL(season_length=[24, 168], trend_forecaster=AutoETS(model="ANN")).forecast(y=y, h=200)
out["mstl"].append({"y": y.tolist(), "periods": [24, 168], "seasons": [r["seasonal24"].tolist(), r["seasonal168"].tolist()],
                    "trend": r["trend"].tolist(), "mean": np.asarray(f["mean"]).tolist()})
print(json.dumps(out))

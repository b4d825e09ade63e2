"""Makes evaluator.json: forecasts of five series and what gluonts' Evaluator says of them.

pip install gluonts; python make_evaluator.py > evaluator.json
"""
import json
import numpy as np
import pandas as pd
import gluonts
from gluonts.evaluation import Evaluator
from gluonts.model.forecast import SampleForecast

rng = np.random.default_rng(7)
H, S = 8, 41
series, forecasts, out = [], [], []
for i in range(5):
    T = 60 + 17 * i
    t = np.arange(T + H)
    y = (10 ** (i / 2)) * (5 + np.sin(2 * np.pi * t / 24) + 0.3 * rng.standard_normal(T + H)) - (i == 3) * 20
    if i == 1:
        y[T + 2] = np.nan
        y[T + 5] = np.nan
    start = pd.Period("2024-01-05 03:00", freq="h")
    index = pd.period_range(start, periods=T + H, freq="h")
    samples = y[T - 24:T - 24 + H] + (10 ** (i / 2)) * 0.4 * rng.standard_normal((S, H))
    series.append(pd.Series(y, index=index))
    forecasts.append(SampleForecast(samples=samples, start_date=index[T], item_id=str(i)))
    out.append({"past": y[:T].tolist(), "truth": [None if v != v else v for v in y[T:]],
                "paths": samples.tolist()})
want = {}
for name, q in [("nine", [k / 10 for k in range(1, 10)]), ("nineteen", [k / 20 for k in range(1, 20)])]:
    agg, _ = Evaluator(quantiles=q, num_workers=0)(series, forecasts)
    want[name] = {k: float(v) for k, v in agg.items() if np.isfinite(v)}
print(json.dumps({"gluonts": gluonts.__version__, "items": out, "want": want}))

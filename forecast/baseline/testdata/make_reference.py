"""Makes reference.json: what statsmodels and statsforecast say of the airline passengers and of a series of hours.

pip install statsmodels statsforecast; python make_reference.py > reference.json
The passengers are series G of Box and Jenkins (1976), as statsforecast carries them.
"""
import json
import warnings
import numpy as np
import pandas as pd
import statsmodels
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.stattools import kpss
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsforecast.utils import AirPassengers
from statsforecast.models import ARIMA, Naive, RandomWalkWithDrift, SeasonalNaive
import statsforecast

warnings.simplefilter("ignore")
air = np.asarray(AirPassengers, dtype=float)
rng = np.random.default_rng(3)
t = np.arange(24 * 9)
hours = 20 + 0.02 * t + 4 * np.sin(2 * np.pi * t / 24) + np.convolve(rng.standard_normal(len(t) + 5), np.ones(6) / 2, "valid")
out = {"statsmodels": statsmodels.__version__, "statsforecast": statsforecast.__version__, "series": []}
for name, y, m in [("log passengers", np.log(air), 12), ("hours", hours, 24)]:
    one = {"name": name, "m": m, "y": y.tolist(), "ets": [], "arima": []}
    s = pd.Series(y, index=pd.period_range("1990-01", periods=len(y), freq="M"))
    for form, trend, damped, season in [("ANN", None, False, None), ("AAN", "add", False, None), ("AAdN", "add", True, None),
                                        ("ANA", None, False, "add"), ("AAA", "add", False, "add"), ("AAdA", "add", True, "add")]:
        r = ETSModel(s, error="add", trend=trend, damped_trend=damped, seasonal=season,
                     seasonal_periods=m if season else None).fit(maxiter=2000, disp=False)
        p = dict(zip(r.param_names, np.asarray(r.params)))
        f = r.get_prediction(start=len(y), end=len(y) + 2 * m - 1).summary_frame(alpha=0.1)
        one["ets"].append({"form": form, "params": {k: float(v) for k, v in p.items()}, "llf": float(r.llf),
                           "sse": float(r.sse), "mean": f["mean"].tolist(), "low": f["pi_lower"].tolist(),
                           "high": f["pi_upper"].tolist(), "sigma2": float(r.sse / r.nobs)})
    th = ThetaModel(pd.Series(np.exp(y) if m == 12 else y, index=s.index), period=m, deseasonalize=True,
                    method="multiplicative").fit()
    one["theta"] = {"b0": float(th.params["b0"]), "alpha": float(th.params["alpha"])}
    for order, seasonal in [((1, 1, 1), (0, 0, 0)), ((2, 0, 1), (0, 0, 0)), ((0, 1, 1), (0, 1, 1)), ((1, 0, 0), (1, 1, 0))]:
        a = ARIMA(order=order, seasonal_order=seasonal, season_length=m, method="CSS", include_mean=order[1] == 0 and seasonal[1] == 0).fit(y)
        # forecasts of the same parameters by an exact filter (statsforecast's are 0 after CSS)
        c = a.model_["coef"]
        names = ["ar%d" % (k + 1) for k in range(order[0])] + ["ma%d" % (k + 1) for k in range(order[2])]
        names += ["sar%d" % (k + 1) for k in range(seasonal[0])] + ["sma%d" % (k + 1) for k in range(seasonal[2])]
        mu = c.get("intercept", 0.0)
        k = SARIMAX(y - mu, order=order, seasonal_order=tuple(seasonal) + (m,)).smooth([c[n] for n in names] + [1.0])
        k = k.get_forecast(m)
        one["arima"].append({"order": list(order), "seasonal": list(seasonal), "sigma2": float(a.model_["sigma2"]),
                             "coef": {k: float(v) for k, v in a.model_["coef"].items()},
                             "mean": (np.asarray(k.predicted_mean) + mu).tolist(),
                             "sd": np.asarray(k.se_mean).tolist()})
    for key, model in [("naive", Naive()), ("drift", RandomWalkWithDrift()), ("seasonal_naive", SeasonalNaive(m))]:
        f = model.fit(y).predict(h=2 * m, level=[90])
        one[key] = {"mean": f["mean"].tolist(), "low": f["lo-90"].tolist(), "high": f["hi-90"].tolist()}
    one["kpss"] = float(kpss(y, regression="c", nlags=int(3 * np.sqrt(len(y)) / 13))[0])
    out["series"].append(one)
print(json.dumps(out))

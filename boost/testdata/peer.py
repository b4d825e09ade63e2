"""Writes abalone.csv and titanic.csv as numbers, and lightgbm.json: the scores of LightGBM at its defaults on every
fifth row after learning the others. Usage: peer.py FOLDER, which holds the public abalone.csv (UCI, CC BY 4.0) and
titanic.csv (passengers of 1912). Made with lightgbm 4.7.0, scikit-learn 1.9.1, one thread."""
import json, os, sys
import lightgbm, numpy as np, pandas as pd
from sklearn.metrics import accuracy_score, log_loss, r2_score, roc_auc_score

here = os.path.dirname(os.path.abspath(__file__))
out = {}


def codes(s):
    return s.astype("category").cat.codes.replace(-1, np.nan)


def run(name, table, target, cats, classes):
    y = table[target]
    x = table.drop(columns=[target])
    test = np.arange(len(y)) % 5 == 0
    for c in cats:
        if c != target:
            x[c] = x[c].astype("category")
    make = lightgbm.LGBMRegressor if classes == 0 else lightgbm.LGBMClassifier
    m = make(n_jobs=1, verbose=-1, deterministic=True).fit(x[~test], y[~test])
    if classes == 0:
        r = {"r2": r2_score(y[test], m.predict(x[test]))}
    else:
        p = m.predict_proba(x[test])
        r = {"accuracy": accuracy_score(y[test], p.argmax(1)), "log_loss": log_loss(y[test], p)}
        if classes == 2:
            r["auc"] = roc_auc_score(y[test], p[:, 1])
    out[name] = r


a = pd.read_csv(sys.argv[1] + "/abalone.csv")
a["Sex"] = codes(a["Sex"])
a.to_csv(here + "/abalone.csv", index=False, float_format="%g")
t = pd.read_csv(sys.argv[1] + "/titanic.csv")
t = t[["Survived", "Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Embarked"]].copy()
t["Sex"], t["Embarked"] = codes(t["Sex"]), codes(t["Embarked"])
t.to_csv(here + "/titanic.csv", index=False, float_format="%g")
a, t = pd.read_csv(here + "/abalone.csv"), pd.read_csv(here + "/titanic.csv")
run("rings", a, "Rings", ["Sex"], 0)
run("sex", a, "Sex", ["Sex"], 3)
run("survived", t, "Survived", ["Sex", "Embarked", "Pclass"], 2)
run("fare", t, "Fare", ["Sex", "Embarked", "Pclass", "Survived"], 0)
with open(here + "/lightgbm.json", "w") as f:
    json.dump(out, f, indent=1)
    f.write("\n")

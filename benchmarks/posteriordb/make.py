"""Makes reference.json from a checkout of posteriordb: python3 make.py CHECKOUT

For every posterior with reference draws: its model, its data, and the mean, sd and Monte Carlo standard error (sd over
the root of the bulk effective sample size that posteriordb states) of every column.
"""
import json, sys, zipfile
from pathlib import Path

root = Path(sys.argv[1]) / "posterior_database"
out = {}
for info in sorted((root / "reference_posteriors/draws/info").glob("*.info.json")):
    name = info.name.removesuffix(".info.json")
    about = json.loads((root / f"posteriors/{name}.json").read_text())
    entry = {"model": about["model_name"], "data": about["data_name"], "columns": {}}
    out[name] = entry
    draws = root / f"reference_posteriors/draws/draws/{name}.json.zip"
    if not draws.exists():
        entry["missing"] = "its draws are not in the copy of posteriordb that this was made from"
        continue
    with zipfile.ZipFile(draws) as z:
        chains = json.loads(z.read(z.namelist()[0]))
    d = json.loads(info.read_text())["diagnostics"]
    ess = dict(zip(d["diagnostic_information"]["names"], d["effective_sample_size_bulk"]))
    for column in chains[0]:
        x = [v for c in chains for v in c[column]]
        m = sum(x) / len(x)
        sd = (sum((v - m) ** 2 for v in x) / (len(x) - 1)) ** 0.5
        n = ess.get(column) or len(x)
        entry["columns"][column] = [float(f"{v:.8g}") for v in (m, sd, sd / n ** 0.5)]
(Path(__file__).parent / "reference.json").write_text(json.dumps(out, indent=0) + "\n")

"""Compares ito infer with the reference draws of posteriordb: python3 run.py [--ito ito] [--only NAME,…] [--seed 0] [--out results.json]

Every posterior of reference.json is sampled with ito's defaults, and the mean of every column that both have is compared
with the reference: z is the difference in units of both Monte Carlo standard errors, √(mcse² + mcse²). A posterior is
done once: what is in the results is not run again, so that the same command goes on after an interruption. --only takes
names, joined by commas. The table goes to standard output.
"""
import argparse, json, math, resource, subprocess, sys, tempfile
from pathlib import Path

here = Path(__file__).parent


def run(args, name, about):
    with tempfile.TemporaryDirectory() as tmp:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        p = subprocess.run([args.ito, "infer", str(here / f"models/{about['model']}.star"), "--data",
                            str(here / f"data/{about['data']}.json.gz"), "--seed", str(args.seed), "--out",
                            f"{tmp}/d.csv", "--json"], capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if p.returncode not in (0, 3):
            return {"failed": (p.stderr.strip() or p.stdout.strip()).splitlines()[-1]}
        report = json.loads(p.stdout)
        d = subprocess.run([args.ito, "diagnose", *map(str, sorted(Path(tmp).glob("d_*.csv"))), "--json"],
                           capture_output=True, text=True)
        diagnosis = json.loads(d.stdout)
    ours = {q["name"]: q for q in diagnosis["parameters"]}
    r = {"method": diagnosis["method"], "seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
         "columns": 0, "absent": [], "warnings": report.get("warnings") or [], "z": {}}
    rhat, ess = 0, math.inf
    for column, (mean, sd, mcse) in about["columns"].items():
        q = ours.get(column)
        if q is None:
            r["absent"].append(column)
            continue
        r["columns"] += 1
        r["z"][column] = (q["mean"] - mean) / math.hypot(q["mcse"], mcse)
        rhat, ess = max(rhat, q["rhat"]), min(ess, q["ess_bulk"])
    worst = max(r["z"], key=lambda c: abs(r["z"][c]))
    r.update(worst=worst, worst_z=r["z"][worst], rhat=rhat, ess=ess)
    return r


def main():
    a = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a.add_argument("--ito", default="ito")
    a.add_argument("--only", default="")
    a.add_argument("--seed", type=int, default=0)
    a.add_argument("--out", default="results.json")
    args = a.parse_args()
    reference = json.loads((here / "reference.json").read_text())
    out = Path(args.out)
    results = json.loads(out.read_text()) if out.exists() else {}
    for name, about in reference.items():
        if about.get("missing") or args.only and name not in args.only.split(",") or name in results:
            continue
        print(name, file=sys.stderr, flush=True)
        results[name] = run(args, name, about)
        tmp = out.with_suffix(".part")
        tmp.write_text(json.dumps(results, indent=0) + "\n")
        tmp.replace(out)
    print("| posterior | columns | greatest z | of | R̂ | least ESS | s | |\n|---|---|---|---|---|---|---|---|")
    good = 0
    for name, about in reference.items():
        r = results.get(name)
        if about.get("missing"):
            print(f"| {name} | | | | | | | not run: {about['missing']} |")
        elif r and "failed" in r:
            print(f"| {name} | | | | | | | **failed**: {r['failed']} |")
        elif r:
            ok = abs(r["worst_z"]) <= 4
            good += ok
            note = "" if ok else "**miss**"
            if r["absent"]:
                note += f" {len(r['absent'])} columns are not of the model"
            print(f"| {name} | {r['columns']} | {abs(r['worst_z']):.2f} | {r['worst']} | {r['rhat']:.3f} | "
                  f"{r['ess']:.0f} | {r['seconds']:.1f} | {note.strip()} |")
    print(f"\n{good} of {len(reference)} within 4 standard errors in every column.")


main()

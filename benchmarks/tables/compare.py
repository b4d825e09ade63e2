"""ito beside other generators of tables, on the same splits and the same cores.

    python -m venv venv && venv/bin/pip install -r benchmarks/tables/requirements.txt
    go build ./cmd/ito && venv/bin/python benchmarks/tables/compare.py data.csv:COLUMN --ito ./ito --seeds 1,2,3

Every seed is another split, a fifth held out. Each generator learns the other rows and draws as many, in a process of its own with
--threads threads; its seconds are those of the processor, learning and drawing together. The judges see the held-out rows only:

    score      R² of numbers, AUC of two levels, else mean F1, on held-out rows, of a gradient-boosted model (CatBoost, or LightGBM
               by --judge) that learnt the samples; "of real" is over that of one that learnt the real rows
    C2ST       AUC of trees (LightGBM) and of logistic regression between samples and held-out rows; ½ is a guess
    columns    mean of 1 − KS of numbers and 1 − TV of levels;  pairs  mean of 1 − |ρ − ρ'|/2 of numbers, 1 − TV of others (in tenths)

A cell, one generator on one split of one table, is a file in --cells that is there whole or not at all: the same command after a kill,
or with --stop-after 3600 on a machine that is quiet at night, goes on where it was, and --print shows what is there. Figures that were
measured while the machine did other work are marked "loaded": scores are the same, seconds are not.

Identifiers, free text and empty columns are left out for everybody: data.csv:COLUMN:DROP+DROP. --peers names who plays: real, smote,
ito, copula, ctgan, tvae (SDV) and tabddpm (synthcity). A peer that is not installed is named and skipped; nothing else is. --steps
overrides ito's own.
"""
import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
PEERS = ["real", "smote", "ito", "copula", "ctgan", "tvae", "tabddpm"]


def read(path, drop=()):
    t = pd.read_csv(path)
    return t.drop(columns=[c for c in drop if c in t])


def worded(column):
    """Levels as words, with one for missing cells, which pandas 3 would leave out of them."""
    return column.astype(object).where(column.notna(), "nan").astype(str)


def levels(t):
    return [c for c in t if not pd.api.types.is_numeric_dtype(t[c]) or t[c].nunique() <= 2]


# ---- generators: each takes the rows to learn and a seed, and returns as many -----------------------------------------------


def real(rows, seed, args):
    return rows.copy()


def smote(rows, seed, args):
    """Between a row and one of its five neighbours; levels and gaps from either."""
    from sklearn.neighbors import NearestNeighbors
    rng = np.random.default_rng(seed)
    words = levels(rows)
    numbers = [c for c in rows if c not in words]
    x = rows[numbers].fillna(rows[numbers].median())
    z = np.hstack([((x - x.mean()) / (x.std() + 1e-12)).to_numpy(),
                   pd.get_dummies(rows[words].apply(worded)).to_numpy(float) / np.sqrt(2)])
    near = NearestNeighbors(n_neighbors=6).fit(z).kneighbors(z)[1][:, 1:]
    a = rng.integers(len(rows), size=len(rows))
    b = near[a, rng.integers(5, size=len(rows))]
    u = rng.random(len(rows))
    out = {}
    for c in rows:
        left, right = rows[c].to_numpy()[a], rows[c].to_numpy()[b]
        out[c] = left + u * (right - left) if c in numbers else np.where(u < .5, left, right)
    return pd.DataFrame(out)[list(rows)]


def ito(rows, seed, args):
    with tempfile.TemporaryDirectory() as d:
        data, model, out = (os.path.join(d, f) for f in ("data.csv", "m.safetensors", "out.csv"))
        rows.to_csv(data, index=False)
        steps = ["--steps", str(args.steps)] if args.steps else []
        for command in (["train", data, "--out", model, "--seed", str(seed), "--workers", str(args.threads)] + steps,
                        ["sample", model, "-n", str(len(rows)), "--seed", str(seed), "--out", out, "--workers", str(args.threads)]):
            done = subprocess.run([args.ito] + command, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(done.stderr.strip().splitlines()[-1])
        return pd.read_csv(out)


def of_sdv(name):
    def draw(rows, seed, args):
        import sdv
        import sdv.single_table as s
        import torch
        from sdv.metadata import Metadata
        np.random.seed(seed)
        torch.manual_seed(seed)
        torch.set_num_threads(args.threads)
        about = Metadata()
        about.add_table("rows")
        for c in rows:
            about.add_column(c, table_name="rows", sdtype="categorical" if c in levels(rows) else "numerical")
        more = {} if name == "GaussianCopulaSynthesizer" else {"enable_gpu": False}
        model = getattr(s, name)(about, **more)
        two = int(sdv.__version__.split(".")[0]) >= 2  # whose tables have names
        model.fit({"rows": rows} if two else rows)
        drawn = model.sample(len(rows))
        return drawn["rows"] if isinstance(drawn, dict) else drawn
    return draw


def tabddpm(rows, seed, args):
    import torch
    from synthcity.plugins import Plugins
    from synthcity.plugins.core.dataloader import GenericDataLoader
    torch.set_num_threads(args.threads)
    filled = rows.copy()  # its plug-in takes no gaps
    for c in filled:
        if filled[c].isna().any():
            filled[c] = filled[c].fillna("missing" if c in levels(rows) else filled[c].median())
    kind = filled[args.target].nunique() <= 20
    model = Plugins().get("ddpm", is_classification=kind, random_state=seed, device="cpu")
    model.fit(GenericDataLoader(filled, target_column=args.target))
    return model.generate(count=len(rows)).dataframe()


GENERATORS = {"real": real, "smote": smote, "ito": ito, "copula": of_sdv("GaussianCopulaSynthesizer"),
              "ctgan": of_sdv("CTGANSynthesizer"), "tvae": of_sdv("TVAESynthesizer"), "tabddpm": tabddpm}


def generate(args):
    """One generator in a process of its own: rows from a file to a file, and its processor seconds on standard output."""
    rows = read(args.data[0])
    began = time.time()
    GENERATORS[args.generate](rows, args.seed, args).to_csv(args.out, index=False)
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({"cpu": sum(u.ru_utime + u.ru_stime for u in used), "wall": time.time() - began}))


# ---- judges ------------------------------------------------------------------------------------------------------------


def coded(*tables):
    """The tables as numbers and pandas' categories, with one set of levels."""
    both = pd.concat(tables, ignore_index=True)
    words = [c for c in both if not pd.api.types.is_numeric_dtype(both[c])]
    for c in words:
        both[c] = worded(both[c]).astype("category")
    at, out = 0, []
    for t in tables:
        out.append(both.iloc[at:at + len(t)])
        at += len(t)
    return out, words


def efficiency(rows, held, target, judge, threads):
    from sklearn.metrics import f1_score, r2_score, roc_auc_score
    rows = rows[rows[target].notna()]
    held = held[held[target].notna()]
    number = pd.api.types.is_numeric_dtype(held[target]) and held[target].nunique() > 20
    (x, y), words = coded(rows.drop(columns=target), held.drop(columns=target))
    own = {"random_state" if judge == "lightgbm" else "random_seed": 0}
    if judge == "catboost":
        import catboost as lib
        make = {True: lib.CatBoostRegressor, False: lib.CatBoostClassifier}[number]
        x, y = x.copy(), y.copy()
        for c in words:
            x[c], y[c] = x[c].astype(str), y[c].astype(str)
        model = make(iterations=500, verbose=False, thread_count=threads, cat_features=words, allow_writing_files=False, **own)
    else:
        import lightgbm as lib
        make = {True: lib.LGBMRegressor, False: lib.LGBMClassifier}[number]
        model = make(n_estimators=200, learning_rate=.05, num_leaves=15, verbose=-1, n_jobs=threads, **own)
    if number:
        return r2_score(held[target], model.fit(x, rows[target]).predict(y))
    want, got = held[target].astype(str), rows[target].astype(str)
    if got.nunique() < 2:
        return .5
    model.fit(x, got)
    if want.nunique() == 2:
        return roc_auc_score(want == sorted(want.unique())[1], model.predict_proba(y)[:, list(model.classes_).index(
            sorted(want.unique())[1])])
    return f1_score(want, np.ravel(model.predict(y)), average="macro")


def told(rows, held, trees, threads):
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold
    import lightgbm
    n = min(len(rows), len(held))
    (a, b), words = coded(rows.sample(n, random_state=0), held.sample(n, random_state=0))
    x, y = pd.concat([a, b], ignore_index=True), np.repeat([0, 1], n)
    if not trees:
        for c in list(x):
            if c not in words and x[c].isna().any():
                x[c + "?"] = x[c].isna()
                x[c] = x[c].fillna(x[c].median())
        x = pd.get_dummies(x).astype(float)
        x = ((x - x.mean()) / (x.std() + 1e-12)).to_numpy()
    score = np.zeros(2 * n)
    for i, j in StratifiedKFold(3, shuffle=True, random_state=0).split(y, y):
        m = lightgbm.LGBMClassifier(n_estimators=100, num_leaves=15, verbose=-1, n_jobs=threads) if trees else \
            LogisticRegression(max_iter=500)
        part = (lambda k: x.iloc[k]) if trees else (lambda k: x[k])
        score[j] = m.fit(part(i), y[i]).predict_proba(part(j))[:, 1]
    return roc_auc_score(y, score)


def tenths(t, like, words):
    out = {}
    for c in like:
        if c in words:
            out[c] = worded(t[c])
        else:
            edges = np.linspace(like[c].min(), like[c].max(), 11)[1:-1]
            out[c] = pd.Series(np.digitize(t[c].fillna(like[c].min()), edges)).astype(str).where(t[c].notna().to_numpy(), "nan")
    return pd.DataFrame({k: np.asarray(v) for k, v in out.items()})


def alike(rows, held):
    from scipy.stats import ks_2samp
    words = levels(held)

    def tv(a, b):
        p, q = a.value_counts(normalize=True), b.value_counts(normalize=True)
        return .5 * p.subtract(q, fill_value=0).abs().sum()

    columns = [1 - (tv(worded(rows[c]), worded(held[c])) if c in words else
                    ks_2samp(rows[c].dropna(), held[c].dropna()).statistic) for c in held]
    a, b, pairs = tenths(rows, held, words), tenths(held, held, words), []
    names = list(held)
    for i, p in enumerate(names):
        for q in names[i + 1:]:
            if p not in words and q not in words:
                pairs.append(1 - abs(np.nan_to_num(rows[p].corr(rows[q])) - np.nan_to_num(held[p].corr(held[q]))) / 2)
            else:
                pairs.append(1 - tv(a[p] + "|" + a[q], b[p] + "|" + b[q]))
    return np.mean(columns), np.mean(pairs)


FIGURES = ["score", "C2ST trees", "C2ST logistic", "columns", "pairs", "cpu s"]


def judge(rows, held, args):
    for c in held:  # a number that was written with words is none
        if pd.api.types.is_numeric_dtype(held[c]) and not pd.api.types.is_numeric_dtype(rows[c]):
            rows[c] = pd.to_numeric(rows[c], errors="coerce")
    return [efficiency(rows, held, args.target, args.judge, args.threads), told(rows, held, True, args.threads),
            told(rows, held, False, args.threads), *alike(rows, held)]


# ---- cells: one file for each (table, split, generator), whole or not there -----------------------------------------------------


class Table:
    """FILE:TARGET:DROP+DROP of the command line."""

    def __init__(self, word, target, drop):
        parts = word.split(":")
        self.path, self.target = parts[0], parts[1] if len(parts) > 1 else target
        self.drop = [c for c in (parts[2].split("+") if len(parts) > 2 else drop.split(",")) if c]
        if not self.target:
            sys.exit(f"{self.path}: no target; give FILE:COLUMN or --target")
        self.name = os.path.splitext(os.path.basename(self.path))[0]

    def rows(self):
        whole = read(self.path, self.drop)
        if self.target not in whole:
            sys.exit(f"{self.path} has no column {self.target}, but {', '.join(whole)}")
        return whole

    def digest(self):
        with open(self.path, "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()


def place(args, table, seed, peer):
    own = f"_{args.steps}steps" if peer == "ito" and args.steps else ""
    return os.path.join(args.cells, f"{table.name}_{seed}_{peer}{own}_{args.judge}.json")


def cell(args, table, seed, peer):
    """The figures of a cell that is there, of the same data; None where it has still to be measured."""
    name = place(args, table, seed, peer)
    if not os.path.exists(name):
        return None
    with open(name) as f:
        found = json.load(f)
    now = {"data": table.digest(), "target": table.target, "drop": table.drop, "threads": args.threads}
    for k, v in now.items():
        if found[k] != v:
            sys.exit(f"{name}: {k} is {found[k]} there and {v} now; name another --cells, or take the file away")
    return found


def versions(peer, args):
    from importlib.metadata import version
    of = {"ito": [], "copula": ["sdv", "copulas"], "ctgan": ["sdv", "ctgan", "torch"], "tvae": ["sdv", "ctgan", "torch"],
          "tabddpm": ["synthcity", "torch"]}.get(peer, ["scikit-learn"])
    out = {p: version(p) for p in of + [args.judge]}
    if peer == "ito":
        out["ito"] = subprocess.run([args.ito, "--version"], capture_output=True, text=True).stdout.strip()
    return out


def measure(args, table, seed, peer, d):
    """One cell: a split, a generator in a process of its own, and the judges."""
    whole = table.rows()
    order = np.random.default_rng(seed).permutation(len(whole))
    cut = round(.2 * len(whole))
    held, rows = whole.iloc[order[:cut]].reset_index(drop=True), whole.iloc[order[cut:]].reset_index(drop=True)
    data, out = os.path.join(d, "rows.csv"), os.path.join(d, peer + ".csv")
    rows.to_csv(data, index=False)
    env = dict(os.environ, OMP_NUM_THREADS=str(args.threads), MKL_NUM_THREADS=str(args.threads), GOMAXPROCS=str(args.threads))
    before = os.getloadavg()[0]
    run = subprocess.run([sys.executable, __file__, data, "--generate", peer, "--out", out, "--seed", str(seed), "--target",
                          table.target, "--ito", args.ito, "--threads", str(args.threads), "--steps", str(args.steps)],
                         capture_output=True, text=True, env=env)
    if run.returncode:
        print(f"{table.name}, split {seed}, {peer}: did not run: {(run.stderr.strip().splitlines() or ['no word'])[-1]}", flush=True)
        return
    cost = json.loads(run.stdout.strip().splitlines()[-1])
    load = max(before, os.getloadavg()[0])
    args.target = table.target
    figures = dict(zip(FIGURES, judge(pd.read_csv(out), held, args) + [cost["cpu"]]))
    found = {"table": table.name, "data": table.digest(), "target": table.target, "drop": table.drop, "split": seed, "peer": peer,
             "threads": args.threads, "judge": args.judge, "rows": len(rows), "held": len(held), "figures": figures,
             "wall s": cost["wall"], "load": load, "loaded": load > .5 + args.threads, "versions": versions(peer, args)}
    os.makedirs(args.cells, exist_ok=True)
    name = place(args, table, seed, peer)
    with open(name + ".partial", "w") as f:
        json.dump(found, f, indent=1)
        f.write("\n")
    os.replace(name + ".partial", name)
    print(f"{table.name} split {seed} {peer:8s} " + "  ".join(f"{k} {v:.3f}" for k, v in figures.items()), flush=True)


NAMES = {"copula": "SDV GaussianCopula", "ctgan": "SDV CTGAN", "tvae": "SDV TVAE", "tabddpm": "synthcity TabDDPM", "smote": "SMOTE",
         "real": "real rows"}


def show(args, tables, seeds, peers):
    """The table of all cells that are there. "of real" is over the real rows' score of the same split."""
    for t in tables:
        real = {s: cell(args, t, s, "real") for s in seeds}
        print(f"\n{t.name}, target {t.target}, judge {args.judge}, {args.threads} thread(s); mean ± sd over splits\n")
        print("| | splits | score | of real | " + " | ".join(FIGURES[1:]) + " |\n|" + "---|" * (len(FIGURES) + 3))
        for p in peers:
            there = {s: c for s in seeds if (c := cell(args, t, s, p))}
            if not there:
                print(f"| {NAMES.get(p, p)} | 0 of {len(seeds)} |" + " |" * (len(FIGURES) + 1))
                continue

            def text(values):
                v = [x for x in values if x is not None]
                return "" if not v else f"{np.mean(v):.3f}" + (f" ± {np.std(v, ddof=1):.3f}" if len(v) > 1 else "")
            columns = {k: [c["figures"][k] for c in there.values()] for k in FIGURES}
            of = [c["figures"]["score"] / real[s]["figures"]["score"] if real[s] and real[s]["figures"]["score"] > 0 else None
                  for s, c in there.items()]
            mark = ", loaded" if any(c["loaded"] for c in there.values()) else ""
            print(f"| {NAMES.get(p, p)} | {len(there)} of {len(seeds)}{mark} | {text(columns['score'])} | {text(of)} | " +
                  " | ".join(text(columns[k]) for k in FIGURES[1:]) + " |")


def compare(args):
    seeds, peers = [int(s) for s in args.seeds.split(",")], args.peers.split(",")
    tables = [Table(w, args.target, args.drop) for w in args.data]
    began = time.time()
    if not args.print:
        with tempfile.TemporaryDirectory() as d:
            for seed in seeds:  # all tables and peers of a split before the next, so that what is there can be compared
                for t in tables:
                    for p in peers:
                        if args.stop_after and time.time() - began > args.stop_after:
                            print(f"no new cell after {args.stop_after} s; the same command goes on")
                            return show(args, tables, seeds, peers)
                        if cell(args, t, seed, p) is None:
                            measure(args, t, seed, p, d)
    show(args, tables, seeds, peers)


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data", nargs="+", help="FILE, FILE:TARGET or FILE:TARGET:DROP+DROP")
    p.add_argument("--target", default="")
    p.add_argument("--ito", default="./ito")
    p.add_argument("--seeds", default="1,2,3", help="splits")
    p.add_argument("--peers", default=",".join(PEERS))
    p.add_argument("--judge", choices=["catboost", "lightgbm"], default="catboost")
    p.add_argument("--drop", default="", help="columns to leave out for everybody")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--steps", type=int, default=0, help="ito's steps; 0: its own default")
    p.add_argument("--cells", default="cells", help="folder of the cells that are done")
    p.add_argument("--print", action="store_true", help="measure nothing; print what is there")
    p.add_argument("--stop-after", type=int, default=0, metavar="S", help="begin no new cell after so many seconds")
    p.add_argument("--generate", choices=PEERS, help=argparse.SUPPRESS)
    p.add_argument("--out", help=argparse.SUPPRESS)
    p.add_argument("--seed", type=int, default=1, help=argparse.SUPPRESS)
    a = p.parse_args()
    a.ito = os.path.abspath(a.ito)
    generate(a) if a.generate else compare(a)

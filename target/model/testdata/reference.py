"""Makes reference_draws.json here and reference.json beside the example models.

python3 reference.py POSTERIORDB/reference_draws EXAMPLES, with the *.draws.json.zip and *.info.json of posteriordb
at 28f8d3d6e975 in the first folder.
"""
import json, math, sys, zipfile

NAMES = [("eight_schools", "eight_schools-eight_schools_noncentered"), ("kidscore_momiq", "kidiq-kidscore_momiq"),
         ("low_dim_gauss_mix", "low_dim_gauss_mix-low_dim_gauss_mix"), ("arK", "arK-arK"), ("gp_regr", "gp_pois_regr-gp_regr")]
moments, thinned = {}, {}
for star, name in NAMES:
    info = json.load(open(f"{sys.argv[1]}/{name}.info.json"))["diagnostics"]
    ess = dict(zip(info["diagnostic_information"]["names"], info["effective_sample_size_bulk"]))
    z = zipfile.ZipFile(f"{sys.argv[1]}/{name}.draws.json.zip")
    chains = json.load(z.open(z.namelist()[0]))
    moments[star], thinned[star] = {}, {}
    for n in chains[0]:
        x = [v for c in chains for v in c[n]]
        m = sum(x) / len(x)
        s = math.sqrt(sum((v - m) ** 2 for v in x) / (len(x) - 1))
        column = n.replace("[", ".").replace("]", "")
        moments[star][column] = {"mean": float("%.8g" % m), "sd": float("%.6g" % s), "mcse": float("%.4g" % (s / math.sqrt(ess[n])))}
        thinned[star][column] = [float("%.10g" % v) for v in x[::50]]

def write(path, table):
    rows = lambda r: ",\n".join(f'    "{k}": {json.dumps(v)}' for k, v in r.items())
    with open(path, "w") as f:
        f.write("{\n" + ",\n".join(f'  "{k}": {{\n{rows(r)}\n  }}' for k, r in table.items()) + "\n}\n")

write("reference_draws.json", thinned)
write(f"{sys.argv[2]}/reference.json", moments)

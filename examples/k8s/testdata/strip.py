# Makes job-batch-v1.json and configmap-v1.json here smaller: python3 strip.py DIR, where DIR holds the files of those
# names of v1.32.2-standalone-strict of github.com/yannh/kubernetes-json-schema. Descriptions and x- keys go.
import json, sys

def strip(x):
    if isinstance(x, dict):
        return {k: strip(v) for k, v in x.items()
                if not (k == "description" and isinstance(v, str)) and not k.startswith("x-")}
    return [strip(v) for v in x] if isinstance(x, list) else x

for name in ["job-batch-v1.json", "configmap-v1.json"]:
    with open(f"{sys.argv[1]}/{name}") as f, open(name, "w") as g:
        json.dump(strip(json.load(f)), g, separators=(",", ":"), sort_keys=True)
        g.write("\n")

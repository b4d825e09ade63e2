# Rényi divergences and ε of the sampled Gaussian mechanism by opacus, for learn/accountant_test.go:
#   python learn/testdata/rdp_opacus.py > learn/testdata/rdp.csv
import importlib.util, sys, types, pathlib
try:
    from opacus.accountants.analysis import rdp
except BaseException:
    import site
    for d in site.getsitepackages() + sys.path + sys.argv[1:]:
        f = pathlib.Path(d) / "opacus/accountants/analysis/rdp.py"
        if f.exists():
            spec = importlib.util.spec_from_file_location("rdp", f)
            rdp = importlib.util.module_from_spec(spec); spec.loader.exec_module(rdp)
orders = [1.1 + x / 10 for x in range(99)] + list(range(11, 65)) + list(range(72, 513, 8))
print("rate,noise,steps,delta,order,divergence,epsilon")
for q, s, n, d in [(256/60000, 1.1, 14063, 1e-5), (0.01, 4.0, 10000, 1e-5), (0.001, 0.7, 5000, 1e-6), (0.1, 2.0, 100, 1e-5),
                   (1.0, 5.0, 20, 1e-5), (0.02, 0.6, 200, 1e-4), (0.005, 10.0, 40000, 1e-6)]:
    r = rdp.compute_rdp(q=q, noise_multiplier=s, steps=n, orders=orders)
    e, a = rdp.get_privacy_spent(orders=orders, rdp=r, delta=d)
    for o in (1.5, 2.3, 4.0, 17, 64):
        one = float(rdp.compute_rdp(q=q, noise_multiplier=s, steps=1, orders=[o])[0])
        print(f"{q!r},{s},{n},{d},{o},{one!r},{float(e)!r}")

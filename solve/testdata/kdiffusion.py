"""What k-diffusion 0.1.1 samples in float64, for kdiffusion.json: python3 kdiffusion.py > kdiffusion.json

The denoiser is .8 x/(1+σ²) + .3 sin(σ + j) in column j, noise number `sub` of step i is cos(1.7 i + 5 sub + .3 + j), and
the noise of a whole step of dpmpp_sde is that of one Brownian motion whose halves have the numbers 0 and 1.
"""
import importlib.util, json, math, sys, types
import torch

for name in ["k_diffusion", "k_diffusion.utils"]:
    sys.modules[name] = types.ModuleType(name)
sys.modules["k_diffusion"].utils = sys.modules["k_diffusion.utils"]
sys.modules["k_diffusion.utils"].append_dims = lambda x, n: x[(...,) + (None,) * (n - x.ndim)]
spec = importlib.util.spec_from_file_location("k_diffusion.sampling", sys.argv[1])
sampling = importlib.util.module_from_spec(spec)
sys.modules["k_diffusion.sampling"] = sampling
spec.loader.exec_module(sampling)

torch.set_default_dtype(torch.float64)  # the ends of sample_dpm_adaptive
J = torch.arange(3, dtype=torch.float64)
SIGMAS = torch.tensor([80, 30, 9, 2.5, 0.7, 0.15, 0.02, 0.0], dtype=torch.float64)
X = torch.tensor([[50.0, -90.0, 12.0]], dtype=torch.float64)


def model(x, sigma):
    s = sigma.reshape(-1, 1)
    return 0.8 * x / (1 + s * s) + 0.3 * torch.sin(s + J)


def z(i, sub):
    return torch.cos(1.7 * i + 5 * sub + 0.3 + J).reshape(1, 3)


class Noise:
    def __init__(self):
        self.last = None

    def __call__(self, a, b):
        a, b = float(a), float(b)
        i = max(k for k, s in enumerate(SIGMAS.tolist()) if s >= a * (1 - 1e-9))
        if self.last and self.last[0] == i and self.last[1] > b * (1 + 1e-9):
            m = self.last[1]
            return (math.sqrt(a - m) * z(i, 0) + math.sqrt(m - b) * z(i, 1)) / math.sqrt(a - b)
        self.last = (i, b)
        return z(i, 0)


def states(f, **more):
    out = []
    x = f(model, X.clone(), SIGMAS, disable=True, **more)
    return [float(v) for v in x.reshape(-1)]


out = {}
for eta, noise in [(1.0, 1.0), (0.4, 0.9)]:
    for name, word in [("sample_dpm_2_ancestral", "dpm2a"), ("sample_dpmpp_2s_ancestral", "dpmpp-2s-a"),
                       ("sample_dpmpp_sde", "dpmpp-sde")]:
        f = getattr(sampling, name)
        end = states(f, eta=eta, s_noise=noise, noise_sampler=Noise())
        out[word if eta == 1 else f"{word}:eta={eta},noise={noise}"] = end
out["dpm-2s"] = states(sampling.sample_dpm_2)
for order in [2, 3]:
    for p, i, d in [(0, 1, 0), (0.3, 0.6, 0), (0.2, 0.5, 0.1)]:
        x, info = sampling.sample_dpm_adaptive(model, X.clone(), 0.02, 80.0, disable=True, order=order, pcoeff=p, icoeff=i,
                                               dcoeff=d, return_info=True)
        out[f"dpm-{order-1}{order}:p={p},i={i},d={d}"] = [float(v) for v in x.reshape(-1)] + [info["n_accept"], info["n_reject"]]
print(json.dumps(out, indent=1))

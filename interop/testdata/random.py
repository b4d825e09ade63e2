"""Random settings of diffusers 0.35.2, in double precision, a line of JSON each: random.json.

    python3 random.py SEED COUNT > random.json         (random.json is: random.py 11 800)

Only tables, levels and noises that the package makes are in double precision: torch.float32 is set aside for
torch.float64. `end` is where the run ends, `labels` Σ (k+1) t_k over its timesteps; `error` is what the package said.
Network and noise are those of steps.py; the two noises of a step of DPMSolverSDE are increments of one Brownian motion.
"""
import sys

sys.path.pop(0)  # this file has the name of a module
import importlib, inspect, json, math, random, warnings

warnings.filterwarnings("ignore")
import numpy as np, torch

torch.float32, np.float32 = torch.float64, np.float64
import diffusers
import diffusers.schedulers.scheduling_dpmsolver_sde as sde

torch.set_num_threads(1)
diffusers.utils.logging.set_verbosity_error()
call = [0]


def z(k):
    return torch.cos(1.7 * k + 0.3 + torch.arange(3, dtype=torch.float64)).reshape(1, 3, 1)


def noise(shape, generator=None, device=None, dtype=None, layout=None):
    return z(call[0])


class Brownian:
    """Both halves of a step: W(a)-W(b) over the root of a-b."""

    def __init__(self, x, lo, hi, seed=None):
        self.last = None

    def __call__(self, a, b):
        a, b = float(a), float(b)
        if self.last and abs(self.last[0] - a) < 1e-6 * a:
            middle, first = self.last[1:]
            self.last = None
            return ((a - middle) ** 0.5 * first + (middle - b) ** 0.5 * z(call[0])) / (a - b) ** 0.5
        self.last = (a, b, z(call[0]))
        return self.last[2]


sde.BrownianTreeNoiseSampler = Brownian


def net(x, t):
    return 0.8 * x + 0.3 * torch.sin(float(t) / 100 + torch.arange(3, dtype=torch.float64)).reshape(1, 3, 1)


def run(name, config, n, begin, given, step):
    cls = getattr(diffusers, name)
    module = importlib.import_module(cls.__module__)
    if hasattr(module, "randn_tensor"):
        module.randn_tensor = noise
    s = cls(**config)
    call[0] = 0
    s.set_timesteps(**given) if given else s.set_timesteps(n)
    if begin and hasattr(s, "set_begin_index"):
        s.set_begin_index(begin)
    scale = getattr(s, "scale_model_input", lambda x, t: x)
    x = torch.tensor([[0.9, -1.4, 0.2]], dtype=torch.float64).reshape(1, 3, 1)
    told = [float(t) for t in s.timesteps[begin:]]
    for k, t in enumerate(s.timesteps[begin:]):
        call[0] = k
        x = s.step(net(scale(x, t), t), t, x, **step).prev_sample.to(torch.float64)
    labels, end = sum((k + 1) * t for k, t in enumerate(told)), [float(v) for v in x.reshape(-1)]
    if not all(map(math.isfinite, end + [labels])):
        return {"labels": 0}
    return {"labels": round(labels, 7), "end": [float("%.9g" % v) for v in end]}


CLASSES = """DDIM DDPM PNDM DPMSolverMultistep DPMSolverSinglestep UniPCMultistep DEISMultistep EulerDiscrete
EulerAncestralDiscrete HeunDiscrete LMSDiscrete KDPM2Discrete KDPM2AncestralDiscrete IPNDM LCM TCD DDIMInverse EDMEuler
EDMDPMSolverMultistep FlowMatchEulerDiscrete FlowMatchHeunDiscrete SASolver DPMSolverSDE CMStochasticIterative""".split()
both = [True, False]
VALUES = {
    "beta_schedule": ["linear", "scaled_linear", "squaredcos_cap_v2"],
    "prediction_type": ["epsilon", "sample", "v_prediction", "flow_prediction"],
    "timestep_spacing": ["linspace", "leading", "trailing"],
    "steps_offset": [0, 1],
    "use_karras_sigmas": [True],
    "use_exponential_sigmas": [True],
    "use_beta_sigmas": [True],
    "use_lu_lambdas": [True],
    "use_flow_sigmas": [True],
    "flow_shift": [1.0, 3.0],
    "shift": [1.0, 3.0],
    "solver_order": [1, 2, 3],
    "algorithm_type": ["?"],
    "solver_type": ["midpoint", "heun", "bh1", "bh2", "logrho"],
    "lower_order_final": both,
    "euler_at_final": [True],
    "final_sigmas_type": ["zero", "sigma_min"],
    "rescale_betas_zero_snr": [True],
    "thresholding": [True],
    "clip_sample": both,
    "set_alpha_to_one": both,
    "skip_prk_steps": [True],
    "predict_x0": both,
    "disable_corrector": [[0], [1, 2]],
    "interpolation_type": ["log_linear"],
    "predictor_order": [1, 2, 3, 4],
    "corrector_order": [1, 2, 3, 4],
    "variance_type": ["fixed_small", "fixed_large"],
    "num_train_timesteps": [100, 1000],
    "original_inference_steps": [50, 20],
    "shift_terminal": [0.1],
    "timestep_type": ["continuous"],
    "sigma_schedule": ["karras", "exponential"],
    "lambda_min_clipped": [-5.1],
}
CURVES = ["use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"]


def case(R):
    short = R.choice(CLASSES)
    name = short + "Scheduler"
    cls = getattr(diffusers, name)
    keys = [k for k in inspect.signature(cls.__init__).parameters if k in VALUES]
    config = {k: R.choice(VALUES[k]) for k in keys if R.random() < 0.3}
    curves = [k for k in CURVES if k in config]
    R.shuffle(curves)
    for k in curves[1:]:
        if R.random() < 0.95:
            del config[k]
    if "algorithm_type" in config:
        config["algorithm_type"] = R.choice(
            {"SASolver": ["data_prediction", "noise_prediction"], "DEISMultistep": ["deis"]}.get(
                short, ["dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver"]))
    if short == "UniPCMultistep":  # later versions have others
        config.pop("use_flow_sigmas", None)
    if config.get("prediction_type") == "flow_prediction" and not config.get("use_flow_sigmas"):
        del config["prediction_type"]
    if short in ("FlowMatchHeunDiscrete", "CMStochasticIterative"):
        config.pop("num_train_timesteps", None)
    n = R.choice([2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 15, 16, 20, 26, 30, 38])
    begin, given, step = R.randrange(1, n) if R.random() < 0.3 else 0, {}, {}
    if short in ("PNDM", "LMSDiscrete"):  # which have no history there, and take coefficients as if they had
        begin = 0
    sets = inspect.signature(cls.set_timesteps).parameters
    if "timesteps" in sets and R.random() < 0.25:
        most = config.get("num_train_timesteps", 40 if short[:2] == "CM" else 1000)
        n = min(n, most // 2)
        given = {"timesteps": sorted(R.sample(range(most), n), reverse=True)}
    elif "sigmas" in sets and short != "EDMEuler" and R.random() < 0.3:
        top = 1 if short[:4] == "Flow" else 15
        given = {"sigmas": sorted([round(R.random() * top, 3) + 0.001 * top for _ in range(n)], reverse=True)}
        if top == 15:
            given["sigmas"].append(0.0)
    begin = min(begin, n - 1)
    if cls.order == 2 or short == "FlowMatchHeunDiscrete":
        begin *= 2
    takes = inspect.signature(cls.step).parameters
    if "s_churn" in takes and short != "FlowMatchEulerDiscrete" and R.random() < 0.4:
        step = {"s_churn": R.choice([0.5, 5.0, 40.0])}
        if R.random() < 0.5:
            step["s_noise"] = 1.01
        if R.random() < 0.3:
            step["s_tmin"], step["s_tmax"] = 0.2, 5.0
    elif short == "DPMSolverSDE" and R.random() < 0.3:
        step = {"s_noise": 0.9}
    if short in ("DDIM", "TCD") and R.random() < 0.4:
        step = {"eta": R.choice([0.3, 1.0])}
    out = {"class": name, "config": config, "steps": n, "begin": begin, "set": given, "step": step}
    try:
        return {**out, **run(name, config, n, begin, given, step)}
    except Exception as e:
        return {**out, "error": f"{type(e).__name__}: {str(e)[:80]}"}


R = random.Random(int(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    print(json.dumps(case(R), separators=(",", ":")))

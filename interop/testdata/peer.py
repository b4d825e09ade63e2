"""Records what diffusers 0.35.2 (torch 1.13, CPU) computes: peer.json.

cases   states step by step of the network and noise of steps.py, for classes and settings that its formulas do not have
labels  for each class and timestep_spacing the timesteps of many numbers of steps, as one sum a number of steps:
        sum_k (k+1)*t_k

    python3 peer.py > peer.json
"""
import importlib, json, math, warnings

warnings.filterwarnings("ignore")
import torch
import diffusers

torch.set_num_threads(1)
diffusers.utils.logging.set_verbosity_error()
call = [0]


def noise(shape, generator=None, device=None, dtype=None, layout=None):
    j = torch.arange(shape[-1], dtype=torch.float64)
    return torch.cos(1.7 * call[0] + 0.3 + j).to(dtype or torch.float64).reshape(shape)


def net(x, t):
    return 0.8 * x + 0.3 * torch.sin(float(t) / 100 + torch.arange(3, dtype=torch.float64))


def run(name, config, n, **step):
    cls = getattr(diffusers, name)
    module = importlib.import_module(cls.__module__)
    if hasattr(module, "randn_tensor"):
        module.randn_tensor = noise
    s = cls(**config)
    s.set_timesteps(n)
    x, states = torch.tensor([[0.9, -1.4, 0.2]], dtype=torch.float64), []
    for k, t in enumerate(s.timesteps):
        call[0] = k
        x = s.step(net(s.scale_model_input(x, t), t), t, x, **step).prev_sample.to(torch.float64)
        states.append([float(v) for v in x.reshape(-1)])
    eta = {"eta": step["eta"]} if "eta" in step else {}
    return {"class": name, "config": config, "steps": n, **eta, "labels": [float(t) for t in s.timesteps], "states": states}


cases = []
for p in ["epsilon", "sample", "v_prediction"]:
    for n in [1, 4, 7]:
        cases.append(run("LCMScheduler", {"prediction_type": p}, n))
        cases.append(run("TCDScheduler", {"prediction_type": p}, n))
    cases.append(run("LCMScheduler", {"prediction_type": p, "clip_sample": True, "original_inference_steps": 20}, 6))
    cases.append(run("TCDScheduler", {"prediction_type": p, "beta_schedule": "linear"}, 5, eta=0.0))
    cases.append(run("TCDScheduler", {"prediction_type": p, "num_train_timesteps": 100}, 5, eta=1.0))
for config in [{}, {"prediction_type": "v_prediction"}, {"clip_sample": False}, {"set_alpha_to_one": False, "prediction_type": "sample"},
               {"timestep_spacing": "trailing"}, {"steps_offset": 1}]:
    for n in [1, 5, 13]:
        cases.append(run("DDIMInverseScheduler", config, n))
for config in [{}, {"clip_denoised": False}, {"sigma_data": 1.0, "rho": 5.0}, {"num_train_timesteps": 201, "s_noise": 0.9}]:
    for n in [1, 2, 5]:
        cases.append(run("CMStochasticIterativeScheduler", config, n))
# levels that are spaced anew on a table with zero terminal SNR; two words at once; odd numbers of steps
zero = {"rescale_betas_zero_snr": True, "prediction_type": "v_prediction"}
for curve in ["use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"]:
    for name in ["EulerDiscreteScheduler", "DPMSolverMultistepScheduler", "UniPCMultistepScheduler"]:
        cases.append(run(name, {**zero, curve: True}, 9))
    cases.append(run("DPMSolverMultistepScheduler", {curve: True, "use_lu_lambdas": True}, 8))
for spacing in ["linspace", "leading", "trailing"]:
    cases.append(run("EulerDiscreteScheduler", {"interpolation_type": "log_linear", "timestep_spacing": spacing}, 6))
for n in [1, 3]:
    cases.append(run("EDMEulerScheduler", {"sigma_schedule": "exponential"}, n))

labels = {}
for name in ["DDIMScheduler", "DDPMScheduler", "PNDMScheduler", "EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler",
             "HeunDiscreteScheduler", "DPMSolverMultistepScheduler", "DEISMultistepScheduler", "UniPCMultistepScheduler"]:
    for spacing in ["linspace", "leading", "trailing"]:
        s = getattr(diffusers, name)(timestep_spacing=spacing)
        sums = {}
        for n in list(range(4, 60)) + [76, 90, 100, 150, 200, 250, 333, 500, 999]:
            s.set_timesteps(n)
            sums[n] = round(sum((k + 1) * float(t) for k, t in enumerate(s.timesteps)), 3)
        labels[name + " " + spacing] = sums
print(json.dumps({"cases": cases, "labels": labels}))

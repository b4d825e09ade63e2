"""Writes torch_mlp.safetensors, a network in PyTorch's layout, and torch_mlp.json, what it says.

    python mlp.py     # made with torch 2.15.0 and safetensors 0.8.0
"""
import json
import os

import torch
from safetensors.torch import save_file

here = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(8)
net = torch.nn.Sequential(
    torch.nn.Linear(3, 24), torch.nn.SiLU(), torch.nn.Linear(24, 24), torch.nn.SiLU(), torch.nn.Linear(24, 24), torch.nn.SiLU(), torch.nn.Linear(24, 2)
)
with torch.no_grad():
    for p in net.parameters():
        p.mul_(2)
save_file(net.state_dict(), os.path.join(here, "torch_mlp.safetensors"))
x, t = 2 * torch.randn(12, 2), torch.rand(12, 1)
with torch.no_grad():
    y = net(torch.cat([x, t], 1))
with open(os.path.join(here, "torch_mlp.json"), "w") as f:
    json.dump({"x": x.double().reshape(-1).tolist(), "t": t.double().reshape(-1).tolist(), "y": y.double().reshape(-1).tolist()}, f)
    f.write("\n")

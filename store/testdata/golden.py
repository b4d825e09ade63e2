"""Makes and checks the golden files beside it.

    python -m venv v && v/bin/pip install numpy safetensors
    v/bin/python golden.py          # writes python.safetensors and python_f32.safetensors
    v/bin/python golden.py --check  # reads ito.safetensors, which the Go tests wrote, and compares

Made with numpy 2.4.6 and safetensors 0.8.0.
"""
import os
import sys

import numpy as np
from safetensors import TensorSpec, deserialize, serialize_file
from safetensors.numpy import load_file, save_file

here = os.path.dirname(os.path.abspath(__file__))

f32 = {
    "net.0.weight": np.arange(6, dtype=np.float32).reshape(2, 3) / 4,
    "net.0.bias": np.array([-1.5, 3e-39, np.inf], dtype=np.float32),
    "ζ": np.zeros((0, 4), dtype=np.float32),
}


def write():
    save_file(f32, os.path.join(here, "python_f32.safetensors"), metadata={"format": "np"})
    arrays = dict(
        f32,
        f64=np.array([np.pi, -0.0, 1e-310]),
        i64=np.array([-(2**63), 2**63 - 1]),
        i32=np.array([[-(2**31)], [2**31 - 1]], dtype=np.int32),
        i16=np.array([-32768, 32767], dtype=np.int16),
        u16=np.array([65535], dtype=np.uint16),
        u32=np.array([2**32 - 1], dtype=np.uint32),
        i8=np.array([-128, 127], dtype=np.int8),
        u8=np.array([0, 255], dtype=np.uint8),
        bool=np.array([True, False, True]),
        f16=np.array([1.5, 2**-24, -65504.0, np.inf], dtype=np.float16),
        scalar=np.array(7.0),
    )
    bf16 = (np.array([1.0, -2.5, 3.140625], dtype=np.float32).view(np.uint32) >> 16).astype(np.uint16)

    def spec(dtype, a):
        return TensorSpec(dtype=dtype, shape=a.shape, data_ptr=a.ctypes.data, data_len=a.nbytes)

    specs = {k: spec(str(a.dtype), a) for k, a in arrays.items()}
    specs["bf16"] = spec("bfloat16", bf16)
    serialize_file(specs, os.path.join(here, "python.safetensors"), {"author": "safetensors", "Ünïcode": "\"quoted\" \\ <&> ζ\n"})


def check():
    path = os.path.join(here, "ito.safetensors")
    got = load_file(path)
    assert sorted(got) == ["bytes", "net.0.bias", "net.0.weight", "steps", "ζ"], sorted(got)
    for k, want in f32.items():
        assert got[k].dtype == want.dtype and got[k].shape == want.shape and got[k].tobytes() == want.tobytes(), k
    assert got["steps"].dtype == np.int64 and got["steps"].tolist() == [[-1, 2**40]]
    assert got["bytes"].dtype == np.uint8 and got["bytes"].tolist() == [7, 8, 9]
    with open(path, "rb") as f:
        deserialize(f.read())
    print("ito.safetensors: as expected")


if __name__ == "__main__":
    check() if "--check" in sys.argv else write()

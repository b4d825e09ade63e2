"""Writes the Parquet files of this folder that pyarrow makes, and expected.json with what they hold.

    python3 -m venv venv && venv/bin/pip install pyarrow==26.0.1 && venv/bin/python make.py

codec_*.parquet: every codec that pyarrow writes, pages of both layouts, several pages and row groups, dictionaries and plain values. encoding_*.parquet: the other encodings. kinds.parquet: every kind of
number. not_*.parquet: what is no number. hadoop.parquet: codec LZ4 in Hadoop's frame, which pyarrow reads and does not write: the pages of an uncompressed file, packed here.

The other files were found to be read wrongly: lz4_ok_from_pyarrow.parquet, lz4_corrupt.parquet (a bit is wrong), uint32.parquet, null.parquet, theta_1_1.parquet, chain_column.csv, tiny_scale_*.csv.
"""
import datetime
import decimal
import json
import random
import struct

import pyarrow as pa
import pyarrow.parquet as pq

random.seed(17)
n, chains = 60, 3
chain = [c + 1 for c in range(chains) for _ in range(n)]
draw = [i + 1 for _ in range(chains) for i in range(n)]
noise = [random.gauss(0, 1) for _ in chain]  # which no codec makes shorter
ties = [round(v) for v in noise]
steps = [1000 * i - 3 * (i % 7) ** 2 for i in range(len(chain))]
expected = {}


def write(name, columns, **how):
    table = pa.table({"chain": pa.array(chain, pa.int64()), "draw": pa.array(draw, pa.int64()), **columns})
    pq.write_table(table, name + ".parquet", row_group_size=70, **{"data_page_size": 200, "write_batch_size": 16, **how})
    return table


plain = {"noise": pa.array(noise), "ties": pa.array(ties, pa.int64()), "steps": pa.array(steps, pa.int32()), "one": pa.array([2.5] * len(chain))}
for codec in ("none", "snappy", "gzip", "brotli", "zstd", "lz4"):
    for version in ("1.0", "2.0"):
        name = f"codec_{codec}_{version[0]}"
        write(name, plain, compression=codec, data_page_version=version, write_page_checksum=version == "2.0")
        expected[name] = {"noise": noise, "ties": ties, "steps": steps, "one": [2.5] * len(chain)}
write("encoding_delta", {"ties": plain["ties"], "steps": plain["steps"]}, use_dictionary=False, column_encoding={"ties": "DELTA_BINARY_PACKED", "steps": "DELTA_BINARY_PACKED"}, data_page_size=1 << 16)
expected["encoding_delta"] = {"ties": ties, "steps": steps}
write("encoding_split", {"noise": plain["noise"], "steps": plain["steps"]}, use_dictionary=False, column_encoding={"noise": "BYTE_STREAM_SPLIT", "steps": "BYTE_STREAM_SPLIT"})
expected["encoding_split"] = {"noise": noise, "steps": steps}
flags = [v > 0 for v in noise]
for version in ("1.0", "2.0"):  # plain bits, and run lengths
    name = "encoding_bool_" + version[0]
    write(name, {"flag": pa.array(flags)}, data_page_version=version)
    expected[name] = {"flag": [float(v) for v in flags]}

extremes = {}
for bits in (8, 16, 32, 64):
    extremes[f"int{bits}"] = (getattr(pa, f"int{bits}")(), [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, -5])
    extremes[f"uint{bits}"] = (getattr(pa, f"uint{bits}")(), [2**bits - 5, 2 ** (bits - 1), 3])
extremes["float16"] = (pa.float16(), [1.5, -0.25, 65504.0])
extremes["float32"] = (pa.float32(), [0.5, -3.25, 2.0**-130])
D = decimal.Decimal
extremes["decimal9"] = (pa.decimal128(9, 3), [D("-1.005"), D("123456.789"), D("0.001")])
extremes["decimal18"] = (pa.decimal128(18, 2), [D("-9007199254740993.07"), D("0.01"), D("12.34")])
extremes["decimal38"] = (pa.decimal128(38, 10), [D("-1234567890123456789012345678.0123456789"), D("0.1"), D("1")])
extremes["decimal76"] = (pa.decimal256(76, 40), [D("-123456789012345678901234567890.5"), D("0.3"), D("7")])
columns, want = {}, {}
for name, (kind, values) in extremes.items():
    values = [values[i % 3] for i in range(len(chain))]
    columns[name], want[name] = pa.array(values, kind), [float(v) for v in values]
for integers in (False, True):
    name = "kinds" + ("_integers" if integers else "")
    write(name, columns, store_decimal_as_integer=integers, data_page_size=1 << 16)
    expected[name] = want

for name, values in {
    "date": pa.array([datetime.date(2026, 1, 1)] * len(chain)),
    "timestamp": pa.array([datetime.datetime(2026, 1, 1)] * len(chain), pa.timestamp("us")),
    "time": pa.array([datetime.time(1, 2)] * len(chain)),
    "string": pa.array(["1.5"] * len(chain)),
    "list": pa.array([[1.5]] * len(chain)),
    "struct": pa.array([{"a": 1.5}] * len(chain)),
}.items():
    write("not_" + name, {"x": values}, data_page_size=1 << 16)


# Hadoop's frame. A Thrift reader of 20 lines finds the head of each page; the footer is written by the pages' new places.
def varint(b, at):
    v = shift = 0
    while True:
        v |= (b[at] & 127) << shift
        shift += 7
        at += 1
        if b[at - 1] < 128:
            return v, at


def head(b, at):
    """The sizes of a page and where its head ends; zigzag numbers and structs of them are all that stands in it."""

    def struct_(at):
        out, field = {}, 0
        while b[at]:
            field, kind = field + (b[at] >> 4), b[at] & 15
            at += 1
            if kind in (5, 6):
                out[field], at = varint(b, at)
                out[field] >>= 1
            elif kind == 12:
                out[field], at = struct_(at)
            elif kind == 8:
                k, at = varint(b, at)
                at += k
            elif kind not in (1, 2):
                raise ValueError(kind)
        return out, at + 1

    return struct_(at)


def zigzag(v):
    v, out = 2 * v, b""
    while v > 127:
        out, v = out + bytes([v & 127 | 128]), v >> 7
    return out + bytes([v])


def hadoop(name):
    lz4 = pa.Codec("lz4_raw")
    table = pa.table({"chain": pa.array(chain, pa.int32()), "noise": pa.array(noise), "one": pa.array([2.5] * len(chain))})
    schema = pa.schema([f.with_nullable(False) for f in table.schema])
    table = table.cast(schema)
    pq.write_table(table, name, compression="none", use_dictionary=False, write_statistics=False, store_schema=False)
    raw = open(name, "rb").read()
    meta = pq.ParquetFile(name).metadata
    out, chunks = b"PAR1", []
    for k in range(3):
        column = meta.row_group(0).column(k)
        h, at = head(raw, column.data_page_offset)
        page = raw[at : at + h[3]]
        half = len(page) // 2  # two blocks
        packed = b""
        for part in (page[:half], page[half:]):
            body = lz4.compress(part, asbytes=True)
            packed += struct.pack(">II", len(part), len(body)) + body
        data = b"\x15\x00" + b"\x15" + zigzag(h[2]) + b"\x15" + zigzag(len(packed))
        inner = b"\x15" + zigzag(len(chain)) + b"\x15\x00" + b"\x15" + zigzag(3) + b"\x15" + zigzag(3) + b"\x00"
        data += b"\x2c" + inner + b"\x00" + packed  # field 5
        plain_size = len(data) - len(packed) + len(page)
        kind = {"chain": 1, "noise": 5, "one": 5}[column.path_in_schema]
        path = column.path_in_schema.encode()
        m = b"\x15" + zigzag(kind) + b"\x19\x15" + zigzag(0) + b"\x19\x18" + bytes([len(path)]) + path
        m += b"\x15" + zigzag(5) + b"\x16" + zigzag(len(chain)) + b"\x16" + zigzag(plain_size) + b"\x16" + zigzag(len(data)) + b"\x26" + zigzag(len(out)) + b"\x00"
        chunks.append(b"\x26" + zigzag(len(out)) + b"\x1c" + m + b"\x00")  # file_offset, meta_data
        out += data
    elements = b"\x48" + b"\x06schema" + b"\x15" + zigzag(3) + b"\x00"  # name (4), num_children (5)
    for field, kind in (("chain", 1), ("noise", 5), ("one", 5)):
        elements += b"\x15" + zigzag(kind) + b"\x25\x00" + b"\x18" + bytes([len(field)]) + field.encode() + b"\x00"
    group = b"\x19\x3c" + b"".join(chunks) + b"\x16" + zigzag(1000) + b"\x16" + zigzag(len(chain)) + b"\x00"
    footer = b"\x15" + zigzag(1) + b"\x19\x4c" + elements + b"\x16" + zigzag(len(chain)) + b"\x19\x1c" + group + b"\x00"
    out += footer + struct.pack("<I", len(footer)) + b"PAR1"
    open(name, "wb").write(out)
    assert pq.read_table(name)["noise"].to_pylist() == noise


hadoop("hadoop.parquet")
expected["hadoop"] = {"noise": noise, "one": [2.5] * len(chain)}
json.dump(expected, open("expected.json", "w"), indent=None, separators=(",", ":"))

"""ito beside PyTorch, JAX and ONNX Runtime, all taking turns on one machine.

    python -m venv venv && venv/bin/pip install -r benchmarks/peers/requirements.txt
    go build ./cmd/ito && venv/bin/python benchmarks/peers/compare.py --ito ./ito

Every measure is taken in nine pairs of turns of ito and a peer, each pair cut into five bursts that alternate, so that what else
the machine does falls on both. Of each peer the fastest setting counts, eager or compiled. A ratio is ito's speed over the
peer's: its median over the pairs with the quartiles, and that of the best slices of some 4 ms. With one thread, the default,
seconds are those of the processor, and all programs share one core; with more they are those of the clock.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BURSTS = 5
MEASURES = ["product 64×64×64", "product 256×256×256", "product 512×512×512", "product 4096×256×256", "product 256×512×512",
            "training step (64,64)", "training step (512,128)", "training step (256,512)", "training step (4096,256)",
            "forward (64,64)", "forward (512,128)", "forward (4096,256)", "compiling a step"]


class Player:
    def __init__(self, name, command, threads):
        cpus = sorted(os.sched_getaffinity(0))[-threads:]
        env = dict(os.environ, OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads), GOMAXPROCS=str(threads))
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
                                        preexec_fn=lambda: os.sched_setaffinity(0, cpus))

    def ask(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            said = self.process.stdout.readline()
        except BrokenPipeError:
            said = ""
        if not said:
            sys.exit(f"{self.name} has ended: {' '.join(self.process.args)}")
        return json.loads(said)


def quartiles(x):
    return statistics.median(x), *(statistics.quantiles(x, n=4, method="inclusive")[::2] if len(x) > 1 else x * 2)


def pairs(ito, peer, ours, theirs, rounds):
    """Ratios of the pairs, the best slices, and the rates in the middle of each."""
    players, begun = (ito, peer), (ours, theirs)
    ratios, middle, best = [], ([], []), [0, 0]
    for _ in range(rounds):
        rates = ([], [])
        for k in range(BURSTS):
            for i in ((0, 1), (1, 0))[k % 2]:
                b = begun[i]
                answer = players[i].ask(f"turn {b['n']} {-(-b['slices'] // BURSTS)}")
                if "error" in answer:
                    sys.exit(f"{players[i].name}: {answer['error']}")
                rates[i].extend(answer["turn"]["rates"])
        for i, r in enumerate(rates):
            middle[i].append(statistics.median(r))
            best[i] = max(best[i], *r)
        ratios.append(middle[0][-1] / middle[1][-1])
    return ratios, best, [statistics.median(m) for m in middle]


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--ito", default="./ito", help="the program, with bench engine")
    p.add_argument("--rounds", type=int, default=9, help="pairs of turns of every measure and peer")
    p.add_argument("--length", type=float, default=.06, help="seconds of a turn")
    p.add_argument("--threads", type=int, default=1, help="of every program")
    p.add_argument("--only", default="", help="measures whose names have this word")
    p.add_argument("--peers", default="torch,jax,onnx")
    p.add_argument("--json", action="store_true", help="print every number as JSON")
    a = p.parse_args()
    ito = Player("ito", [a.ito, "bench", "engine", "--turns"], a.threads)
    peers = [Player(n, [sys.executable, os.path.join(HERE, n + "_peer.py"), str(a.threads)], a.threads) for n in a.peers.split(",")]
    out = []
    if not a.json:
        print(f"{'measure':26} {'peer':6} {'setting':18} {'ito, ms':>9} {'peer, ms':>9} {'ratio':>6}  {'quartiles':13} best", flush=True)
    for name in MEASURES:
        if a.only not in name:
            continue
        found = []
        ask = f"begin {a.length} {a.threads} {name}"
        for peer in peers:
            ours, theirs = ito.ask(ask), peer.ask(ask)
            if "error" in ours:
                sys.exit(f"ito: {ours['error']}")
            if "error" in theirs:
                continue
            ratios, best, rates = pairs(ito, peer, ours, theirs, a.rounds)
            middle, lower, upper = quartiles(ratios)
            found.append({"measure": name, "peer": peer.name, "setting": theirs["what"], "threads": a.threads, "ratio": middle, "lower": lower, "upper": upper,
                          "best": best[0] / best[1], "ito_seconds": 1 / rates[0], "peer_seconds": 1 / rates[1]})
        fastest = min((f["peer_seconds"] for f in found), default=0)
        for f in found:
            f["fastest"] = f["peer_seconds"] == fastest
            if not a.json:
                print(f"{name:26} {f['peer']:6} {f['setting']:18} {f['ito_seconds'] * 1e3:9.4f} {f['peer_seconds'] * 1e3:9.4f} {f['ratio']:6.2f}"
                      f"  {f['lower']:.2f}–{f['upper']:.2f}{'':4} {f['best']:5.2f}{' *' if f['fastest'] else ''}", flush=True)
        out += found
    if a.json:
        print(json.dumps(out, indent=1, ensure_ascii=False))
    else:
        print("* the fastest of the peers")


if __name__ == "__main__":
    main()

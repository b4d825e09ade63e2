"""What every peer does: it takes turns with ito by the lines of `ito bench engine --turns`.

    begin LENGTH WORKERS NAME   makes a measure ready; answers {"n": repetitions in a slice, "slices": in a turn, "what": the setting}
    turn N SLICES               times so many slices of N; answers {"turn": {"rates": [work a second of every slice]}}

A peer may have several settings for a measure (eager and compiled, say): all are tried and the fastest counts. With one thread
seconds are those of the processor, which a busy machine disturbs least; with more they are those of the clock.
"""
import json
import math
import sys
import time

SLICE = 0.004  # seconds, as in ito


def once(run, n, workers):
    wall, cpu = time.perf_counter(), time.process_time()
    run(n)
    return time.process_time() - cpu if workers == 1 else time.perf_counter() - wall


def calibrate(run, workers):
    """How often run fits into a slice, and the seconds of one."""
    n = 1
    for _ in range(3):
        once(run, 1, workers)
    while True:
        took = once(run, n, workers)
        if took >= SLICE / 2:
            return n, took
        n = math.ceil(n * min(max(SLICE / max(took, 1e-9), 1.1), 100))


def serve(settings):
    """settings(name, workers) yields (what, make) for a measure, nothing for one that this peer lacks; make() returns run(n)."""
    run, workers = None, 1
    for line in sys.stdin:
        words = line.split()
        answer = {}
        try:
            if words[0] == "begin":
                length, workers, name = float(words[1]), int(words[2]), " ".join(words[3:])
                found = []
                for what, make in settings(name, workers):
                    try:
                        r = make()
                        n, _ = calibrate(r, workers)
                        found.append((min(once(r, n, workers) / n for _ in range(10)), what, n, r))
                    except Exception as e:  # no compiler, say: the other settings stand
                        print(f"{name}, {what}: {type(e).__name__}: {e}"[:500], file=sys.stderr)
                if not found:
                    raise KeyError(f"there is no measure {name!r}")
                each, what, n, run = min(found, key=lambda f: f[0])
                answer = {"n": n, "slices": max(1, math.ceil(length / (each * n))), "what": what}
            else:
                n, slices = int(words[1]), int(words[2])
                answer = {"turn": {"rates": [n / once(run, n, workers) for _ in range(slices)]}}
        except Exception as e:
            answer = {"error": f"{type(e).__name__}: {e}"[:500]}
        print(json.dumps(answer), flush=True)


def numbers(name, kind):
    """The numbers of "kind …", as (64, 64) of "training step (64,64)" or (64, 64, 64) of "product 64×64×64"; None for others."""
    if not name.startswith(kind):
        return None
    return tuple(int(w) for w in name[len(kind):].strip(" ()").replace("×", ",").split(","))

package infer

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// Advice is the method taken when none is asked for, and why.
type Advice struct {
	Method  string
	Kernel  Kernel
	Modes   int // basins to which the pilot's starts climb
	Starts  int
	Why     string
	Warning string // when one chain cannot cross between the modes
}

// The limits of the documented default.
const (
	denseLimit = 20   // dimensions up to which NUTS takes a dense metric
	nutsLimit  = 2000 // dimensions up to which NUTS is the default; above, HMC with short trajectories
	pilotRuns  = 32
	pilotRange = 10
)

// Advise chooses a sampler for a target of which nothing is said: NUTS with 1000 steps of warm-up, with a dense metric up to 20 dimensions
// and a diagonal one up to 2000; above that HMC with 16 leapfrog steps, whose memory is smaller. A pilot climbs from 32 starts, half of them in (−2, 2)^d and half in (−10, 10)^d;
// several basins are a warning that names the methods that can cross between them. Cost: 3200 gradients.
func Advise(ctx context.Context, t ito.Target, seed uint64) (Advice, error) {
	d := t.Dim()
	a := Advice{Method: "nuts", Kernel: NUTS{Warmup: 1000, Metric: Diagonal}, Starts: pilotRuns, Why: fmt.Sprintf("%d dimensions and a gradient", d)}
	switch {
	case d <= denseLimit:
		a.Kernel = NUTS{Warmup: 1000, Metric: Dense}
	case d > nutsLimit:
		a.Method, a.Kernel = "hmc", HMC{Warmup: 1000, Leapfrogs: 16, Jitter: .2}
	}
	x := ito.NewStates(pilotRuns, d, 0)
	prior(seed, 1<<20).Uniforms64(x.X, d, x.ID)
	for i := range x.N {
		radius := 2.
		if i >= x.N/2 {
			radius = pilotRange
		}
		for j := range x.Row(i) {
			x.Row(i)[j] = radius * (2*x.Row(i)[j] - 1)
		}
	}
	modes, _, err := Modes(ctx, t, x)
	if err != nil {
		return a, err
	}
	a.Modes = len(modes)
	if len(modes) > 1 {
		a.Warning = fmt.Sprintf("%d starts climb to %d separate modes: a chain of %s will not cross between them; use pt, smc or dilation, and several chains whatever you use", a.Starts, a.Modes, a.Method)
	}
	return a, nil
}

package advise

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"gonum.org/v1/gonum/optimize"
)

// Advice is the method taken when none is asked for, and why.
type Advice struct {
	Method  string
	Kernel  infer.Kernel
	Modes   int // basins to which the pilot's starts climb
	Starts  int
	Why     string
	Warning string // when one chain cannot cross between the modes
}

// The limits of the documented default.
const (
	nutsLimit  = 2000 // dimensions up to which NUTS is the default; above, HMC with short trajectories
	costLimit  = 1e8  // operations of a gradient up to which it is
	pilotRuns  = 32
	pilotRange = 10
	// The pilot looks farther where that is cheap: up to these operations of a gradient or, where they are not
	// known, dimensions.
	surveyOperations = 1e6
	surveyDimensions = 100
)

// Counted is a target that knows the operations of a gradient at one state, a count and no measurement (see
// [ad.Program.Operations]); 0 says that it does not know.
type Counted interface{ Operations() float64 }

// Advise chooses a sampler for a target of which nothing is said: NUTS with 1000 steps of warm-up up to 2000
// dimensions and, for a target that is [Counted], 10⁸ operations a gradient, with a dense metric up to 20
// dimensions and a diagonal one above; beyond either limit HMC with 16 leapfrog steps, whose memory is smaller and
// whose cost is known beforehand: a tree of NUTS may take 1023 gradients. A pilot climbs from many starts; several
// basins are a warning that names the methods that can cross between them. Up to a million operations a gradient,
// or 100 dimensions, the pilot is that of [Survey], which looks far out. Otherwise it climbs from 32 starts, half
// of them in (−2, 2)^d and half in (−10, 10)^d, and where the climb ends in several places, those less than 10 + d
// nats below the highest climb on by L-BFGS, which follows ridges, before they count: 3200 gradients, and up to
// some hundred more for each of those places.
func Advise(ctx context.Context, t ito.Target, seed uint64) (Advice, error) {
	d := t.Dim()
	a := Advice{Method: "nuts", Why: fmt.Sprintf("%d dimensions and a gradient", d)}
	metric := mcmc.Diagonal
	if d <= mcmc.DenseLimit {
		metric = mcmc.Dense
	}
	a.Kernel = mcmc.NUTS{Warmup: 1000, Metric: metric}
	cost := 0.
	if c, ok := t.(Counted); ok && c.Operations() > 0 {
		cost = c.Operations()
		a.Why = fmt.Sprintf("%d dimensions and a gradient of %.3g operations", d, cost)
	}
	if d > nutsLimit || cost > costLimit {
		a.Method, a.Kernel = "hmc", mcmc.HMC{Warmup: 1000, Leapfrogs: 16, Jitter: .2, Metric: metric}
	}
	var err error
	if a.Modes, a.Starts, err = pilot(ctx, t, seed); err != nil {
		return a, err
	}
	if a.Modes == 1 {
		a.Why += fmt.Sprintf("; %d starts climb to one mode", a.Starts)
	}
	if a.Modes > 1 {
		a.Warning = crossing(a.Modes, a.Starts, a.Method)
	}
	return a, nil
}

// pilot counts the modes to which the starts climb: of the survey where it is cheap and some hold the mass, else of
// a near pilot.
func pilot(ctx context.Context, t ito.Target, seed uint64) (modes, starts int, err error) {
	cost := 0.
	if c, ok := t.(Counted); ok {
		cost = c.Operations()
	}
	if cost > 0 && cost <= surveyOperations || cost == 0 && t.Dim() <= surveyDimensions {
		e, err := Survey(ctx, t, seed)
		if err != nil || e.Modes > 0 {
			return e.Modes, e.Starts, err
		}
	}
	near, err := nearPilot(ctx, t, seed)
	return len(near), pilotRuns, err
}

// nearPilot climbs from starts of two widths.
func nearPilot(ctx context.Context, t ito.Target, seed uint64) ([]Mode, error) {
	d := t.Dim()
	x := ito.NewStates(pilotRuns, d, 0)
	infer.PriorKey(seed, 1<<20).Uniforms64(x.X, d, x.ID)
	for i := range x.N {
		radius := 2.
		if i >= x.N/2 {
			radius = pilotRange
		}
		for j := range x.Row(i) {
			x.Row(i)[j] = radius * (2*x.Row(i)[j] - 1)
		}
	}
	return pilotModes(ctx, t, x)
}

func crossing(modes, starts int, method string) string {
	return fmt.Sprintf("%d starts climb to %d separate modes: a chain of %s will not cross between them; use pt, smc "+
		"or dilation, and several chains whatever you use", starts, modes, method)
}

// Crossing is the warning of the pilot of [Advise] for a method that was chosen without it: "" for one mode, and
// for a method that can cross between several. Cost: that of the pilot.
func Crossing(ctx context.Context, t ito.Target, seed uint64, m infer.Method) (string, error) {
	if m.Crosses {
		return "", nil
	}
	modes, starts, err := pilot(ctx, t, seed)
	if err != nil || modes < 2 {
		return "", err
	}
	return crossing(modes, starts, m.Name), nil
}

// pilotModes are the modes that matter among those to which the starts climb: not the ends of ascents that have not
// arrived, nor places of no mass.
func pilotModes(ctx context.Context, t ito.Target, x ito.States) ([]Mode, error) {
	modes, _, err := Modes(ctx, t, x)
	if err != nil || len(modes) < 2 {
		return modes, err
	}
	modes = high(modes, t.Dim())
	tops := ito.NewStates(len(modes), t.Dim(), 0)
	for i, m := range modes {
		if err := ascend(ctx, t, tops.Row(i), m.X); err != nil {
			return nil, err
		}
	}
	if modes, _, err = Modes(ctx, t, tops); err != nil {
		return nil, err
	}
	return high(modes, t.Dim()), nil
}

// high drops the modes, sorted, that are 10 + d nats or more below the first.
func high(modes []Mode, d int) []Mode {
	for i, m := range modes {
		if m.LogP <= modes[0].LogP-10-float64(d) {
			return modes[:i]
		}
	}
	return modes
}

// ascend climbs from x to top by L-BFGS; where that fails, top is the highest place that it came to.
func ascend(ctx context.Context, t ito.Target, top, x []float64) error {
	d := len(x)
	state := func(x []float64) ito.States { return ito.States{N: 1, D: d, X: x, ID: []uint64{0}} }
	best, failed := math.Inf(-1), error(nil)
	at, slope, logp := make([]float64, d), make([]float64, d), make([]float64, 1)
	known := false
	look := func(y []float64) { // optimize asks for value and gradient at one place
		if known && slices.Equal(at, y) || failed != nil {
			return
		}
		copy(at, y)
		known = true
		if failed = ctx.Err(); failed == nil {
			failed = t.Gradient(ctx, logp, state(slope), state(at))
		}
		if infer.Finite(logp[0]) && infer.AllFinite(slope) && logp[0] > best {
			best = logp[0]
			copy(top, at)
		}
	}
	copy(top, x)
	problem := optimize.Problem{
		Func: func(y []float64) float64 {
			if look(y); failed != nil || !infer.Finite(logp[0]) {
				return math.Inf(1)
			}
			return -logp[0]
		},
		Grad: func(g, y []float64) {
			look(y)
			for j, s := range slope {
				g[j] = -s
			}
		},
	}
	// Its error says that a line search found nothing more: the top is kept.
	_, _ = optimize.Minimize(problem, x, &optimize.Settings{MajorIterations: 200, FuncEvaluations: 400},
		&optimize.LBFGS{})
	return failed
}

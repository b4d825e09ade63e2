package approx

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/rng"
)

// Outcome says what becomes of the normals that a run has found. Four times Draws are drawn from them together and
// weighted, w = ρ/q; log of their mean is the run's log Z, and k̂ and the effective size are theirs.
type Outcome struct {
	Draws int // particles of a run; 0: 1000
	// Plain keeps draws of the normals; otherwise particles are drawn again by Pareto smoothed weights.
	Plain bool
}

func (o Outcome) slots() int {
	if o.Draws == 0 {
		return 1000
	}
	return o.Draws
}

// noTail is how many times the mean the largest weight may be where weights have no tail that could dominate.
const noTail = 3

// candidates is the number of draws for a particle.
const candidates = 4

// The address of what is drawn at the end, which no step has.
const lastStep = 1 << 31

func (o Outcome) init(s *infer.State) {
	s.AddVar("settled", 1)
	s.AddVar("logz", 1)
	s.AddVar("logw", s.Slots)
	s.AddVar("ancestor", s.Slots)
	s.AddVar("ess", 1)
	s.AddVar("khat", 1)
	for i := range s.LogP {
		s.LogP[i] = math.Inf(-1)
	}
}

func settled(s *infer.State) bool {
	for _, v := range s.Var("settled") {
		if v == 0 {
			return false
		}
	}
	return true
}

// validate reports draws that do not fit into memory.
func (o Outcome) validate(name string, d int) error {
	if o.Draws < 0 || float64(o.slots())*candidates*float64(d) > infer.MostNumbers {
		return &ito.InputError{Where: name, What: fmt.Sprintf("%d draws of dimension %d", o.Draws, d),
			Do: "take 1 or more, and fewer than fit into memory four times"}
	}
	return nil
}

// settle draws the particles of group g.
func (o Outcome) settle(ctx context.Context, p infer.SeededTarget, s *infer.State, g int, laws []*Normal) error {
	n, d := s.Slots, s.D
	per := (candidates*n + len(laws) - 1) / len(laws)
	x, z := ito.NewStates(per*len(laws), d, 0), make([]float64, per*d)
	logw, logp := make([]float64, x.N), make([]float64, x.N)
	for i := range x.ID {
		x.ID[i] = s.ID[g]
	}
	for k, law := range laws {
		rng.NewKey(p.Seed, rng.PurposeSolver, lastStep, uint32(k)).Normals64(z, len(z), s.ID[g:g+1])
		for i := range per {
			logw[k*per+i] = -law.Draw(x.Row(k*per+i), z[i*d:(i+1)*d])
		}
	}
	if err := p.Target.LogDensity(ctx, logp, x); err != nil {
		return err
	}
	s.Count(g, infer.TallyEvaluations, float64(x.N))
	for i, l := range logp {
		s.CountUndefined(g, l, x.Row(i))
		if logw[i] += l; math.IsNaN(logw[i]) || math.IsInf(l, 1) {
			logw[i], logp[i] = math.Inf(-1), math.Inf(-1)
		}
	}
	smooth, khat := metric.SmoothWeights(logw, 1)
	if top := slices.Max(logw); top-metric.LogSumExp(logw)+math.Log(float64(x.N)) < math.Log(noTail) {
		khat = math.NaN() // weights that are equal but for rounding have no tail, and a fit to it says anything
	}
	s.Var("khat")[g], s.Var("ess")[g] = khat, metric.ESSWeights(logw)*float64(n)/float64(x.N)
	s.Var("logz")[g] = metric.LogSumExp(logw) - math.Log(float64(x.N))
	s.Var("settled")[g] = 1
	from := make([]int, n)
	if o.Plain {
		for i := range from { // the laws take turns
			from[i] = i%len(laws)*per + i/len(laws)
		}
	} else if !infer.Finite(s.Var("logz")[g]) {
		return nil // no particle has a density, which the run reports
	} else {
		var u [1]float64
		rng.NewKey(p.Seed, rng.PurposeSolver, lastStep, 1<<20).Uniforms64(u[:], 1, s.ID[g:g+1])
		systematic(from, smooth, u[0])
	}
	for i, k := range from {
		at := g*n + i
		copy(s.X[at*d:(at+1)*d], x.Row(k))
		s.LogP[at], s.Var("logw")[at], s.Var("ancestor")[at] = logp[k], -math.Log(float64(n)), float64(k)
	}
	return nil
}

// systematic draws places by normalised log weights: place i is that where their sum passes (i + u)/n.
func systematic(from []int, logw []float64, u float64) {
	sum, k := math.Exp(logw[0]), 0
	for i := range from {
		for sum < (float64(i)+u)/float64(len(from)) && k < len(logw)-1 {
			k++
			sum += math.Exp(logw[k])
		}
		from[i] = k
	}
}

// warnings say whether a normal is near enough to the density.
func warnings(s *infer.State, name string, plain bool) []string {
	var w []string
	far, few := 0, 0
	most := 0.
	for _, q := range infer.Qualities(s) {
		if !(q.KHat <= .7) && !math.IsNaN(q.KHat) {
			far++
			most = max(most, q.KHat)
		}
		if !plain && q.Ancestors*5 < q.Particles {
			few++
		}
	}
	if far > 0 {
		w = append(w, fmt.Sprintf("in %d of %d runs Pareto k̂ of the weights is above .7 (up to %.2f): the density is "+
			"not near enough to the normals of %s for its draws, and log Z is not reliable; run nuts, which can begin "+
			"there (`init=pathfinder`)", far, s.Groups, most, name))
	}
	if few > 0 {
		w = append(w, fmt.Sprintf("in %d of %d runs fewer than a fifth of the draws are different", few, s.Groups))
	}
	return w
}

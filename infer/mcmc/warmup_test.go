package mcmc

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// firstStep is Hoffman and Gelman's algorithm 4 for one chain at x of N(0, sd²).
func firstStep(x, sd float64, s *infer.State, chain int, seed uint64) (eps float64) {
	dir, p := 0., make([]float64, s.Groups)
	for eps, try := 1., uint32(0); ; try++ {
		s.Normals(seed, 64+try, p)
		q := p[chain]
		h := (q*q + x*x/sd/sd) / 2
		q -= eps / 2 * x / sd / sd
		y := x + eps*q
		q -= eps / 2 * y / sd / sd
		want := -1.
		if math.Exp(h-(q*q+y*y/sd/sd)/2) > .8 {
			want = 1
		}
		if dir == 0 {
			dir = want
		} else if dir != want {
			return eps
		}
		eps *= math.Pow(2, dir)
	}
}

// The first step size is doubled or halved once a gradient until the acceptance crosses .8, and no more: a chain that
// has found its own is left alone while others still look, and has the same with others beside it as alone.
func TestFirstStepOfAChain(t *testing.T) {
	const chains = 8
	for _, sd := range []float64{1e-4, 1, 1e4} {
		p := infer.SeededTarget{Target: infertest.Normal(0, []float64{0}, []float64{sd}), Seed: 9}
		begin := func(n int, first uint64) *infer.State {
			s := infer.NewState(NUTS{}, n, 1, first)
			s.AddVar("tally", infer.TallyWidth)
			for i, id := range s.ID {
				// chains at unlike places of the density need unlike numbers of steps
				s.X[i] = sd * math.Pow(3, float64(id)-7)
			}
			if err := (NUTS{}).Init(t.Context(), p, s); err != nil {
				t.Fatal(err)
			}
			return s
		}
		all := begin(chains, 0)
		sizes := map[float64]bool{}
		for i, eps := range all.Var("eps") {
			calls := all.Var("tally")[i*infer.TallyWidth+infer.TallyGradients]
			if want := 2 + math.Abs(math.Log2(eps)); calls != want {
				t.Errorf("sd %g, chain %d: %g gradients for a step of %g, want %g", sd, i, calls, eps, want)
			}
			if want := firstStep(all.X[i], sd, all, i, p.Seed); eps != want {
				t.Errorf("sd %g, chain %d: a first step of %g, want %g", sd, i, eps, want)
			}
			if one := begin(1, uint64(i)).Var("eps")[0]; one != eps {
				t.Errorf("sd %g, chain %d: a first step of %g beside others, of %g alone", sd, i, eps, one)
			}
			sizes[eps] = true
		}
		if len(sizes) < 2 {
			t.Errorf("sd %g: all chains have a first step of %v: the test sees too little", sd, all.Var("eps"))
		}
	}
}

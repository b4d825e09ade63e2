package recipe

import (
	"context"
	"errors"
	"fmt"
	"sort"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// mostCoupled bounds the rows of an end that is coupled to the other: a plan looks at all pairs.
const mostCoupled = 4096

// couple pairs the ends of an interpolant of the family sb by the entropic plan of its reference √κ W,
//
//	π = argmin Σ_ij π_ij ½|y_j − x_i|² + κ KL(π | uniform ⊗ uniform),
//
// which is what makes it a Schrödinger bridge: every row of the data gets one partner, drawn from its row of the plan.
// Other families keep ends that are drawn independently. Without rows at the other end they are drawn from N(0,I).
func (f *fit) couple(ctx context.Context, p ito.Path, d learn.Drawn) (learn.Drawn, error) {
	w, ok := p.(path.Entropic)
	if !ok {
		return d, nil
	}
	κ, ok := w.Entropic()
	if !ok {
		return d, nil
	}
	dim := f.set.Space().Dim()
	n := f.set.Len()
	src, ordered := f.set.Source.(ito.Coupled)
	if !ordered || n > mostCoupled || d.X.N > mostCoupled {
		return d, &ito.UnsupportedError{What: fmt.Sprintf("`family=sb` of %d and %d rows", n, d.X.N),
			Why:     fmt.Sprintf("its ends are coupled by a plan of all pairs, of at most %d rows each", mostCoupled),
			Nearest: "fewer rows, or `family=linear`, whose ends are independent"}
	}
	x, cond := ito.NewStates(n, dim, 0), make([]float64, n*src.CondWidth())
	if err := src.Read(x, cond, 0); err != nil {
		return d, err
	}
	if d.X.N == 0 {
		d.X = ito.NewStates(n, dim, 0)
		ito.Seed(f.c.Seed).Normal(d.X, rng.PurposePrior, 0, 0)
	}
	plan, err := metric.Sinkhorn{Reg: κ, Tol: 1e-4, MaxIter: 5000}.Solve(ctx, x, d.X)
	var not *metric.NotConvergedError
	if errors.As(err, &not) {
		return d, &ito.InputError{Where: "`family` sb", What: "the plan of its ends: " + not.Error(),
			Do: fmt.Sprintf("give more noise, `kappa=%g`", 4*κ)}
	}
	if err != nil {
		return d, err
	}
	u, law, y := ito.NewStates(n, 1, 0), make([]float64, d.X.N), ito.NewStates(n, dim, 0)
	ito.Seed(f.c.Seed).Uniform(u, rng.PurposeData, 0, 1)
	for i := range n {
		plan.Row(i, law)
		for j := 1; j < len(law); j++ {
			law[j] += law[j-1]
		}
		at := u.X[i] * law[len(law)-1]
		j := sort.Search(len(law)-1, func(j int) bool { return law[j] > at })
		copy(y.Row(i), d.X.Row(j))
	}
	return learn.Drawn{X: y, Coupled: true}, nil
}

package learn

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/wrap"
)

// The ways in which a field is made one of few steps.
const (
	// The end of the flow, from one step of the teacher's and the student's own end from there (Song et al. 2023,
	// arXiv:2303.01469, algorithm 2, with the step of Heun and without a second network).
	Consistency = "consistency"
	// The same without a teacher: the step is that of the noise that made x_t (algorithm 3; Song & Dhariwal 2024,
	// arXiv:2310.14189, §3.2).
	ConsistencyTraining = "consistency-training"
	// Two steps of DDIM by the teacher in one (Salimans & Ho 2022, arXiv:2202.00512, algorithm 2).
	Progressive = "progressive"
)

// Distillation is the loss of a student that is to do in few steps what its teacher does in many. Levels are times from
// noise to data. The student's x̂0 at level i is taught
//
//	consistency            its own x̂0 at level i+1, at the state that a step of the teacher's flow leads to;
//	                       at the last level the state itself
//	consistency-training   the same, at the state of the same row with the same noise
//	progressive            what one step of DDIM from level 2i to 2i+2 needs to end where two of the teacher's end
//
// with the weights of the network's own output, whose scale is one at all levels. The path must be diagonal, of one
// mode and without a basis, its noise Gaussian.
type Distillation struct {
	Method  string
	Teacher ito.Field // not for consistency-training
	// Student is the field of the loop's present weights, of the consistency methods.
	Student *field.Net
	Levels  ito.Grid
}

// Bind makes the loss on a path, in the wrapping of the student's network.
func (d Distillation) Bind(p ito.Path, w wrap.Wrapping, pr Setup) (Bound, error) {
	refuse := func(why, nearest string) (Bound, error) {
		return nil, &ito.UnsupportedError{What: "distillation on path " + p.Name(), Why: why, Nearest: nearest}
	}
	diagonal, ok := p.(ito.Diagonal)
	switch {
	case !ok || !ito.Has(p, ito.CapGaussian):
		return refuse("it has no α and σ of Gaussian noise", "path edm")
	case diagonal.Modes() != 1 || diagonal.Basis() != nil:
		return refuse("its columns have noise levels of their own", "path edm")
	}
	trainable, ok := w.(wrap.Trainable)
	if !ok {
		return refuse("its network is wrapped by "+w.Kind()+", which has no targets", "wrapping moments")
	}
	least := 2
	if d.Method == Progressive {
		least = 3
	}
	if len(d.Levels) < least || d.Method == Progressive && len(d.Levels)%2 != 1 {
		return nil, &ito.InputError{Where: "distillation", What: fmt.Sprintf("%d levels for method %s", len(d.Levels),
			d.Method)}
	}
	r, err := regress(p, trainable, ito.PredX0, pr, nil)
	if err != nil {
		return nil, err
	}
	r.scale[0] = 1
	n, dim := pr.Batch, pr.Source.Space().Dim()
	out := &distilled{regression: r, d: d, modes: path.NewModes(diagonal)}
	for _, s := range []*ito.States{&out.xt, &out.xs, &out.target, &out.eps, &out.eps2} {
		*s = ito.NewStates(n, dim, 0)
	}
	out.s = make(ito.Times, n)
	out.at = make([]int, n)
	return out, nil
}

// distilled is a regression whose targets are computed by fields.
type distilled struct {
	*regression
	d     Distillation
	modes *path.Modes

	xt, xs, target ito.States
	eps, eps2      ito.States
	s              ito.Times // the lower level of every row
	at             []int     // its interval
}

// SameProgram implements Retraced.
func (r *distilled) SameProgram(old Loss) bool {
	o, ok := old.(*distilled)
	return ok && r.regression.SameProgram(o.regression)
}

// Draw implements Loss.
func (r *distilled) Draw(ctx context.Context, step uint32, pool *ad.Pool) error {
	b := r.rows
	if err := b.fill(step); err != nil {
		return err
	}
	r.intervals(step)
	ids := b.x0.ID
	r.xt.ID, r.xs.ID, r.target.ID, r.eps.ID, r.eps2.ID = ids, ids, ids, ids, ids
	b.space.Noise(ito.Seed(b.seed), ids, b.conditions()).Normal(r.eps, rng.PurposePath, step, 0)
	r.mix(r.xt, b.x0, r.eps, r.t)
	cond := ito.Cond{C: b.source.CondWidth()}
	for _, v := range b.cond { // as the student is told, some of them dropped
		cond.X = append(cond.X, float64(v))
	}
	if cond.C == 0 {
		cond = ito.Cond{}
	}
	var err error
	if r.d.Method == Progressive {
		err = r.progressive(ctx, cond, pool)
	} else {
		err = r.consistent(ctx, cond, pool)
	}
	if err != nil {
		return err
	}
	r.noiseOf(r.eps, r.xt, r.target, r.t)
	if err := r.wrap.Prepare(r.in, r.target, r.eps, r.t, ito.PredX0); err != nil {
		return err
	}
	for i := range r.in.Weight {
		r.in.Weight[i] = 1
	}
	return nil
}

// intervals draws the interval of every row: row i from the i-th of n equal parts of them.
func (r *distilled) intervals(step uint32) {
	n, stride := len(r.d.Levels)-1, 1
	if r.d.Method == Progressive {
		n, stride = n/2, 2
	}
	rng.NewKey(r.rows.seed, rng.PurposeTime, step, 0).Uniforms64(r.t, 1, r.rows.x0.ID)
	for i, u := range r.t {
		k := min(int((float64(i)+u)/float64(len(r.t))*float64(n)), n-1)
		r.at[i] = k * stride
		r.t[i], r.s[i] = r.d.Levels[k*stride], r.d.Levels[(k+1)*stride]
	}
}

// mix writes x_t = μ + α(x_0−μ) + σε.
func (r *distilled) mix(dst, x0, eps ito.States, t ito.Times) {
	r.each(dst, t, func(i, k int, μ, α, σ float64) float64 {
		return μ + float64(α*(x0.X[i*x0.D+k]-μ)) + float64(σ*eps.X[i*x0.D+k])
	})
}

// noiseOf writes ε = (x_t − μ − α(x_0−μ))/σ.
func (r *distilled) noiseOf(dst, xt, x0 ito.States, t ito.Times) {
	r.each(dst, t, func(i, k int, μ, α, σ float64) float64 {
		return (xt.X[i*x0.D+k] - μ - float64(α*(x0.X[i*x0.D+k]-μ))) / σ
	})
}

// each writes a number for every row and column, given the path at the row's time.
func (r *distilled) each(dst ito.States, t ito.Times, f func(i, k int, μ, α, σ float64) float64) {
	mean := r.modes.Path.Mean()
	for i := range dst.N {
		if i == 0 || t[i] != t[i-1] {
			r.modes.At(t[i])
		}
		α, σ := r.modes.Alpha[0], r.modes.Sigma[0]
		row := dst.Row(i)
		for k := range row {
			μ := 0.
			if mean != nil {
				μ = mean[k]
			}
			row[k] = f(i, k, μ, α, σ)
		}
	}
}

package tune

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// EMS are the empirical model statistics of DPM-Solver-v3: three numbers for each coordinate at times equally far
// apart in λ = log(α/σ), from noise to data. With f = (σε̂ − l x)/α and f¹ its total derivative in λ along the
// probability flow,
//
//	l = E diag(σ ∇_x ε̂),   s = Cov(f, f¹)/Var f,   b = E f¹ − s E f,
//
// over x at the time of λ. l = 1, s = b = 0 makes DPM-Solver-v3 the multistep DPM-Solver++ with exact weights, and
// l = 0, s = −1, b = 0 the multistep DPM-Solver. They belong to one field: a network, and its guidance scale.
type EMS struct {
	D        int
	From, To float64   // λ of the first and the last row, From < To
	L, S, B  []float64 // [N+1,D] row-major, N ≥ 1
}

// ConstantEMS is the same statistics everywhere between two λ.
func ConstantEMS(d int, from, to, l, s, b float64) *EMS {
	e := &EMS{D: d, From: from, To: to, L: make([]float64, 2*d), S: make([]float64, 2*d), B: make([]float64, 2*d)}
	for i := range 2 * d {
		e.L[i], e.S[i], e.B[i] = l, s, b
	}
	return e
}

// Check reports statistics whose shapes do not fit or whose numbers are not finite, as an *ito.InputError.
func (e *EMS) Check() error {
	bad := func(format string, a ...any) error {
		return &ito.InputError{Where: "model statistics", What: fmt.Sprintf(format, a...)}
	}
	if e == nil || e.D < 1 || len(e.L) < 2*e.D || len(e.L)%e.D != 0 || len(e.S) != len(e.L) || len(e.B) != len(e.L) {
		if e == nil {
			return bad("there are none")
		}
		return bad("%d, %d and %d values of l, s and b for dimension %d", len(e.L), len(e.S), len(e.B), e.D)
	}
	if !(e.From < e.To) || math.IsInf(e.To-e.From, 0) {
		return bad("λ from %g to %g", e.From, e.To)
	}
	for _, s := range [][]float64{e.L, e.S, e.B} {
		if slices.ContainsFunc(s, func(v float64) bool { return v-v != 0 }) {
			return bad("a value is not finite")
		}
	}
	return nil
}

// rows is N+1.
func (e *EMS) rows() int { return len(e.L) / e.D }

// lambda is λ of row i.
func (e *EMS) lambda(i int) float64 {
	n := e.rows() - 1
	if i == n {
		return e.To
	}
	return e.From + float64(i)/float64(n)*(e.To-e.From)
}

// Statistics says how EMS are estimated. The zero value serves.
type Statistics struct {
	Steps int // N; 0: 120
	// Rademacher probes a row for the diagonal of the Jacobian; 0: exact, by D products, up to dimension 16, else
	// 1
	Probes int
	Noise  ito.Noise // of the perturbation; nil: ito.Seed(0). Probes take seed 0
	Cond   ito.Cond  // of the data
	// Progress is told of every λ done, of both passes.
	Progress func(done, of int)
}

// Estimate computes the statistics of a differentiable field on a path of one mode, between the times from (noise)
// and to, over perturbed data: the expectations are means over the rows of data, 1024 to 4096 of which are usual.
// It costs (N+1)(D or Probes, and 1) Jacobian–vector products a row, and N+1 predictions. A coordinate whose f does
// not vary, as with Gaussian data, has s = 0.
//
// Source: Zheng et al. 2023, arXiv:2310.13268, section 3.2 and appendix C.1.
func (o Statistics) Estimate(ctx context.Context, p ito.Path, f ito.Field, data ito.States, from, to float64) (*EMS,
	error) {
	d, ok := p.(ito.Diagonal)
	if !ok || !ito.Has(p, ito.CapOneMode) || !ito.Has(p, ito.CapGaussian) {
		return nil, &ito.UnsupportedError{What: "model statistics on path " + p.Name(),
			Why: "they are taken where one Gaussian schedule serves all coordinates", Nearest: "vp"}
	}
	if err := data.Check(); err != nil || data.N < 2 || o.Steps < 0 || o.Probes < 0 {
		return nil, &ito.InputError{Where: "model statistics", What: fmt.Sprintf("%d rows of data, %d steps, %d probes",
			data.N, o.Steps, o.Probes), Do: "give at least two rows of data"}
	}
	eps, err := field.As(f, p, ito.PredEps)
	if err != nil {
		return nil, err
	}
	jvp, ok := eps.(ito.JVPer)
	if !ok {
		return nil, &ito.UnsupportedError{What: "model statistics of this field",
			Why: "it cannot be differentiated forwards", Nearest: "a field with JVP"}
	}
	if o.Steps == 0 {
		o.Steps = 120
	}
	if o.Noise == nil {
		o.Noise = ito.Seed(0)
	}
	e := &estimate{Statistics: o, p: d, f: eps, jvp: jvp, data: data, m: path.NewModes(d)}
	return e.run(ctx, from, to)
}

type estimate struct {
	Statistics
	p          ito.Diagonal
	f          ito.Field
	jvp        ito.JVPer
	data       ito.States
	m          *path.Modes
	x, ε, v, w ito.States
	done       int
}

func (o *estimate) run(ctx context.Context, from, to float64) (*EMS, error) {
	times, err := solve.LogSNR(o.p, from, to, o.Steps)
	if err != nil {
		return nil, err
	}
	n, d := len(times), o.data.D
	λ := make([]float64, n)
	for i, t := range times {
		o.m.At(t)
		λ[i] = math.Log(o.m.Alpha[0] / o.m.Sigma[0])
	}
	if !(λ[0] < λ[n-1]) {
		return nil, &ito.InputError{Where: "model statistics", What: fmt.Sprintf("from t=%g to %g", from, to),
			Do: "go from noise to data"}
	}
	ems := &EMS{D: d, From: λ[0], To: λ[n-1], L: make([]float64, n*d), S: make([]float64, n*d), B: make([]float64, n*d)}
	o.x, o.ε, o.v, o.w = o.data.Like(d), o.data.Like(d), o.data.Like(d), o.data.Like(d)
	for i, t := range times {
		if err := o.linear(ctx, ems.L[i*d:(i+1)*d], t); err != nil {
			return nil, err
		}
	}
	slope := make([]float64, d)
	for i, t := range times {
		o.slope(slope, ems.L, λ, i)
		row := func(x []float64) []float64 { return x[i*d : (i+1)*d] }
		if err := o.rest(ctx, row(ems.L), slope, row(ems.S), row(ems.B), t); err != nil {
			return nil, err
		}
	}
	return ems, ems.Check()
}

// slope is dl/dλ at row i by the polynomial through 5 rows.
func (o *estimate) slope(dst, l, λ []float64, i int) {
	n, d := len(λ), len(dst)
	first := min(max(i-2, 0), max(n-5, 0))
	δ, rows := []float64{0}, []int{i}
	for k := first; k < min(first+5, n); k++ {
		if k != i {
			δ, rows = append(δ, λ[k]-λ[i]), append(rows, k)
		}
	}
	clear(dst)
	for q, w := range derivativeWeights(δ, DerivativesExact)[0] {
		for j := range dst {
			dst[j] += w * l[rows[q]*d+j]
		}
	}
}

func (o *estimate) told() {
	if o.done++; o.Progress != nil {
		o.Progress(o.done, 2*(o.Steps+1))
	}
}

// linear writes l at t.
func (o *estimate) linear(ctx context.Context, l []float64, t float64) error {
	if err := o.p.Perturb(o.x, o.data, ito.Times{t}, o.Cond, o.Noise); err != nil {
		return err
	}
	o.m.At(t)
	σ, d := o.m.Sigma[0], len(l)
	probes, exact := o.Probes, o.Probes == 0 && d <= 16
	if exact {
		probes = d
	}
	for q := range max(probes, 1) {
		switch {
		case exact:
			clear(o.v.X)
			for i := range o.v.N {
				o.v.Row(i)[q] = 1
			}
		default:
			bits := make([]uint32, len(o.v.X))
			rng.NewKey(0, rng.PurposeProbe, uint32(q), 0).Bits(bits, d, o.v.ID)
			for i, b := range bits {
				o.v.X[i] = float64(int(b&1)*2 - 1)
			}
		}
		if err := o.jvp.JVP(ctx, o.w, o.x, ito.Times{t}, o.Cond, o.v, ito.Times{0}); err != nil {
			return err
		}
		for i := range o.w.N {
			for j := range l {
				l[j] += float64(o.v.Row(i)[j] * o.w.Row(i)[j])
			}
		}
	}
	c := σ / float64(o.w.N)
	if !exact {
		c /= float64(max(probes, 1))
	}
	for j := range l {
		l[j] *= c
	}
	o.told()
	return nil
}

// rest writes s and b at t, given l and its slope in λ.
func (o *estimate) rest(ctx context.Context, l, slope, s, b []float64, t float64) error {
	at := ito.Times{t}
	if err := o.p.Perturb(o.x, o.data, at, o.Cond, o.Noise); err != nil {
		return err
	}
	if err := o.f.Predict(ctx, o.ε, o.x, at, o.Cond); err != nil {
		return err
	}
	o.m.At(t)
	α, σ := o.m.Alpha[0], o.m.Sigma[0]
	dlogα := o.m.DAlpha[0] / α
	dt := 1 / (dlogα - o.m.DSigma[0]/σ) // dt/dλ
	mean, d := o.p.Mean(), len(l)
	centre := func(j int) float64 {
		if mean == nil {
			return 0
		}
		return mean[j]
	}
	for i := range o.x.N { // the flow, per unit of λ
		for j, x := range o.x.Row(i) {
			o.v.Row(i)[j] = float64(dlogα*dt*(x-centre(j))) - float64(σ*o.ε.Row(i)[j])
		}
	}
	if err := o.jvp.JVP(ctx, o.w, o.x, at, o.Cond, o.v, ito.Times{dt}); err != nil {
		return err
	}
	n := float64(o.x.N)
	for j := range d {
		f := func(i int) float64 {
			return (float64(σ*o.ε.Row(i)[j]) - float64(l[j]*(o.x.Row(i)[j]-centre(j)))) / α
		}
		f1 := func(i int) float64 {
			return σ/α*(float64((l[j]-1)*o.ε.Row(i)[j])+o.w.Row(i)[j]) - slope[j]*(o.x.Row(i)[j]-centre(j))/α
		}
		var m, m1, square, v, c float64
		for i := range o.x.N {
			m += f(i) / n
			m1 += f1(i) / n
			square += f(i) * f(i) / n
		}
		for i := range o.x.N {
			v += (f(i) - m) * (f(i) - m) / n
			c += (f(i) - m) * (f1(i) - m1) / n
		}
		if v > 1e-8*square {
			s[j] = c / v
		}
		b[j] = m1 - s[j]*m
	}
	o.told()
	return nil
}

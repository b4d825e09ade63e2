package field

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

// wave is a network with a known derivative: F = sin(in) + label/10 + in_0.
type wave struct{}

func (wave) Forward(_ context.Context, dst, in ito.States, label ito.Times, _ ito.Cond) error {
	for i := range in.N {
		for k, v := range in.Row(i) {
			dst.Row(i)[k] = math.Sin(v) + label.At(i)/10 + in.Row(i)[0]
		}
	}
	return nil
}

func (wave) BackwardInput(_ context.Context, din, in ito.States, _ ito.Times, _ ito.Cond, w ito.States) error {
	for i := range in.N {
		for k, v := range in.Row(i) {
			din.Row(i)[k] = math.Cos(v) * w.Row(i)[k]
		}
		for _, v := range w.Row(i) {
			din.Row(i)[0] += v
		}
	}
	return nil
}

// A wrapped network that says what the exact field says is the exact field.
type oracleNet struct {
	f ito.Field
	p ito.Diagonal
	s wrap.Scaling
}

func (o oracleNet) Forward(ctx context.Context, dst, in ito.States, label ito.Times, c ito.Cond) error {
	m := must(wrap.NewPreconditioning(o.p, o.s, ito.PredX0))
	x := in.Clone()
	for i := range in.N {
		m.At(label[i]) // this wrapping tells the time
		for k := range x.Row(i) {
			x.Row(i)[k] = in.Row(i)[k]/m.In + o.p.Mean()[k]
		}
		if err := o.f.Predict(ctx, dst.Slice(i, i+1), x.Slice(i, i+1), ito.Times{label[i]}, c); err != nil {
			return err
		}
		m.Raw(dst.Row(i), x.Row(i))
	}
	return nil
}

type clock struct{}

func (clock) Label(t float64) float64 { return t }

func TestRawIsTheField(t *testing.T) {
	p := must(path.NewReverting(path.RevertingConfig{Mean: []float64{.3, -.2}}))
	s := wrap.PathLabel{Scaling: wrap.ScalingEDM{}, Path: clock{}}
	e := must(NewMixture(p, planeMixtures()["variances"]))
	x := normals(4, 2, 3, 1)
	times := ito.Times{.2, .5, .7, 1}
	for kind := ito.PredX0; kind <= ito.PredVelocity; kind++ {
		f := must(NewRaw(must(wrap.NewPublished(p, 2, s)), kind, oracleNet{must(e.As(ito.PredX0)), p, s}))
		samePredictions(t, kind.String(), f, must(e.As(kind)), x, times)
	}
}

// The VJP of a wrapped network against differences, 1e-7.
func TestRawVJP(t *testing.T) {
	for sn, s := range map[string]wrap.Scaling{"edm": wrap.ScalingEDM{}, "vp": wrap.ScalingVP{}, "ve": wrap.ScalingVE{},
		"v": wrap.ScalingV{}, "iddpm": must(wrap.NewScalingIDDPM(0))} {
		f := must(NewRaw(must(wrap.NewPublished(path.VP{}, 2, s)), ito.PredVelocity, wave{}))
		x, w := normals(3, 2, 4, 1), normals(3, 2, 5, 1)
		times := ito.Times{.1, .4, .9}
		got := x.Like(2)
		if err := f.(ito.VJPer).VJP(ctx, got, x, times, ito.Cond{}, w); err != nil {
			t.Fatal(err)
		}
		for k := range 2 {
			const h = 1e-6
			up, down, a, b := x.Clone(), x.Clone(), x.Like(2), x.Like(2)
			for i := range x.N {
				up.Row(i)[k] += h
				down.Row(i)[k] -= h
			}
			ok(t, f.Predict(ctx, a, up, times, ito.Cond{}))
			ok(t, f.Predict(ctx, b, down, times, ito.Cond{}))
			for i := range x.N {
				want := (matrix.Dot(a.Row(i), w.Row(i)) - matrix.Dot(b.Row(i), w.Row(i))) / (2 * h)
				if math.Abs(got.Row(i)[k]-want) > 1e-7*(1+math.Abs(want)) {
					t.Errorf("%s: %g, difference %g", sn, got.Row(i)[k], want)
				}
			}
		}
	}
	many := must(path.NewVSDM(path.VSDMConfig{D: 2}))
	if _, err := wrap.NewPublished(many, 2, wrap.ScalingEDM{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("many modes: %v", err)
	}
}

// samePredictions compares two fields without a condition, to 1e-9.
func samePredictions(t *testing.T, name string, f, want ito.Field, x ito.States, times ito.Times) {
	t.Helper()
	a, b := x.Like(x.D), x.Like(x.D)
	if err := f.Predict(ctx, a, x, times, ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	if err := want.Predict(ctx, b, x, times, ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	for i, w := range b.X {
		if math.Abs(a.X[i]-w) > 1e-9*(1+math.Abs(w)) {
			t.Errorf("%s: %g, want %g", name, a.X[i], w)
		}
	}
}

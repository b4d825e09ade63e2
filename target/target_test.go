package target

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
)

// A Gaussian with a full precision matrix: −½(x−m)ᵀP(x−m).
var (
	mean      = []float64{1, -2, .5}
	precision = []float64{2, .3, 0, .3, 1, -.2, 0, -.2, .5}
)

func gaussian(t *Trace) ad.Value {
	r := ad.Sub(t.X, t.Data(mean))
	return ad.Scale(ad.Dot(r, ad.MatMul(t.Data(precision, 3, 3), r)), -.5)
}

func gaussianFunc() *Func {
	return &Func{D: 3, Log: func(x []float64) float64 {
		s := 0.
		for i := range 3 {
			for j := range 3 {
				s += precision[3*i+j] * (x[i] - mean[i]) * (x[j] - mean[j])
			}
		}
		return -s / 2
	}, Grad: func(g, x []float64) {
		for i := range 3 {
			g[i] = 0
			for j := range 3 {
				g[i] -= precision[3*i+j] * (x[j] - mean[j])
			}
		}
	}}
}

func normals(n, d int) ito.States {
	x := ito.NewStates(n, d, 0)
	ito.Seed(1).Normal(x, rng.PurposeTarget, 0, 0)
	return x
}

func TestProgramEqualsFunc(t *testing.T) {
	p, err := Compile(3, nil, gaussian)
	if err != nil {
		t.Fatal(err)
	}
	f, ctx, x := gaussianFunc(), context.Background(), normals(1000, 3)
	a, b, c := make([]float64, x.N), make([]float64, x.N), make([]float64, x.N)
	ga, gb := x.Like(3), x.Like(3)
	for _, err := range []error{p.Gradient(ctx, a, ga, x), f.Gradient(ctx, b, gb, x), p.LogDensity(ctx, c, x)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	near(t, "log density", a, b, 1e-13)
	near(t, "gradient", ga.X, gb.X, 1e-13)
	near(t, "LogDensity", c, a, 1e-15)
	if err := f.LogDensity(ctx, c, x); err != nil {
		t.Fatal(err)
	}
	near(t, "Func.LogDensity", c, b, 0)
	f.Grad = nil
	if err := f.Gradient(ctx, b, gb, x); err != nil {
		t.Fatal(err)
	}
	near(t, "differences", gb.X, ga.X, 1e-8)
}

// A row's bytes depend on the row alone, and calls may overlap.
func TestRowsAndConcurrency(t *testing.T) {
	pool := ad.NewPool(2)
	defer pool.Close()
	p, err := Compile(3, pool, gaussian)
	if err != nil {
		t.Fatal(err)
	}
	ctx, x := context.Background(), normals(257, 3)
	lp, g := make([]float64, x.N), x.Like(3)
	if err := p.Gradient(ctx, lp, g, x); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s := x.Slice(13*i, 29*i+1)
			l, h := make([]float64, s.N), s.Like(3)
			if err := p.Gradient(ctx, l, h, s); err != nil {
				t.Error(err)
			}
			if !slices.Equal(l, lp[13*i:29*i+1]) || !slices.Equal(h.X, g.Slice(13*i, 29*i+1).X) {
				t.Errorf("rows %d…%d differ from the whole batch", 13*i, 29*i)
			}
		})
	}
	wg.Wait()
}

func TestCheckGradient(t *testing.T) {
	ctx, x := context.Background(), normals(5, 3)
	f := gaussianFunc()
	if err := CheckGradient(ctx, f, x, 0); err != nil {
		t.Fatal(err)
	}
	right := f.Grad
	f.Grad = func(g, x []float64) { right(g, x); g[1] *= 1.0001 }
	var ge *GradientError
	if err := CheckGradient(ctx, f, x, 0); !errors.As(err, &ge) || ge.Coordinate != 1 || ge.Row != 0 {
		t.Errorf("a gradient wrong by 1e-4 in coordinate 1 gave %v", err)
	}
	var ve *ValueError
	if err := CheckGradient(ctx, liar{gaussianFunc()}, x, 0); !errors.As(err, &ve) {
		t.Errorf("two log densities gave %v", err)
	}
	// A stiff, curved density passes, and rows without a finite density are skipped.
	stiff := &Func{D: 2, Log: func(x []float64) float64 {
		return math.Log(x[0]) - 50*(x[1]-x[0]*x[0])*(x[1]-x[0]*x[0])
	}, Grad: func(g, x []float64) {
		r := x[1] - x[0]*x[0]
		g[0], g[1] = 1/x[0]+200*r*x[0], -100*r
	}}
	if err := CheckGradient(ctx, stiff, normals(20, 2), 0); err != nil {
		t.Error(err)
	}
}

type liar struct{ *Func }

func (l liar) Gradient(ctx context.Context, logp []float64, grad, x ito.States) error {
	err := l.Func.Gradient(ctx, logp, grad, x)
	logp[0] += 1e-3
	return err
}

func TestRefusals(t *testing.T) {
	ctx := context.Background()
	p, err := Compile(3, nil, gaussian)
	if err != nil {
		t.Fatal(err)
	}
	var de *DimError
	if err := p.LogDensity(ctx, make([]float64, 2), normals(2, 4)); !errors.As(err, &de) || de.Got != 4 {
		t.Errorf("dimension 4: %v", err)
	}
	if err := p.Gradient(ctx, make([]float64, 1), ito.NewStates(2, 3, 0), normals(2, 3)); !errors.As(err, &de) {
		t.Errorf("room for one of two: %v", err)
	}
	for name, f := range map[string]Density{
		"not a scalar": func(t *Trace) ad.Value { return t.X },
		"shapes":       func(t *Trace) ad.Value { return ad.Sum(ad.Add(t.X, t.Data([]float64{1, 2}))) },
		"nothing":      func(t *Trace) ad.Value { return ad.Value{} },
	} {
		var ae *ad.Error
		if _, err := Compile(3, nil, f); !errors.As(err, &ae) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Compile(0, nil, gaussian); err == nil {
		t.Error("dimension 0 was taken")
	}
	// A constant density has a zero gradient.
	flat, err := Compile(2, nil, func(t *Trace) ad.Value { return t.G.Scalar(ad.F64, 3) })
	if err != nil {
		t.Fatal(err)
	}
	lp, g := make([]float64, 2), normals(2, 2)
	if err := flat.Gradient(ctx, lp, g, normals(2, 2)); err != nil || lp[1] != 3 || !slices.Equal(g.X,
		make([]float64, 4)) {
		t.Errorf("flat: %v, %v, %v", err, lp, g.X)
	}
}

func near(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tol*max(1, math.Abs(want[i]))) {
			t.Fatalf("%s: [%d] is %v, want %v", what, i, got[i], want[i])
		}
	}
}

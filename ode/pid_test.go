package ode_test

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/ode"
)

func TestPID(t *testing.T) {
	near := func(got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-14 {
			t.Errorf("factor %.16g, want %.16g", got, want)
		}
	}
	var e ode.Errors
	ok, f := ode.PID{}.Next(&e, .5, 2)
	near(f, .9*math.Sqrt2)
	if !ok {
		t.Error("an error of one half was rejected")
	}
	c := ode.PID{P: .3, I: .4, D: .1}
	e = ode.Errors{}
	_, f = c.Next(&e, .5, 2)
	near(f, .9*math.Pow(.5, -.4))
	_, f = c.Next(&e, .25, 2)
	near(f, .9*math.Pow(.25, -.4)*math.Pow(.5, .25))
	_, f = c.Next(&e, .8, 2)
	near(f, .9*math.Pow(.8, -.4)*math.Pow(.25, .25)*math.Pow(.5, -.05))
	was := e
	for _, err := range []float64{1.0001, 2, 1e9, math.NaN(), math.Inf(1)} {
		if ok, f := c.Next(&e, err, 2); ok || f > .9 || f < .2 || e != was {
			t.Errorf("an error of %g: accepted %v, factor %g", err, ok, f)
		}
	}
	if _, f := c.Next(&e, 0, 2); f != 10 {
		t.Errorf("an error of 0: factor %g", f)
	}
}

// Both pairs keep their tolerance under every controller, rows by themselves.
func TestPIDDrivesAnIntegration(t *testing.T) {
	f := func(_ context.Context, dst, x, t []float64, _ []int) error {
		for i := range t {
			w := 2 + 20*math.Exp(-50*(t[i]-1)*(t[i]-1)) // slow, fast, slow
			dst[2*i], dst[2*i+1] = w*x[2*i+1], -w*x[2*i]
		}
		return nil
	}
	angle := 2*2 + 20*math.Sqrt(math.Pi/50)*math.Erf(math.Sqrt(50)) // ∫_0^2 w
	for _, tb := range []*ode.Tableau{ode.Dopri5, ode.Tsit5} {
		for _, c := range []*ode.PID{nil, {}, {P: .3, I: .4}, {P: .2, I: .4, D: .05}} {
			x := []float64{1, 0, 0, 2}
			a := ode.Adaptive{Tableau: tb, Atol: 1e-8, Rtol: 1e-8, PID: c}
			res, err := a.Integrate(context.Background(), f, x, 2, 0, 2)
			if err != nil {
				t.Fatal(err)
			}
			want := []float64{math.Cos(angle), -math.Sin(angle), 2 * math.Sin(angle), 2 * math.Cos(angle)}
			for i, v := range want {
				if math.Abs(x[i]-v) > 2e-6 {
					t.Errorf("%s with %+v: value %d is %.9g, want %.9g", tb.Name, c, i, x[i], v)
				}
			}
			one := []float64{0, 2}
			if _, err := a.Integrate(context.Background(), f, one, 2, 0, 2); err != nil || one[0] != x[2] ||
				one[1] != x[3] {
				t.Errorf("%s with %+v: a row alone ends at %v, in its batch at %v", tb.Name, c, one, x[2:])
			}
			if res.Rejected[0] > res.Accepted[0]/3 {
				t.Errorf("%s with %+v: %d of %d steps rejected", tb.Name, c, res.Rejected[0], res.Accepted[0])
			}
		}
	}
}

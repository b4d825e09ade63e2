package forecast

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// narrow forecasts 0 with intervals of a tenth of the width that the standard normals of the test have, wider with the
// lead.
type narrow struct{}

func (narrow) State() (State, error) { return State{}, nil }

func (narrow) Predict(_ context.Context, ws []Window, r Request) ([]Forecast, error) {
	var out []Forecast
	for _, w := range ws {
		f := Forecast{ID: w.ID, Mean: make([]float64, w.Horizon), Levels: r.Levels, Spread: "narrow"}
		for _, q := range r.Levels {
			for h := range w.Horizon {
				f.Q = append(f.Q, (q-.5)*.3*float64(1+h))
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// TestConformal corrects intervals that are far too narrow: of 400 series with 10 origins each, the covered part of
// fresh values is .9 within 4 standard errors (.015), at every lead.
func TestConformal(t *testing.T) {
	const n, h, series = 44, 4, 400
	var ws []Window
	var truth [][]float64
	for i := range series {
		x := make([]float64, n+h)
		rng.NewKey(3, rng.PurposeTarget, 0, 0).Normals64(x, n+h, []uint64{uint64(i)})
		s := &Series{ID: fmt.Sprint(i), Freq: Freq{1, Hour}, Values: x}
		ws = append(ws, NewWindow(s, n, h))
		truth = append(truth, x[n:])
	}
	r := Request{Levels: []float64{.05, .25, .5, .75, .95}}
	f, err := Calibrate(t.Context(), narrow{}, ws, 10, r)
	if err != nil {
		t.Fatal(err)
	}
	fs, err := f.Predict(t.Context(), ws, r)
	if err != nil {
		t.Fatal(err)
	}
	for lead := range h {
		for k, want := range []float64{.9, .5} {
			inside := 0.
			for i := range fs {
				if err := fs[i].Check(); err != nil {
					t.Fatal(err)
				}
				if fs[i].Quantile(k)[lead] <= truth[i][lead] && truth[i][lead] <= fs[i].Quantile(4 - k)[lead] {
					inside += 1. / series
				}
			}
			if se := math.Sqrt(want * (1 - want) / series); math.Abs(inside-want) > 4*se {
				t.Errorf("lead %d: %.3f of the values lie in the interval of %g", lead+1, inside, want)
			}
		}
	}
	if fs[0].Spread != "narrow, "+FromConformal {
		t.Errorf("spread %q", fs[0].Spread)
	}
	for _, c := range []struct {
		ws []Window
		r  Request
	}{{ws, Request{Levels: []float64{.1, .5, .95}}}, {[]Window{NewWindow(ws[0].Series, 3, 2)}, r}} {
		if _, err := Calibrate(t.Context(), narrow{}, c.ws, 3, c.r); !errors.Is(err, ito.ErrInput) {
			t.Errorf("it calibrates on %d windows, %v: %v", len(c.ws), c.r.Levels, err)
		}
	}
	if _, err := f.Predict(t.Context(), ws, Request{Levels: []float64{.1, .9}}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("other levels: %v", err)
	}
}

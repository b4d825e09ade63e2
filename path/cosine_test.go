package path

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// The ends of the cosine schedule.
func TestCosineEnds(t *testing.T) {
	p := Cosine{}
	var a, s [1]float64
	p.Schedule(.99, a[:], s[:], nil, nil)
	if math.Abs(a[0]-.0155839) > 5e-8 || math.Abs(s[0]-.999879) > 5e-7 {
		t.Errorf("α=%.8g, σ=%.8g at t=.99", a[0], s[0])
	}
	for at, want := range map[float64]float64{1e-3: 5.04749, .99: -4.1614} {
		if λ := LogSNR(p, at); math.Abs(λ-want) > 6e-6 {
			t.Errorf("λ(%g) = %.7g, want %g", at, λ, want)
		}
	}
	// The end is DPM-Solver's T; log-SNR −5.1, where it clips tables, comes a little later.
	if _, hi := p.Span(); math.Abs(LogSNR(p, hi)+4.77764) > 1e-5 || math.Abs(TimeAt(p, -5.1)-.996088) > 1e-6 {
		t.Errorf("λ(%g) = %g, λ = −5.1 at %g", hi, LogSNR(p, hi), TimeAt(p, -5.1))
	}
	for _, bad := range []Cosine{{Hi: 1}, {S: -1}, {Lo: 2}, {S: math.NaN()}} {
		if _, err := bad.Resolve(); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

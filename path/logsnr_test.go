package path

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// λ → t → λ, and t → λ → t where λ is not nearly constant, to 2e-13 on every path with a log-SNR.
func TestTimeAtInvertsLogSNR(t *testing.T) {
	for i, q := range paths(t) {
		p, ok := q.(ito.Diagonal)
		if !ok {
			continue
		}
		lo, hi := p.Span()
		for j := range 61 {
			at := lo + (hi-lo)*float64(j)/60
			λ := LogSNR(p, at)
			if math.IsInf(λ, 0) {
				continue
			}
			back := TimeAt(p, λ)
			// A rounding of λ is |dt/dλ| of t.
			h := 1e-6 * at
			slope := math.Abs(2 * h / (LogSNR(p, at+h) - LogSNR(p, at-h)))
			if e := math.Abs(back - at); at > 0 && e > 2e-13*at+4e-15*slope*(1+math.Abs(λ)) {
				t.Errorf("%s: t=%.17g has λ=%.17g, which is at %.17g", label(i, p), at, λ, back)
			}
			if e := math.Abs(LogSNR(p, back) - λ); e > 2e-13*(1+math.Abs(λ)) {
				t.Errorf("%s: λ=%.17g is at %.17g, where it is off by %.2g", label(i, p), λ, back, e)
			}
		}
	}
}

// The log-SNR of the paper's settings at the ends.
func TestLogSNRGoldens(t *testing.T) {
	for _, c := range []struct {
		p       ito.Diagonal
		t, want float64
		eps     float64
	}{
		{VP{}, 1, -5.024978406659, 1e-12}, {VP{}, 1e-3, 4.557714932730, 1e-12}, {VP{}, .5, -1.227567734411, 1e-12},
		{VP{}, .1, 1.078290592942, 1e-12},
		{SubVP{}, 1e-3, 9.11548, 5e-6}, {SubVP{}, 1, -5.02496, 5e-6},
		{VE{}, 1, -3.91202, 5e-6}, {VE{}, 0, 4.60517, 5e-6}, {EDM{}, 80, -4.38203, 5e-6}, {EDM{}, .002, 6.21461, 5e-6},
		{Flow{}, .99, -4.59512, 5e-6}, {Flow{}, 1e-3, 6.90675, 5e-6},
	} {
		if λ := LogSNR(c.p, c.t); math.Abs(λ-c.want) > c.eps {
			t.Errorf("%s: λ(%g) = %.13g, want %.13g", c.p.Name(), c.t, λ, c.want)
		}
	}
	var a [1]float64
	VP{}.Schedule(1, a[:], nil, nil, nil)
	if math.Abs(a[0]-.006571586495) > 5e-13 {
		t.Errorf("α(1) = %.12g", a[0])
	}
	// The flow of λ to t is exact at the ends of its range.
	if VP := (VP{}); TimeAt(VP, math.Inf(1)) != 0 || TimeAt(Flow{}, math.Inf(-1)) != 1 {
		t.Error("the ends are not exact")
	}
	// Grids of five steps: even in λ on VP, and of Karras' ρ = 7 on EDM.
	from, to := LogSNR(VP{}, 1), LogSNR(VP{}, 1e-3)
	for i, want := range []float64{1, .785568075, .493439534, .1406364135, .0180953998, .001} {
		if at := TimeAt(VP{}, from+float64(i)/5*(to-from)); math.Abs(at-want) > 1e-9 {
			t.Errorf("node %d at %.10g, want %.10g", i, at, want)
		}
	}
}

// Float32 arithmetic of log(1−e^{2 log α}) loses the log-SNR near the data; the float64 schedule with
// expm1 does not: at t = 1e-5 it has 13 digits.
func TestLogSNRNearTheData(t *testing.T) {
	for at, want := range map[float64]float64{1e-5: 6.9072578, 1e-4: 5.7515098, 1e-3: 4.5577149, 1e-2: 3.1080568} {
		if λ := LogSNR(VP{}, at); math.Abs(λ-want) > 5e-8 {
			t.Errorf("λ(%g) = %.9g, want %.8g", at, λ, want)
		}
	}
}

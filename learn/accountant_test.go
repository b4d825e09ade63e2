package learn

import (
	"encoding/csv"
	"errors"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// Divergences and ε are those of opacus 1.6 (testdata/rdp_opacus.py), and of the plain Gaussian mechanism in closed
// form.
func TestAccountantAgainstOpacus(t *testing.T) {
	f, err := os.Open("testdata/rdp.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) < 30 {
		t.Fatal(err, len(lines))
	}
	for _, l := range lines[1:] {
		var v [7]float64
		for i, s := range l {
			if v[i], err = strconv.ParseFloat(s, 64); err != nil {
				t.Fatal(err)
			}
		}
		a := Accountant{v[0], v[1]}
		if got := a.Divergence(v[4]); math.Abs(got-v[5]) > 1e-7*(1e-6+v[5]) {
			t.Errorf("order %g at %+v: %g, not %g", v[4], a, got, v[5])
		}
		if got := a.Epsilon(int(v[2]), v[3]); math.Abs(got-v[6]) > 1e-3*v[6] {
			t.Errorf("ε at %+v after %g: %g, not %g", a, v[2], got, v[6])
		}
	}
	if got := (Accountant{1, 3}).Divergence(2.5); math.Abs(got-2.5/18) > 1e-15 {
		t.Error(got)
	}
}

// Calibrated noise is the least that keeps ε.
func TestCalibrate(t *testing.T) {
	for _, ε := range []float64{.3, 1, 8} {
		a, err := Calibrate(.01, 2000, ε, 1e-5)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Epsilon(2000, 1e-5); got > ε || got < ε*.999 {
			t.Errorf("ε %g, not %g", got, ε)
		}
	}
	if _, err := Calibrate(.01, 2000, 1, 0); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
}

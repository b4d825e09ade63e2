package metric

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// along makes paths x(t) of two rows on n+1 times from hi to lo.
func along(n int, hi, lo float64, x func(row int, t float64) []float64) (traj []ito.States, times []float64) {
	for k := range n + 1 {
		t := hi + (lo-hi)*float64(k)/float64(n)
		s := ito.NewStates(2, 2, 0)
		for i := range 2 {
			copy(s.Row(i), x(i, t))
		}
		traj, times = append(traj, s), append(times, t)
	}
	return traj, times
}

func TestStraighten(t *testing.T) {
	// Axis 0 is straight, axis 1 a parabola ±3t²: second derivative 6, velocity 6t.
	traj, times := along(100, 1, 0, func(i int, t float64) []float64 {
		return []float64{2 - 5*t, 3 * t * t * float64(1-2*i)}
	})
	s, err := Straighten(traj, times)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "smooth of a straight line", s.Smooth[0], 0, 1e-10)
	near(t, "smooth of a parabola", s.Smooth[1], 6, 1e-10)
	near(t, "KE of a line", s.KE[0], 25, 1e-12)
	near(t, "KE of a parabola", s.KE[1], 12, 2e-3) // ∫36t², midpoint rule
	near(t, "RF of a line", s.RF[0], 0, 1e-12)
	near(t, "RF of a parabola", s.RF[1], 3, 2e-3) // ∫(6t−3)²
	near(t, "relative RF", s.RelRF[1], 3./9, 1e-3)
}

// RF is free of the clock, smooth is not; unequal steps and rising times serve as well.
func TestStraightenOnAnotherClock(t *testing.T) {
	x := func(_ int, t float64) []float64 { return []float64{t, t * t} }
	traj, times := along(200, 0, 4, x)
	s, err := Straighten(traj, times)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "relative RF of t² on [0,4]", s.RelRF[1], 1./3, 1e-4)
	near(t, "smooth of t²", s.Smooth[1], 2, 1e-9)
	var unequal []ito.States
	var at []float64
	for k, v := range times {
		if k%3 != 1 {
			unequal, at = append(unequal, traj[k]), append(at, v)
		}
	}
	if s, err = Straighten(unequal, at); err != nil {
		t.Fatal(err)
	}
	near(t, "smooth of t² on unequal steps", s.Smooth[1], 2, 1e-9)
	near(t, "smooth of t on unequal steps", s.Smooth[0], 0, 1e-9)
}

func TestStraightenRefuses(t *testing.T) {
	traj, times := along(4, 1, 0, func(_ int, t float64) []float64 { return []float64{t, t} })
	if _, err := Straighten(traj[:2], times[:2]); err == nil {
		t.Error("two times: no error")
	}
	if _, err := Straighten(traj, []float64{1, .7, .8, .2, 0}); err == nil {
		t.Error("times to and fro: no error")
	}
	if _, err := Straighten(append(traj[:4:4], ito.NewStates(3, 2, 0)), times); err == nil {
		t.Error("another number of rows: no error")
	}
	traj[2].X[3] = math.Inf(1)
	var bad *ito.NonFiniteError
	if _, err := Straighten(traj, times); !errors.As(err, &bad) || bad.Step != 2 || bad.Sample != 1 {
		t.Errorf("an infinity: %v", err)
	}
}

package metric

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/rng"
)

// AUC is the share of pairs that are in order, counted one by one, ties half.
func TestAUCCountsPairs(t *testing.T) {
	ids := make([]uint64, 60)
	for i := range ids {
		ids[i] = uint64(i)
	}
	u := make([]float64, 2*len(ids))
	rng.NewKey(3, rng.PurposePath, 0, 0).Uniforms64(u, 2, ids)
	var score, label []float64
	for i := range ids {
		score, label = append(score, math.Floor(12*u[2*i])), append(label, math.Floor(2*u[2*i+1]))
	}
	var won, pairs float64
	for i := range score {
		for j := range score {
			if label[i] == 1 && label[j] == 0 {
				pairs++
				if score[i] > score[j] {
					won++
				} else if score[i] == score[j] {
					won += .5
				}
			}
		}
	}
	if got := AUC(score, label); math.Abs(got-won/pairs) > 1e-14 {
		t.Errorf("AUC %v, of pairs %v", got, won/pairs)
	}
	if got := AUC([]float64{1, 2}, []float64{1, 1}); !math.IsNaN(got) {
		t.Errorf("AUC of one label is %v", got)
	}
}

func TestR2AndF1(t *testing.T) {
	y := []float64{1, 2, 4}
	for _, c := range []struct {
		p    []float64
		want float64
	}{{y, 1}, {[]float64{7. / 3, 7. / 3, 7. / 3}, 0}, {[]float64{1, 2, 5}, 1 - 1/(14./3)}} {
		if got := R2(c.p, y); math.Abs(got-c.want) > 1e-14 {
			t.Errorf("R² of %v is %v, want %v", c.p, got, c.want)
		}
	}
	if R2([]float64{2, 2}, []float64{2, 2}) != 1 || R2([]float64{1, 2}, []float64{2, 2}) != 0 {
		t.Error("R² without spread")
	}
	// 2 hits, 1 miss, 1 false alarm
	if got := F1([]float64{1, 1, 0, 1, 0}, []float64{1, 1, 1, 0, 0}, 1); math.Abs(got-2./3) > 1e-15 {
		t.Errorf("F1 is %v, want 2/3", got)
	}
	if F1([]float64{0}, []float64{0}, 1) != 0 {
		t.Error("F1 of a class that is not there")
	}
}

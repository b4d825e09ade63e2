package tune_test

import (
	"errors"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/tune"
)

// On every path the table's errors fall with the evaluations, to below one percent; and there are lines to compare.
func TestTableOnEveryPath(t *testing.T) {
	for _, name := range tune.PathNames() {
		p := must(tune.On("ring", tune.Ring().Data, name))
		if p.Path.Name() != name || !(p.From > p.To) {
			t.Fatalf("%s: %+v", name, p)
		}
		entries := tune.Entries(p)
		least := map[int]float64{}
		for _, r := range must(tune.Table(ctx, p, entries, []int{6, 24}, 64)) {
			if was, ok := least[r.Evals]; !ok || r.RMSE < was {
				least[r.Evals] = r.RMSE
			}
		}
		if len(entries) < 10 || !(least[24] < .01 && least[24] < least[6]/3) {
			t.Errorf("%s: %d lines, least errors %v", name, len(entries), least)
		}
		v3 := must(tune.V3Entries(ctx, p, 8, tune.Statistics{Steps: 4}))
		if want := name != "flow" && name != "vsdm"; (len(v3) == 2) != want {
			t.Errorf("%s: %d lines of DPM-Solver-v3", name, len(v3))
		}
	}
	if _, err := tune.On("ring", tune.Ring().Data, "emd"); !errors.Is(err, ito.ErrInput) {
		t.Errorf("unknown path: %v", err)
	}
}

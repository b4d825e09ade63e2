package recipe

import (
	"context"
	"runtime"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// endless is a source that is computed: n rows of d numbers, which lie nowhere.
type endless struct{ n, d int }

func (s endless) Len() int { return s.n }
func (s endless) Space() ito.Space {
	return ito.Space{Parts: []ito.Part{{Name: "x", Shape: []int{s.d}}}}
}
func (endless) CondWidth() int { return 0 }
func (endless) Digest() string { return "endless" }

func (s endless) Read(dst ito.States, _ []float64, from int) error {
	for i := range dst.N {
		s.row(dst.Row(i), uint64(from+i))
	}
	return nil
}

func (s endless) Fill(dst ito.States, _ []float64, seed uint64, step uint32) error {
	for i, id := range dst.ID {
		s.row(dst.Row(i), uint64(rng.NewKey(seed, rng.PurposeData, step, 0).Intn(id, 0, s.n)))
	}
	return nil
}

// row is cheap: whole numbers of two periods that differ from row to row.
func (endless) row(x []float64, i uint64) {
	for k := range x {
		x[k] = float64((i*7+uint64(k)*13)%31) - 15
	}
}

// grown is how much memory the heap has taken from the system during f, in MiB.
func grown(f func()) float64 {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return (float64(after.HeapSys) - float64(before.HeapSys)) / (1 << 20)
}

// TestTrainingIsBounded: a training takes memory by its blocks and its network, neither by the number of rows nor by
// the square of the dimension: of a million rows, and of 12,288 columns, whose square would be 1,152 MiB.
func TestTrainingIsBounded(t *testing.T) {
	for _, c := range []struct {
		name  string
		s     endless
		path  string
		limit float64 // MiB
	}{
		{"a million rows", endless{1_000_000, 16}, "vp", 64},
		{"a million rows of modes", endless{1_000_000, 4}, "vsdm", 64},
		{"images of 64×64×3", endless{300, 64 * 64 * 3}, "vsdm", 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := tiny()
			cfg.Path, cfg.Variant, cfg.Transform, cfg.Width, cfg.Depth = c.path, "diagonal", "none", 8, 1
			cfg.Steps, cfg.Batch, cfg.Stages, cfg.StageSteps, cfg.StagePaths, cfg.StageGrid = 8, 16, 2, 2, 8, 4
			set := Set{Source: c.s, Name: "endless", Transform: ito.Transform{Kind: "none", Width: c.s.d}}
			var err error
			took := grown(func() { _, _, err = FitSource(context.Background(), set, cfg, RunOptions{Workers: 1}) })
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%.0f MiB", took)
			if took > c.limit {
				t.Errorf("the heap grew by %.0f MiB, more than %g", took, c.limit)
			}
		})
	}
}

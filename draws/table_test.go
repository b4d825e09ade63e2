package draws

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/rng"
)

// Summed up a column at a time, from memory, from a file or from both, a journal says what a set in memory does:
// chains with every kind of warning, and particles.
func TestJournalSummariseIsSummarise(t *testing.T) {
	s := independent(300)
	walk(s)
	s.Chain(0, 1)[7] = 1
	copy(s.Chain(3, 3), s.Chain(3, 1))
	weighted := independent(200)
	weighted.Columns[0], weighted.Columns[1] = LogWeight, Ancestor
	for c := range weighted.Chains {
		copy(weighted.Chain(0, c), weighted.Chain(2, c))
	}
	for _, set := range []*Set{s, weighted} {
		var rows []float64
		for i := range set.Draws {
			for c := range set.Chains {
				for k := range set.Columns {
					rows = append(rows, set.Chain(k, c)[i])
				}
			}
		}
		j := journal(t, &set.Meta, rows)
		for _, held := range []int{0, 3000, heldWords} {
			table, err := j.table(&set.Meta, held)
			if err != nil {
				t.Fatal(err)
			}
			got, err := table.Summarise()
			if err := errors.Join(err, table.Close()); err != nil {
				t.Fatal(err)
			}
			a, errA := json.Marshal(got)
			b, errB := json.Marshal(Summarise(set))
			if errA != nil || errB != nil || string(a) != string(b) {
				t.Errorf("with %d values in memory:\n%s\n%s", held, a, b)
			}
		}
	}
}

// A table is read as it was written: sheets of several blocks, one behind the other, from anywhere, in memory, in a
// file or across both.
func TestSheets(t *testing.T) {
	for _, held := range []int{0, 100_001, 1 << 22} {
		table := newTable(t.TempDir(), held)
		defer table.Close()
		value := func(s, row, k int) float64 { return float64(s*1_000_000 + row*10 + k) }
		var sheets []*sheet
		for s, rows := range []int{1, 250_000, 60_000} {
			width := 3 + s
			sh := table.sheet(width)
			var part []float64
			for r := range rows {
				for k := range width {
					part = append(part, value(s, r, k))
				}
				if r%977 == 0 || r == rows-1 {
					if err := sh.add(part); err != nil {
						t.Fatal(err)
					}
					part = part[:0]
				}
			}
			if err := sh.done(); err != nil {
				t.Fatal(err)
			}
			if sh.count() != rows {
				t.Fatalf("%d rows, want %d", sh.count(), rows)
			}
			sheets = append(sheets, sh)
		}
		for s, sh := range sheets {
			for _, at := range [][2]int{{0, 1}, {0, sh.rows}, {sh.rows / 3, sh.rows / 2}, {sh.rows - 1, 1}} {
				dst := make([]float64, min(at[1], sh.rows-at[0]))
				if err := sh.read(dst, 2, at[0]); err != nil {
					t.Fatal(err)
				}
				for i, v := range dst {
					if v != value(s, at[0]+i, 2) {
						t.Fatalf("%d held, sheet %d, row %d: %v", held, s, at[0]+i, v)
					}
				}
			}
		}
	}
}

// Of more values than are wanted every so many-th draw is read; particles are never thinned.
func TestTableThins(t *testing.T) {
	m := Meta{Columns: []string{LogDensity, "x", "y"}, Stats: 1, Chains: 2}
	rows := make([]float64, 6*10_001)
	for i := range rows {
		rows[i] = float64(i)
	}
	table, err := journal(t, &m, rows).Table(&m)
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	s, err := table.Set([]int{0, 2}, 4*3000)
	if err != nil || s.Draws != 2501 || s.Stats != 1 || len(s.Columns) != 2 {
		t.Fatalf("%+v, %v", s.Meta, err)
	}
	for i, v := range s.Chain(1, 1) {
		if v != float64(6*4*i+5) {
			t.Fatalf("draw %d is %v", i, v)
		}
	}
	table.Columns[0] = LogWeight
	if s, err := table.Set([]int{0, 2}, 4*3000); err != nil || s.Draws != 10_001 {
		t.Errorf("%d particles, %v", s.Draws, err)
	}
}

// Without room for its temporary file a summary is an error that says what the file was for, and nothing is left
// behind.
func TestSummariseWithoutRoom(t *testing.T) {
	m := Meta{Columns: []string{"x"}, Chains: 1}
	j := journal(t, &m, make([]float64, 1000))
	table := newTable(filepath.Join(t.TempDir(), "nowhere"), 10)
	if err := j.into(table, &m); err == nil || !strings.Contains(err.Error(), "a temporary file for the summary") {
		t.Error(err)
	}
	dir := t.TempDir()
	table = newTable(dir, 10)
	if err := j.into(table, &m); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Summarise(); err != nil {
		t.Fatal(err)
	}
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What is allocated, garbage included, does not grow with the draws: 1 200 000 in a column take no more than 1 MB
// more than 400 000, which need runs, windows and a file already.
func TestMemoryDoesNotGrow(t *testing.T) {
	if testing.Short() {
		t.Skip("sums up 1 600 000 draws")
	}
	m := Meta{Columns: []string{Energy, "x"}, Stats: 1, Chains: 1}
	allocated := func(n int) uint64 {
		rows := make([]float64, 2*n)
		rng.NewKey(1, rng.PurposeSolver, 0, 0).Normals64(rows, len(rows), []uint64{0})
		j := journal(t, &m, rows)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		table, err := j.table(&m, 1<<18)
		if err != nil {
			t.Fatal(err)
		}
		s, err := table.Summarise()
		if err := errors.Join(err, table.Close()); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if e := s.Parameters[0].ESSBulk / float64(n); math.Abs(e-1) > .05 {
			t.Errorf("%d independent draws are worth %v of them", n, e)
		}
		return after.TotalAlloc - before.TotalAlloc
	}
	few, many := allocated(400_000), allocated(1_200_000)
	t.Logf("%.1f and %.1f MB", float64(few)/1e6, float64(many)/1e6)
	if many > few+1<<20 {
		t.Errorf("%d bytes are allocated for 400 000 draws and %d for 1 200 000", few, many)
	}
}

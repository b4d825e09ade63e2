package encode

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/rng"
)

// many is a table of n rows that is written as it is read.
type many struct {
	n, at int
	rest  []byte
	u     [4]float64
}

func (m *many) Read(p []byte) (int, error) {
	if len(m.rest) == 0 {
		if m.at > m.n {
			return 0, io.EOF
		}
		if m.at == 0 {
			m.rest = []byte("x,count,word,day,gap,both\n")
		}
		for ; m.at < m.n && len(m.rest) < 1<<16; m.at++ {
			rng.NewKey(5, rng.PurposeUser, 0, 0).Uniforms64(m.u[:], 4, []uint64{uint64(m.at)})
			gap := ""
			if m.u[3] > .2 {
				gap = fmt.Sprintf("%.2f", 9*m.u[3])
			}
			x := quantile(m.u[0], 1<<30)
			m.rest = fmt.Appendf(m.rest, "%.9f,%d,w%d,2024-%02d-%02d,%s,%.9f\n", x, int(400*m.u[1]*m.u[1]),
				int(50*m.u[2]), 1+int(12*m.u[1]), 1+int(28*m.u[2]), gap, x+math.Floor(m.u[3]*8)/4)
		}
		if m.at == m.n {
			m.at++
		}
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// A table whose rows are in a file, whose columns are sorted in runs, makes the same map, the same digest and the same
// rows of training as one in memory.
func TestSpilledIsTheSame(t *testing.T) {
	read := func(held int) *frame.Frame {
		f, err := frame.Read("-", frame.ReadOptions{Stdin: &many{n: 3000}, Held: held, Rules: []string{"x <= both"}})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	a, b := read(0), read(100)
	defer b.Close()
	if !a.Held() || b.Held() || a.Digest() != b.Digest() {
		t.Fatal("another digest")
	}
	before := mostGathered
	mostGathered = 64
	defer func() { mostGathered = before }()
	small, err := Fit(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	mostGathered = before
	whole, err := Fit(a, nil)
	if err != nil {
		t.Fatal(err)
	}
	x, _ := json.Marshal(whole)
	y, _ := json.Marshal(small)
	if string(x) != string(y) {
		t.Error("another map")
	}
	var rows [2]ito.States
	var cond [2][]float64
	for i, s := range []*Source{NewSource(whole, a), NewSource(small, b)} {
		rows[i], cond[i] = ito.NewStates(64, whole.Dim(), 3), make([]float64, 64*whole.CondWidth())
		if err := s.Fill(rows[i], cond[i], 1, 2); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(rows[0].X, rows[1].X) || !slices.Equal(cond[0], cond[1]) {
		t.Error("other rows")
	}
}

// A million rows are read, mapped and drawn from in memory that does not grow with them.
func TestRowsInConstantMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a million rows twice")
	}
	live := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	most := func(n int) (peak uint64) {
		runtime.GC()
		look := func() {
			metrics.Read(live)
			peak = max(peak, live[0].Value.Uint64())
		}
		s := frame.Schema{Columns: []frame.Column{
			{Name: "x", Kind: frame.Real, Low: -7, High: 7, MostPlaces: 9, Step: 1e-9, Rows: n},
			{Name: "word", Kind: frame.Category, Rows: n}, {Name: "gap", Kind: frame.Real, Low: 0, High: 9, Missing: 1,
				MostPlaces: 2, Step: .01, Rows: n}}}
		for k := range 50 {
			s.Columns[1].Levels = append(s.Columns[1].Levels, fmt.Sprintf("w%d", k))
		}
		in, err := frame.Stream("many", []string{"x", "word", "gap"}, func(take func([]string) error) error {
			u, cells := make([]float64, 3), make([]string, 3)
			for i := range n {
				rng.NewKey(5, rng.PurposeUser, 0, 0).Uniforms64(u, 3, []uint64{uint64(i)})
				cells[0], cells[1], cells[2] = fmt.Sprintf("%.9f", 14*u[0]-7), s.Columns[1].Levels[int(50*u[1])], ""
				if u[2] > .2 {
					cells[2] = fmt.Sprintf("%.2f", 9*u[2])
				}
				if err := take(cells); err != nil {
					return err
				}
				if i%4096 == 0 {
					look()
				}
			}
			return nil
		}, frame.ReadOptions{Held: 1 << 16})
		if err != nil {
			t.Fatal(err)
		}
		f, err := in.Frame(s)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		before := mostGathered
		mostGathered = 1 << 15
		defer func() { mostGathered = before }()
		table, err := Fit(f, nil)
		if err != nil {
			t.Fatal(err)
		}
		look()
		source := NewSource(table, f)
		x, cond := ito.NewStates(256, table.Dim(), 0), make([]float64, 256*table.CondWidth())
		for step := range uint32(50) {
			if err := source.Fill(x, cond, 1, step); err != nil {
				t.Fatal(err)
			}
			look()
		}
		return peak
	}
	small, large := most(100_000), most(1_000_000)
	t.Logf("at most %.1f MB of %d rows, %.1f MB of %d", float64(small)/1e6, 100_000, float64(large)/1e6, 1_000_000)
	if large > small+16<<20 {
		t.Errorf("%.1f MB of a million rows, which are 24 MB, and %.1f MB of a tenth of them", float64(large)/1e6,
			float64(small)/1e6)
	}
}

package draws

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/store"
)

// example is a run of NUTS with a scalar, a vector and a matrix.
func example(chains int) Meta {
	m := Meta{
		Columns: []string{LogDensity, Accept, StepSize, Depth, Leapfrogs, Divergent, Energy, "mu", "theta.1",
			"theta.2"},
		Stats: 7, Chains: chains, Model: "example", Method: "nuts", Seed: 7, Warmup: 1000, MaxDepth: 10,
		Config: []Setting{{"data", "d.json"}},
	}
	m.Columns = append(m.Columns, Names("L", 2, 2)...)
	for range chains {
		m.Adaptation = append(m.Adaptation, Adaptation{StepSize: .25, InvMetric: []float64{1, 2, .1, 1.0 / 3, 4, 5, 6}})
	}
	return m
}

// exampleRows are rows [n,chains,columns] of noise, the statistics of plausible values.
func exampleRows(m *Meta, n int) []float64 {
	k := len(m.Columns)
	rows := make([]float64, n*m.Chains*k)
	ids := make([]uint64, n*m.Chains)
	for i := range ids {
		ids[i] = uint64(i)
	}
	rng.NewKey(1, rng.PurposeSolver, 0, 0).Normals64(rows, k, ids)
	for i := range n * m.Chains {
		if m.Stats != 7 {
			break
		}
		r := rows[i*k : (i+1)*k]
		r[1], r[2], r[3], r[4], r[5] = .9, .25, 2, 3, 0
		if i%50 == 49 {
			r[5] = 1
		}
	}
	return rows
}

func journal(t testing.TB, m *Meta, rows []float64) *Journal {
	t.Helper()
	j, err := CreateJournal(filepath.Join(t.TempDir(), "d.partial"), m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.f.Close() })
	if err := j.Append(rows); err != nil {
		t.Fatal(err)
	}
	return j
}

func TestJournalContinuesWithTheSameBytes(t *testing.T) {
	m := example(3)
	rows := exampleRows(&m, 100)
	whole := journal(t, &m, rows)
	if n, err := whole.Sync(); n != 100 || err != nil {
		t.Fatal(n, err)
	}
	want, err := os.ReadFile(whole.path)
	if err != nil {
		t.Fatal(err)
	}

	// A run is killed with 60 rows of which the checkpoint knows 40; half a row stands behind them.
	cut := journal(t, &m, rows[:60*len(rows)/100])
	if err := cut.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(cut.path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString("half a row")
	f.Close()
	knows := journal(t, &m, rows[:40*len(rows)/100]) // what the checkpoint of the run has
	if err := knows.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(cut.path); err != nil {
		t.Fatal(err)
	} else {
		for _, at := range []int{len(b) / 3, len(b) / 2} { // in row 40 or before
			b[at] ^= 4
			damaged := filepath.Join(t.TempDir(), "partial")
			if err := os.WriteFile(damaged, b, 0o666); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenJournal(damaged, &m, 40, knows.Digest()); !errors.Is(err, store.ErrEdited) {
				t.Errorf("a bit of byte %d is another: %v", at, err)
			}
			b[at] ^= 4
		}
	}
	j, err := OpenJournal(cut.path, &m, 40, knows.Digest())
	if err != nil {
		t.Fatal(err)
	}
	if j.Rows() != 40 {
		t.Errorf("it goes on at row %d, not 40", j.Rows())
	}
	if err := errors.Join(j.Append(rows[40*len(rows)/100:]), j.Close()); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(cut.path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the resumed journal differs from the one that was not interrupted (%v)", err)
	}
}

func TestJournalRefusesWhatIsNotItsOwn(t *testing.T) {
	m := example(2)
	j := journal(t, &m, exampleRows(&m, 10))
	if _, err := OpenJournal(j.path, &m, 5, ""); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a journal that is being written: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	other := example(2)
	other.Columns[7] = "nu"
	if _, err := OpenJournal(j.path, &other, 5, ""); !errors.Is(err, ito.ErrInput) {
		t.Errorf("other columns: %v", err)
	}
	if _, err := OpenJournal(j.path, &m, 11, ""); !errors.Is(err, store.ErrTruncated) {
		t.Errorf("more rows than there are: %v", err)
	}
	if _, err := OpenJournal(j.path+"x", &m, 0, ""); !errors.Is(err, ito.ErrInput) {
		t.Errorf("no file: %v", err)
	}
	os.WriteFile(j.path, []byte("mu,tau\n1,2\n"), 0o666)
	if _, err := OpenJournal(j.path, &m, 0, ""); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a CSV file: %v", err)
	}
	if err := j.Append(make([]float64, 3)); err == nil {
		t.Error("three numbers were taken for rows")
	}
}

func TestCheck(t *testing.T) {
	good := example(2)
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for what, spoil := range map[string]func(*Meta){
		"no chains":      func(m *Meta) { m.Chains = 0 },
		"no columns":     func(m *Meta) { m.Columns = nil },
		"twice":          func(m *Meta) { m.Columns[8] = "mu" },
		"comma":          func(m *Meta) { m.Columns[8] = "a,b" },
		"late statistic": func(m *Meta) { m.Columns[8] = "lp2__" },
		"early value":    func(m *Meta) { m.Columns[0] = "a" },
		"adaptation":     func(m *Meta) { m.Adaptation = m.Adaptation[:1] },
		"setting":        func(m *Meta) { m.Config = []Setting{{"a", "b\nc"}} },
	} {
		m := example(2)
		spoil(&m)
		if err := m.Check(); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

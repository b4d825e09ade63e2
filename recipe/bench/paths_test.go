package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
)

// memoryCells keeps cells as JSON, as a folder does.
type memoryCells map[string][]byte

func (m memoryCells) Load(name string, v any) (bool, error) {
	b, ok := m[name]
	if !ok {
		return false, nil
	}
	return true, json.Unmarshal(b, v)
}

func (m memoryCells) Save(name string, v any) (err error) {
	m[name], err = json.Marshal(v)
	return err
}

// smallBench trains for a moment: paces are given, so that nothing depends on the speed of the machine.
func smallBench(t *testing.T, keep memoryCells, paths ...string) PathBench {
	t.Helper()
	for _, p := range paths {
		pace, err := json.Marshal(pathPace{Step: .002})
		if err != nil {
			t.Fatal(err)
		}
		keep["spiral-"+fileWord(p)+"-pace"] = pace
	}
	return PathBench{Sets: []string{"spiral"}, Paths: paths, Seeds: []uint64{1}, Calls: []int{4}, Seconds: .2,
		Keep: keep}
}

// A bench computes what is not there, goes on to the same figures, and leaves out what a path is not for.
func TestPathsResume(t *testing.T) {
	if testing.Short() {
		t.Skip("trains networks")
	}
	keep := memoryCells{}
	b := smallBench(t, keep, "vp", "mixed")
	whole, err := b.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(whole.Cells) != 2 || whole.Cells[0].Steps != 100 || len(whole.Cells[0].Figures) != 1 ||
		!(whole.Cells[0].Figures[0].Value > whole.Cells[0].Floor) || whole.Cells[1].Refused == "" {
		t.Fatalf("%+v", whole.Cells)
	}
	was := slices.Clone(keep["spiral-vp-1"])
	b.Count = func(int, int) { t.Error("a cell that is there is computed again") }
	again, err := b.Run(context.Background())
	if err != nil || again.Cells[0].Figures[0] != whole.Cells[0].Figures[0] {
		t.Errorf("%v, %+v", err, again.Cells)
	}
	b.Count = nil
	delete(keep, "spiral-vp-1")
	if again, err = b.Run(context.Background()); err != nil ||
		again.Cells[0].Figures[0] != whole.Cells[0].Figures[0] {
		t.Errorf("computed again it is %+v (%v)", again.Cells[0], err)
	}
	var text bytes.Buffer
	if err := again.Write(&text); err != nil || !strings.Contains(text.String(), "2 of 2 cells") ||
		!strings.Contains(text.String(), "vp") {
		t.Errorf("%v\n%s", err, text.String())
	}
	for name, change := range map[string]func(){
		"seconds": func() { b.Seconds = 3 },
		"calls":   func() { b.Calls = []int{4, 9} },
		"rows":    func() { keep["spiral-vp-1"] = bytes.Replace(was, []byte(`"digest":"`), []byte(`"digest":"0`), 1) },
	} {
		b = smallBench(t, keep, "vp", "mixed")
		change()
		var bad *ito.InputError
		if _, err := b.Run(context.Background()); !errors.As(err, &bad) || !strings.Contains(bad.Where, "keep") {
			t.Errorf("%s: %v", name, err)
		}
		keep["spiral-vp-1"] = was
	}
}

// A bench that is stopped has the table of what is done.
func TestPathsStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := smallBench(t, memoryCells{}, "vp")
	if got, err := b.Run(ctx); got == nil || !errors.Is(err, context.Canceled) || len(got.Cells) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	b.Dry = true
	if got, err := b.Run(context.Background()); err != nil || got.Total != 1 || len(got.Cells) != 0 ||
		!strings.Contains(got.Verdicts[0], "no path has all") {
		t.Errorf("%+v, %v", got, err)
	}
}

// The table is means of seeds and geometric means of sets, and its verdict takes no path that lacks a set.
func TestPathTable(t *testing.T) {
	cell := func(set, path string, seed uint64, v float64) PathCell {
		return PathCell{Set: set, Path: path, Seed: seed, Floor: 2, Figures: []PathFigure{{Calls: 4, Value: v}}}
	}
	table := &PathTable{Calls: []int{4}, Sets: []string{"a", "b"}, Paths: []string{"vp", "flow", "ve"},
		Cells: []PathCell{cell("b", "vp", 1, 4), cell("a", "vp", 1, 2), cell("a", "vp", 2, 6), cell("a", "flow", 1, 3),
			cell("b", "flow", 1, 16), cell("a", "ve", 1, .1)}}
	table.finish()
	if got := table.Overall[0].Means[0]; math.Abs(got-2) > 1e-12 { // √(2·2)
		t.Errorf("vp has %g", got)
	}
	if got := table.Overall[1].Means[0]; math.Abs(got-math.Sqrt(1.5*8)) > 1e-12 {
		t.Errorf("flow has %g", got)
	}
	if got := table.Verdicts[0]; got != "4 calls: vp 2 floors over 2 sets, flow 3.46" {
		t.Error(got)
	}
}

// What cannot be asked is refused, and a set without its file is named.
func TestPathsRefusals(t *testing.T) {
	for name, b := range map[string]PathBench{
		"a set":  {Sets: []string{"spirall"}},
		"a path": {Paths: []string{"vpp"}},
		"twice":  {Paths: []string{"vp", "vp"}},
		"calls":  {Calls: []int{0}},
		"time":   {Seconds: -1},
	} {
		if err := b.Check(); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b := PathBench{Sets: []string{"abalone", "mnist", "load"}, Data: t.TempDir(), Dry: true}
	got, err := b.Run(context.Background())
	if err != nil || len(got.Missing) != 3 || got.Total != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// Sets of each kind open: what is held out is learnt by nobody, and samples are placed as held-out rows are.
func TestPathSetsOpen(t *testing.T) {
	dir := t.TempDir()
	var csv, series strings.Builder
	csv.WriteString("id,kind,size,gap\n")
	series.WriteString("date,OT\n")
	for i := range 1200 {
		kind := []string{"red", "green", "blue"}[i%3]
		gap := ""
		if i%5 > 0 {
			gap = "2.5"
			if i%2 > 0 {
				gap = "4"
			}
		}
		csv.WriteString(strings.Join([]string{"A" + string(rune('a'+i%26)) + strings.Repeat("x", i/26), kind,
			[]string{"1.5", "2.25", "7"}[i*i%3], gap}, ",") + "\n")
		series.WriteString("2016-07-01 00:00:00," + []string{"1", "2", "5"}[i*i/7%3] + "\n")
	}
	for name, text := range map[string]string{"abalone.csv": csv.String(), "ETTh1.csv": series.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := openPathSet("abalone", dir)
	if err != nil {
		t.Fatal(err)
	}
	if held := s.choose.N + s.judge.N; s.frame.Rows+held != 1200 || held != 480 || !(s.floor > 0) {
		t.Errorf("%d rows are learnt and %d held out, the floor is %g", s.frame.Rows, held, s.floor)
	}
	if w, err := openPathSet("oil", dir); err != nil || w.table.Cols != windowSteps || w.choose.D != windowSteps {
		t.Errorf("%v", err)
	}
	if s, err := openPathSet("spiral", dir); err != nil || !s.raw || s.choose.D != 2 {
		t.Errorf("%v", err)
	}
}

// Coordinates of cells: numbers in standard deviations, two levels at distance 1, a gap at its own place.
func TestEmbedCells(t *testing.T) {
	f := &frame.Frame{Schema: frame.Schema{Columns: []frame.Column{{Name: "n", Kind: frame.Real},
		{Name: "k", Kind: frame.Category, Levels: []string{"a", "b"}}, {Name: "id", Kind: frame.Identifier}}}, Rows: 3,
		X: []float64{1, 0, 0, 5, 1, 0, math.NaN(), 1, 0}}
	x := ito.NewStates(3, 3, 0)
	copy(x.X, f.X)
	got := embedCells(f)(x)
	want := []float64{-1, 0, math.Sqrt2 / 2, 0, 1, 0, 0, math.Sqrt2 / 2, 0, math.Sqrt2 / 2, 0, math.Sqrt2 / 2}
	if got.D != 4 {
		t.Fatalf("%d coordinates", got.D)
	}
	for i, v := range want {
		if math.Abs(got.X[i]-v) > 1e-12 {
			t.Fatalf("coordinate %d is %g: %v", i, got.X[i], got.X)
		}
	}
}

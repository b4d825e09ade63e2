package recipe

import (
	"bytes"
	"context"
	"errors"
	"math"
	"path/filepath"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/store"
)

// On the mixed path a table trains to the same weights whatever the workers, its samples are the same in any chunks and
// from a file, and what is asked for stands in them.
func TestMixedFrame(t *testing.T) {
	f := mixedFrame(t)
	c := smallTyped()
	c.Path = "mixed"
	m, r, err := FitFrame(context.Background(), f, c, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Path.Name() != "mixed" || r.Train.Objective != "mixed" || !(r.HeldOut[len(r.HeldOut)-1].Loss < r.HeldOut[0].Loss) {
		t.Errorf("path %s, objective %s, held-out %v", m.Path.Name(), r.Train.Objective, r.HeldOut)
	}
	pool := ad.NewPool(3)
	defer pool.Close()
	again, _, err := FitFrame(context.Background(), f, c, RunOptions{Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "m.safetensors")
	if err := store.SaveModel(file, again); err != nil {
		t.Fatal(err)
	}
	read, err := store.LoadModel(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{"", "city=Köln,member=yes", "age=20..50"} {
		cfg := DefaultSample()
		cfg.N, cfg.NFE, cfg.Where, cfg.Chunk = 30, 6, where, 30
		want := drawCells(t, m, cfg, RunOptions{Workers: 1})
		cfg.Chunk = 7
		if got := drawCells(t, read, cfg, RunOptions{Workers: 3}); !same(got.X, want.X) {
			t.Errorf("%q: other samples", where)
		}
		city := f.Schema.Find("city")
		for i := range want.N {
			if where == "city=Köln,member=yes" && want.Row(i)[city] != 1 {
				t.Errorf("%q: city %g", where, want.Row(i)[city])
			}
			for k, v := range want.Row(i) {
				if math.IsNaN(v) && f.Schema.Columns[k].Missing == 0 {
					t.Errorf("column %s is missing", f.Schema.Columns[k].Name)
				}
			}
		}
	}
	cfg := DefaultSample()
	cfg.N, cfg.NFE, cfg.Where, cfg.Guidance = 20, 12, "city=Köln", 3
	drawCells(t, m, cfg, RunOptions{})
	cfg.Solver = "heun"
	var no *ito.UnsupportedError
	if err := CheckSample(m, cfg); !errors.As(err, &no) {
		t.Errorf("heun on a mixed path: %v", err)
	}
}

// Numbers alone are learnt as on edm, to the same bytes, and rows of numbers have no such path.
func TestMixedWithoutLevels(t *testing.T) {
	text := "a,b\n"
	for i := range 60 {
		text += string(rune('0'+i%10)) + "." + string(rune('0'+i/7)) + string(rune('0'+i%7)) + "," +
			string(rune('0'+i*7%10)) + "." + string(rune('0'+i*3%10)) + string(rune('0'+i/8)) + "\n"
	}
	f := readFrame(t, text)
	c := smallTyped()
	c.Steps = 10
	var params [2][]byte
	for k, p := range []string{"mixed", "edm"} {
		c.Path = p
		m, _, err := FitFrame(context.Background(), f, c, RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if m.Path.Name() != "edm" {
			t.Errorf("%s is learnt on %s", p, m.Path.Name())
		}
		cfg := DefaultSample()
		cfg.N, cfg.NFE = 4, 4
		for _, v := range drawCells(t, m, cfg, RunOptions{}).X {
			params[k] = append(params[k], byte(math.Float64bits(v)), byte(math.Float64bits(v)>>32))
		}
	}
	if !bytes.Equal(params[0], params[1]) {
		t.Error("other samples than on edm")
	}
	c.Path = "mixed"
	if _, _, err := Fit(context.Background(), moons(60), c, RunOptions{}); err == nil {
		t.Error("rows of numbers are learnt on the mixed path")
	}
}

// A table with types has one path by default, whoever fits it.
func TestPathOfTable(t *testing.T) {
	c := DefaultTrain()
	c.Steps, c.Width, c.Batch = 3, 8, 16
	m, r, err := FitFrame(context.Background(), mixedFrame(t), c, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Path.Name() != "mixed" || r.Train.Path != "mixed" {
		t.Errorf("path %s, configured %s", m.Path.Name(), r.Train.Path)
	}
	for _, test := range []struct {
		path    string
		epsilon float64
		want    string
	}{{"auto", 0, "mixed"}, {"", 0, "mixed"}, {"auto", 2, "edm"}, {"vp", 0, "vp"}, {"vp", 2, "vp"}} {
		c.Path, c.Epsilon = test.path, test.epsilon
		if got := c.OfTable().Path; got != test.want {
			t.Errorf("%q with ε %g: %s, want %s", test.path, test.epsilon, got, test.want)
		}
	}
}

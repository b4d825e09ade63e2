package recipe

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
)

// labelled is a model of a column that is conditioned on a label of three levels: a quarter of the rows have 0, none
// but a sixteenth has 5, and the rest has 2.
func labelled(t *testing.T, dropout float64) *ito.Model {
	t.Helper()
	tab := moons(64)
	tab.Columns = []string{"x", "label"}
	for i := range tab.Rows {
		tab.Row(i)[1] = 2
		if i%4 == 0 {
			tab.Row(i)[1] = 0
		} else if i%16 == 1 {
			tab.Row(i)[1] = 5
		}
	}
	c := tiny()
	c.Condition, c.Dropout = []string{"label"}, dropout
	m, _, err := Fit(context.Background(), tab, c, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Where nothing is asked for, the label of every sample is drawn by its share in the data, and the sample is that of
// the same id with the label asked for, whichever the batch and also of a model that never saw rows without a label.
func TestLevelsAreDrawn(t *testing.T) {
	const n = 60
	for _, dropout := range []float64{0, .1} {
		m := labelled(t, dropout)
		if want := []float64{.25, .6875, .0625}; !slices.Equal(m.Conditions[0].Shares, want) {
			t.Fatalf("shares %v, want %v", m.Conditions[0].Shares, want)
		}
		s := DefaultSample()
		s.N, s.NFE, s.First = n, 4, 3
		if dropout > 0 {
			s.Guidance = 2
		}
		draw := func(s SampleConfig) ito.States {
			x, err := Collect(context.Background(), m, s, RunOptions{Workers: 2})
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		all := draw(s)
		seen := map[int]int{}
		var asked []ito.States
		for _, l := range m.Conditions[0].Levels {
			s.Where = "label=" + l
			asked = append(asked, draw(s))
		}
		cond := data.DrawLevels(m.Conditions[0], all, ito.Seed(s.Seed))
		for i := range n {
			k := slices.Index(cond.X[3*i:3*i+3], 1)
			seen[k]++
			if !slices.Equal(all.Row(i), asked[k].Row(i)) {
				t.Fatalf("sample %d is not that of label=%s", i, m.Conditions[0].Levels[k])
			}
		}
		if len(seen) < 2 {
			t.Errorf("labels %v of %d samples", seen, n)
		}
		s.Where, s.First, s.N = "", 20, 5
		if part := draw(s); !slices.Equal(part.X, all.X[17:22]) {
			t.Error("samples drawn in parts are others")
		}
	}
}

// TestDrawLevels: shares of many draws, within five deviations, and none of a level that the data do not have.
func TestDrawLevels(t *testing.T) {
	const n = 20000
	c := ito.Condition{Column: "label", Levels: []string{"a", "b", "c", "d"}, Shares: []float64{.5, 0, .2, .3}}
	cond := data.DrawLevels(c, ito.NewStates(n, 1, 0), ito.Seed(3))
	for k, p := range c.Shares {
		got := 0.
		for i := range n {
			got += cond.X[i*4+k] / n
		}
		if math.Abs(got-p) > 5*math.Sqrt(p*(1-p)/n) {
			t.Errorf("share of level %d is %g, want %g", k, got, p)
		}
	}
}

// A model that does not know the shares, that never saw labels, or that has several conditions samples without.
func TestNoLevelsAreDrawn(t *testing.T) {
	m := labelled(t, .1)
	if DrawnLevels(m) == nil {
		t.Fatal("no level is drawn")
	}
	old := *m
	old.Conditions = []ito.Condition{{Column: "label", Levels: m.Conditions[0].Levels}}
	two := *m
	two.Conditions = append(slices.Clone(m.Conditions), m.Conditions[0])
	for i, m := range []*ito.Model{&old, &two, labelled(t, 1)} {
		if c := DrawnLevels(m); c != nil {
			t.Errorf("model %d draws %s", i, fmt.Sprint(c))
		}
	}
}

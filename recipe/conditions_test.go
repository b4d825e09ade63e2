package recipe

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// A request that the training never saw is refused before anything is drawn: some of several conditions, none where
// every row had them, any where none had them.
func TestConditionsThatWereNotTrained(t *testing.T) {
	tab := moons(60)
	wide := make([]float64, 0, 3*tab.Rows)
	for i := range tab.Rows {
		wide = append(wide, tab.X[2*i], float64(i%2), float64(i%3)/2)
	}
	tab.X, tab.Cols, tab.Columns = wide, 3, []string{"x", "label", "size"}
	models := map[float64]*ito.Model{}
	for _, dropout := range []float64{0, .1, 1} {
		c := tiny()
		c.Path, c.Steps, c.Dropout, c.Condition = "vp", 4, dropout, []string{"label", "size"}
		m, _, err := Fit(context.Background(), tab, c, RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		models[dropout] = m
	}
	for _, c := range []struct {
		where    string
		guidance float64
		dropout  float64
		want     string // "": it samples
	}{
		{"label=1,size=.5", 1, .1, ""}, {"label=1,size=.5", 2, .1, ""}, {"", 1, .1, ""},
		{"label=1", 1, .1, "nothing is said of size"}, {"size=.5", 1, .1, "nothing is said of label"},
		{"label=1", 2, .1, "nothing is said of size"},
		{"label=1,size=.5", 1, 0, ""}, {"", 1, 0, "never without its conditions; name them, as label=0,size=0.5"},
		{"label=1,size=.5", 2, 0, "guidance compares"},
		{"", 1, 1, ""}, {"label=1,size=.5", 1, 1, "never with its conditions"},
	} {
		cfg := DefaultSample()
		cfg.N, cfg.NFE, cfg.Where, cfg.Guidance = 5, 4, c.where, c.guidance
		drawn := 0
		_, err := Sample(context.Background(), models[c.dropout], cfg, RunOptions{},
			func(x ito.States) error { drawn += x.N; return nil })
		switch {
		case c.want == "" && (err != nil || drawn != 5):
			t.Errorf("%+v: %d samples, %v", c, drawn, err)
		case c.want != "" && (!errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), c.want) || drawn > 0):
			t.Errorf("%+v: %d samples, %v", c, drawn, err)
		}
	}
}

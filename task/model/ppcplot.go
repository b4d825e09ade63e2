package model

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/plot"
	"github.com/seed9a7962a8/ito/target/model"
	"github.com/seed9a7962a8/ito/task"
)

// mostReplicas is how many replicated data sets a picture shows one by one.
const mostReplicas = 40

// picture draws data beside replicated data sets, term by term: their distributions, the statistics of the checks, and
// the k̂ of the observations. Figures of an earlier run go.
func (r *LOOReport) picture(dir string, terms []model.Term, rep ito.States) error {
	old, err := filepath.Glob(filepath.Join(dir, "ppc_*.png"))
	if err != nil {
		return err
	}
	for _, f := range append(old, filepath.Join(dir, "khat.png")) {
		if err := task.RemoveIfThere(f); err != nil {
			return err
		}
	}
	at, number := 0, 0
	for i, t := range terms {
		if !t.Draws {
			continue
		}
		from, k := at, elements(t.YShape)
		at += k
		if t.Y == nil || k < 2 || rep.N == 0 {
			continue
		}
		name := termName(t, i)
		f := plot.Figure{Title: name + ": the data, and replicated data", Cols: 2}
		row := func(j int) []float64 { return rep.Row(j)[from : from+k] }
		p, ok := distributions(t, rep.N, row)
		if !ok {
			continue
		}
		f.Panels = append(f.Panels, p)
		for _, s := range statistics {
			if s.counts && !t.Integer {
				continue
			}
			if p, ok := statisticPanel(s.name, s.f, t.Y, rep.N, row); ok {
				f.Panels = append(f.Panels, p)
			}
		}
		number++
		path := filepath.Join(dir, fmt.Sprintf("ppc_%d.png", number))
		if err := f.Save(path); err != nil {
			return err
		}
		r.Plots = append(r.Plots, path)
	}
	if len(r.KHat) < 2 {
		return nil
	}
	p, err := plot.Line(plot.Curve{Y: r.KHat}, plot.Curve{Name: "0.7", X: []float64{1, float64(len(r.KHat))},
		Y: []float64{.7, .7}, Dash: true})
	if err != nil {
		return err
	}
	p.X, p.Y = "observation", "Pareto k̂"
	path := filepath.Join(dir, "khat.png")
	r.Plots = append(r.Plots, path)
	return plot.Figure{Panels: []plot.Panel{p}}.Save(path)
}

// termName is the name of what is observed, or of its distribution with its number.
func termName(t model.Term, i int) string {
	if t.Name != "" {
		return t.Name
	}
	return fmt.Sprintf("%s %d", t.Distribution, i+1)
}

// distributions are the shares of data and replicas in common bins: of counts, of each number.
func distributions(t model.Term, n int, row func(j int) []float64) (plot.Panel, bool) {
	lo, hi := slices.Min(t.Y), slices.Max(t.Y)
	shown := min(n, mostReplicas)
	for j := range shown {
		v := slices.Clone(row(j * n / shown))
		slices.Sort(v)
		lo, hi = min(lo, v[len(v)/100]), max(hi, v[len(v)-1-len(v)/100]) // a far tail would hide the middle
	}
	if !(hi > lo) || math.IsInf(hi-lo, 0) || math.IsNaN(hi-lo) {
		return plot.Panel{}, false
	}
	bins := max(10, min(40, int(2*math.Cbrt(float64(len(t.Y))))))
	width := (hi - lo) / float64(bins)
	if t.Integer && hi-lo < 60 {
		lo, width = lo-.5, 1
		bins = int(hi-lo) + 1
	}
	curve := func(y []float64) plot.Curve {
		c := plot.Curve{X: make([]float64, bins), Y: make([]float64, bins)}
		for b := range bins {
			c.X[b] = lo + (float64(b)+.5)*width
		}
		for _, v := range y {
			if b := int(math.Floor((v - lo) / width)); b >= 0 && b < bins {
				c.Y[b] += 1 / (width * float64(len(y)))
			} else if v == hi {
				c.Y[bins-1] += 1 / (width * float64(len(y)))
			}
		}
		return c
	}
	p := plot.Panel{X: "value", Y: "density"}
	for j := range shown {
		c := curve(row(j * n / shown))
		c.Color, c.Width, c.Alpha = plot.Palette[0], .6, .4
		if j == 0 {
			c.Name = "replicated"
		}
		p.Layers = append(p.Layers, c)
	}
	c := curve(t.Y)
	c.Name, c.Color, c.Width = "data", plot.Palette[1], 2
	p.Layers = append(p.Layers, c)
	return p, true
}

// statisticPanel is a histogram of a statistic over replicas, and that of the data.
func statisticPanel(name string, f func([]float64) float64, y []float64, n int, row func(j int) []float64) (plot.Panel,
	bool) {
	v := make([]float64, 0, n)
	for j := range n {
		if s := f(row(j)); !math.IsNaN(s) && !math.IsInf(s, 0) {
			v = append(v, s)
		}
	}
	if len(v) < 2 || slices.Min(v) == slices.Max(v) {
		return plot.Panel{}, false
	}
	p, err := plot.Hist(plot.Set{Name: "replicated", D: 1, X: v, Columns: []string{name}, Color: plot.Palette[0]})
	if err != nil {
		return p, false
	}
	top := 0.
	for _, l := range p.Layers {
		if s, ok := l.(plot.Steps); ok {
			top = max(top, slices.Max(s.Height))
		}
	}
	d := f(y)
	p.XRange = [2]float64{}
	p.Layers = append(p.Layers, plot.Curve{Name: "data", X: []float64{d, d}, Y: []float64{0, top},
		Color: plot.Palette[1], Width: 2})
	return p, true
}

// Package picture draws what files hold: samples, trajectories, errors of solvers, losses, the spectrum of A.
package picture

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/plot"
	"github.com/seed9a7962a8/ito/task"
)

// Config sets what is drawn.
type Config struct {
	Files  []string `where:"local" arg:"" help:"Samples (a table with columns of any types, npy, - or a built-in set), trajectories (npy of three axes), reports (JSON), or models; of one kind"`
	Out    string   `where:"local" required:"" placeholder:"FILE" help:"The picture, a .png or .svg file"`
	Title  string   `help:"A title above it"`
	Ignore []string `placeholder:"COL,…" help:"Columns of samples to leave out"`
	Images string   `placeholder:"WxH" help:"Draw each row as a grey image of this size, such as 8x8, in rows of ten"`
	task.Reading
}

// Report names the picture.
type Report struct {
	Out    string `json:"out"`
	Panels int    `json:"panels"`
}

// Run draws what files hold, and writes the picture.
func Run(_ context.Context, c Config, env task.Env) (Report, error) {
	if _, err := plot.Format(c.Out); err != nil {
		return Report{}, err
	}
	if _, err := task.Place("out", c.Out); err != nil {
		return Report{}, err
	}
	f, err := c.figure(&env)
	if err != nil {
		return Report{}, err
	}
	if c.Title != "" {
		f.Title = c.Title
	}
	return Report{c.Out, len(f.Panels)}, f.Save(c.Out)
}

// figure reads the files and draws what they hold.
func (c *Config) figure(env *task.Env) (plot.Figure, error) {
	for _, name := range c.Files {
		mixed, err := c.typed(env, name)
		if err != nil {
			return plot.Figure{}, err
		}
		if mixed {
			return c.tables(env)
		}
	}
	first, err := c.read(env, c.Files[0])
	if err != nil {
		return plot.Figure{}, err
	}
	all := []drawable{first}
	for _, name := range c.Files[1:] {
		d, err := c.read(env, name)
		if err != nil {
			return plot.Figure{}, err
		}
		if d.what() != first.what() {
			return plot.Figure{}, &ito.InputError{Where: name, What: fmt.Sprintf("it holds %s, and %s holds %s",
				d.what(), c.Files[0], first.what()), Do: "draw one kind at a time"}
		}
		all = append(all, d)
	}
	if c.Images != "" {
		return c.images(all)
	}
	return first.draw(all)
}

// tables draws files as tables with types, those of the first.
func (c *Config) tables(env *task.Env) (plot.Figure, error) {
	var all []drawable
	var as *frame.Schema
	for _, name := range c.Files {
		switch kind := task.KindOf(name); kind {
		case task.Safetensors, task.JSONText, task.NPY:
			return plot.Figure{}, &ito.InputError{Where: name, What: "it is no table, and another of the files is one",
				Do: "draw one kind at a time"}
		}
		t, err := c.table(env, name, strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)), as)
		if err != nil {
			return plot.Figure{}, err
		}
		as = &t.f.Schema
		if len(all) > 0 {
			as = &all[0].(tableOf).f.Schema
		}
		all = append(all, t)
	}
	return all[0].draw(all)
}

// drawable is what a file holds.
type drawable interface {
	what() string
	draw(all []drawable) (plot.Figure, error) // all are of the receiver's type
}

type (
	samplesOf struct{ plot.Set }
	tracksOf  struct{ plot.Tracks }
	lossOf    struct {
		plot.Curve
		held   plot.Curve  // of rows that are held out; empty: there are none
		stages [][]float64 // eigenvalues of A after each stage; nil: not learnt
	}
	spectrumOf struct {
		name   string
		stages [][]float64
	}
)

func (samplesOf) what() string  { return "samples" }
func (tracksOf) what() string   { return "trajectories" }
func (lossOf) what() string     { return "losses" }
func (spectrumOf) what() string { return "a model" }

func (samplesOf) draw(all []drawable) (plot.Figure, error) {
	var sets []plot.Set
	for _, d := range all {
		sets = append(sets, d.(samplesOf).Set)
	}
	return plot.Beside(sets...)
}

func (tracksOf) draw(all []drawable) (plot.Figure, error) {
	f := plot.Figure{ShareX: true, ShareY: true}
	for _, d := range all {
		p, err := plot.Trajectories(d.(tracksOf).Tracks)
		if err != nil {
			return f, err
		}
		f.Panels = append(f.Panels, p)
	}
	return f, nil
}

func (lossOf) draw(all []drawable) (plot.Figure, error) {
	var curves []plot.Curve
	for _, d := range all {
		l := d.(lossOf)
		if curves = append(curves, l.Curve); len(l.held.X) > 0 {
			curves = append(curves, l.held)
		}
	}
	p, err := plot.Loss(curves...)
	f := plot.Figure{Panels: []plot.Panel{p}}
	for _, d := range all {
		l := d.(lossOf)
		if err != nil || len(l.stages) == 0 {
			continue
		}
		if p, err = plot.Spectrum(l.stages); len(all) > 1 {
			p.Title = l.Name
		}
		f.Panels = append(f.Panels, p)
	}
	return f, err
}

func (spectrumOf) draw(all []drawable) (plot.Figure, error) {
	f := plot.Figure{ShareY: true}
	for _, d := range all {
		s := d.(spectrumOf)
		p, err := plot.Spectrum(s.stages)
		if err != nil {
			return f, err
		}
		if len(all) > 1 {
			p.Title = s.name
		}
		f.Panels = append(f.Panels, p)
	}
	return f, nil
}

// read finds out what a file holds.
func (c *Config) read(env *task.Env, name string) (drawable, error) {
	label := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	if env.IsDraws(name) {
		t, err := env.Rows(name, c.Reading, nil, nil)
		if err != nil {
			return nil, err
		}
		return c.samples(t, label)
	}
	switch task.KindOf(name) {
	case task.Safetensors:
		return readSpectrum(name, label)
	case task.JSONText:
		return readReport(name, label)
	case task.NPY:
		return c.readNPY(name, label)
	}
	t, err := env.Rows(name, c.Reading, nil, c.Ignore)
	if err != nil {
		return nil, err
	}
	if step, loss := slices.Index(t.Columns, "step"), slices.Index(t.Columns, "loss"); step >= 0 && loss >= 0 {
		curve := plot.Curve{Name: label}
		for i := range t.Rows {
			curve.X = append(curve.X, t.Row(i)[step])
			curve.Y = append(curve.Y, t.Row(i)[loss])
		}
		return lossOf{Curve: curve}, nil
	}
	return c.samples(t, label)
}

func (c *Config) samples(t *data.Table, label string) (drawable, error) {
	t, err := t.Without(c.Ignore)
	if err != nil {
		return nil, err
	}
	if len(t.Columns) > 1 && t.Columns[0] == "id" {
		if t, err = t.Without([]string{"id"}); err != nil {
			return nil, err
		}
	}
	return samplesOf{plot.Set{Name: label, D: t.Cols, X: t.X, Columns: t.Columns}}, nil
}

func (c *Config) readNPY(name, label string) (drawable, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	array, err := data.ReadNPY(f, name)
	if err != nil {
		return nil, err
	}
	if len(array.Shape) == 3 {
		return tracksOf{plot.Tracks{Name: label, N: array.Shape[1], D: array.Shape[2], X: array.X}}, nil
	}
	t, err := array.Table(name)
	if err != nil {
		return nil, err
	}
	return c.samples(t, label)
}

// imageColumns is how many images a row of the picture has, imageRows how many rows of them a file.
const imageColumns, imageRows = 10, 10

// images draws rows as grey images: the first hundred of each file, and its name beside its first row.
func (c *Config) images(all []drawable) (plot.Figure, error) {
	var w, h int
	if n, err := fmt.Sscanf(c.Images, "%dx%d", &w, &h); n != 2 || err != nil || w < 1 || h < 1 || fmt.Sprintf("%dx%d",
		w, h) != c.Images {
		return plot.Figure{}, &ito.InputError{Where: "`images` " + c.Images, What: "it is not a size",
			Do: "write width x height, such as 8x8"}
	}
	m := plot.Mosaic{Width: w, Height: h}
	var labels []string
	for k, d := range all {
		s, ok := d.(samplesOf)
		if !ok {
			return plot.Figure{}, &ito.InputError{Where: c.Files[k], What: "it holds " + d.what() + ", not rows",
				Do: "give samples"}
		}
		if s.D != w*h {
			return plot.Figure{}, &ito.InputError{Where: c.Files[k],
				What: fmt.Sprintf("its rows have %d columns, an image of %s has %d", s.D, c.Images, w*h),
				Do:   "give the right size, or leave columns out with `ignore`"}
		}
		n := min(len(s.X)/s.D, imageColumns*imageRows)
		for i := 0; i < n; i += imageColumns {
			var row [][]float64
			for j := i; j < min(i+imageColumns, n); j++ {
				row = append(row, s.X[j*s.D:(j+1)*s.D])
			}
			m.Rows = append(m.Rows, row)
			label := ""
			if i == 0 {
				label = s.Name
			}
			labels = append(labels, label)
		}
	}
	return plot.Images(m, labels)
}

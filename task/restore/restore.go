// Package restore draws what was measured from a model: images and rows from a measurement through an operator.
package restore

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/inverse"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/task"
)

// Config sets what was measured how, and what is made of it.
type Config struct {
	Model    string `arg:"" where:"local" help:"A model that ito train wrote"`
	Y        string `arg:"" name:"measured" where:"local" help:"The measurements: a .csv or .npy file, a row each, or images as PNG files, as a folder or in .npy"`
	Operator string `required:"" where:"local" placeholder:"WORD" help:"How they were measured, as mask, blur:sigma=2 or linear:A.npy; a|b measures by b what a gives, a&b by both. mask alone, of a table: empty cells were not measured"`
	Noise    string `default:"0.05" where:"remote" placeholder:"WORD" help:"Noise of a measurement: the standard deviation of normal noise, or poisson:gain=G or uniform:width=W"`
	Method   string `default:"auto" where:"remote" placeholder:"NAME" help:"How to restore: mcg, gibbs, moments, pigdm, dps, ddrm, diffpir, repaint, replace or reddiff, with settings after a colon; auto: pigdm, moments or dps by what path and operator allow"`
	N        int    `short:"n" default:"8" min:"1" max:"1000000" help:"Draws for each measurement"`
	Levels   int    `default:"0" min:"0" max:"100000" help:"Noise levels, on which cost and accuracy depend; 0: the method's"`
	Simulate bool   `help:"MEASURED holds whole images or rows: measure them first, with noise, and tell the error of what is restored"`
	Where    string `placeholder:"COL=VALUE,…" help:"Conditions, as label=3"`

	Starts     int `where:"local" default:"0" min:"0" max:"1000000" placeholder:"K" help:"With --simulate: search the best of so many starts for a method without noise on the first images, and restore the others from it, beside starts by chance and the middle of the prior; 0: none"`
	References int `where:"local" default:"8" min:"1" max:"1000000" placeholder:"R" help:"Images that --starts is searched on"`

	Seed    uint64 `default:"1" help:"Seed of the draws"`
	Out     string `required:"" where:"local" placeholder:"DIR/" help:"Where it goes: a folder for draws, means, deviations and pictures, or a .csv or .npy file for the draws alone"`
	Workers int    `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte"`

	task.Reading
}

// Report describes what was restored.
type Report struct {
	Measurements int               `json:"measurements"`
	Draws        int               `json:"draws"`    // of each
	Measured     int               `json:"measured"` // numbers of a measurement, of the one with most
	Operator     string            `json:"operator"`
	Method       string            `json:"method"`
	Is           inverse.Exactness `json:"is"`
	Levels       int               `json:"levels"`
	Particles    int               `json:"particles,omitempty"` // of mcg
	Evals        int               `json:"evals"`               // network calls a draw
	// Residual is √mean (y − A(x))² over the draws; a right one is about Noise, the deviation of a measurement.
	Residual float64 `json:"residual"`
	Noise    float64 `json:"noise"`
	SD       float64 `json:"sd"` // √mean variance of a number over the draws of a measurement; 0 of one draw
	// of a simulation: error of the mean to the truth, its PSNR where pixels run from 0 to 1, and the part of the true
	// numbers in the central intervals of the draws
	RMSE *float64 `json:"rmse,omitempty"`
	PSNR *float64 `json:"psnr,omitempty"`
	// of ridge regression on the measurement, which has no model but the mean square of the truth; where the operator
	// has singular values
	PlainRMSE *float64 `json:"plain_rmse,omitempty"`
	PlainPSNR *float64 `json:"plain_psnr,omitempty"`
	// of starts that are searched
	Start    *StartReport `json:"start,omitempty"`
	Within50 *float64     `json:"within_50,omitempty"`
	Within90 *float64     `json:"within_90,omitempty"`
	Seconds  float64      `json:"seconds"`
	Says     string       `json:"says"`
}

// Run restores. The same configuration makes the same bytes, whatever the workers; the draws of a measurement do not
// depend on what else was measured.
func Run(ctx context.Context, c Config, env task.Env) (Report, error) {
	began := env.Time()
	if err := spec.Check(&c); err != nil {
		return Report{}, err
	}
	if err := c.place(); err != nil {
		return Report{}, err
	}
	m, _, err := task.LoadModel(c.Model)
	if err != nil {
		return Report{}, err
	}
	j, err := c.prepare(m, &env)
	if err != nil {
		return Report{}, err
	}
	start, err := j.searchStart(ctx, &env)
	if err != nil {
		return Report{}, err
	}
	x, evals, err := j.draw(ctx, &env)
	if err != nil {
		return Report{}, err
	}
	r := j.report(x)
	r.Start = start
	r.Evals, r.Seconds = evals, env.Time().Sub(began).Seconds()
	return r, j.write(x, &r)
}

// job is a restoration that has been checked.
type job struct {
	c      Config
	m      *ito.Model
	scale  scale
	method inverse.Method
	noise  inverse.Likelihood
	cond   []float64
	prior  *recipe.GaussianPrior
	d      int                  // of a state
	from   *inverse.SharedStart // of all draws; nil: each has its own
	y      []measured           // one a measurement
	truth  ito.States           // rows of a simulation; N = 0 otherwise
}

// measured is one measurement.
type measured struct {
	rows  inverse.Operator // on rows in the units of the scale
	in    inverse.Operator // on states
	y     ito.States       // [1,M] in the units of the scale
	less  ito.States       // y without the offset of in
	noise inverse.Likelihood
	// shape of y, where it is an image
	shape []int
	row   []float64 // of a table with empty cells: the row, NaN where nothing was measured
}

// prepare reads and checks everything.
func (c *Config) prepare(m *ito.Model, env *task.Env) (*job, error) {
	j := &job{c: *c, m: m}
	if err := j.model(); err != nil {
		return nil, err
	}
	var err error
	if j.noise, err = inverse.ParseNoise(c.Noise); err != nil {
		return nil, err
	}
	if err := j.measurements(env); err != nil {
		return nil, err
	}
	word := c.Method
	if word == "auto" {
		if word = j.auto(); word == "pigdm" && c.Starts > 0 {
			word = "pigdm:eta=0"
		}
		env.Tell("using method " + word + ", which this path, operator and noise allow; `method` chooses another")
	}
	if j.method, err = inverse.ParseMethod(word); err != nil {
		return nil, err
	}
	for i := range j.y { // what is refused is refused before anything is drawn
		if _, err := inverse.Restore(context.Background(), j.problem(i, 0), j.method, ito.NewStates(0, j.d, 0),
			inverse.RestoreOptions{Levels: c.Levels}); err != nil {
			return nil, err
		}
		if i > 0 && j.y[i].row == nil {
			break // the same operator
		}
	}
	return j, task.Fits("n", c.N*len(j.y), j.d)
}

// model refuses models whose samples are no rows of numbers.
func (j *job) model() error {
	m := j.m
	switch {
	case m.Encoding != nil:
		return &ito.UnsupportedError{What: "restoring rows of a table with types", Why: "they are encoded",
			Nearest: "ito impute"}
	case !m.Space.Free() || m.Nodes != nil || m.Vocabulary != nil:
		return &ito.UnsupportedError{What: "restoring samples of this model", Why: "they are no rows of numbers",
			Nearest: "a model of images or of plain columns"}
	}
	var err error
	if j.cond, err = data.ParseWhere(m.Conditions, j.c.Where); err != nil {
		return err
	}
	if j.d = m.Path.Dim(); j.d == 0 {
		j.d = m.Space.Dim()
	}
	if j.d == 0 {
		_, j.d = m.Transform.Dims(len(m.Columns))
	}
	j.scale = scaleOf(m, j.d)
	if m.Prior != nil && len(m.Prior.Mean) == j.d {
		j.prior, err = recipe.NewGaussianPrior(*m.Prior, j.d)
	}
	return err
}

// auto is a method for what the path, the operator and the noise allow.
func (j *job) auto() string {
	d, ok := j.m.Path.(ito.Diagonal)
	_, linear := j.y[0].in.(inverse.Spectral)
	g, gaussian := j.noise.(inverse.Gaussian)
	switch {
	case !ok || !linear || !gaussian:
		return "dps"
	case d.Modes() == 1:
		return "pigdm"
	case g.Sigma > 0:
		return "moments"
	}
	return "dps"
}

// problem is that of measurement i for n rows.
func (j *job) problem(i, n int) inverse.Measured {
	p := inverse.Measured{Path: j.m.Path, Field: j.m.Field, Operator: j.y[i].in, Noise: j.y[i].noise, Y: j.y[i].less}
	if j.c.Where != "" {
		p.Cond = data.RepeatCondition(j.cond, n)
	}
	if j.prior != nil {
		p.Start = func(x ito.States, n ito.Noise) error { j.prior.Draw(x, n); return nil }
	}
	return p
}

// mostRows are the rows that a worker carries at a time.
const mostRows = 64

// draw draws all rows, in the units of the scale: those of a measurement one behind the other.
func (j *job) draw(ctx context.Context, env *task.Env) (x ito.States, evals int, err error) {
	n := j.c.N
	width, _ := j.scale.t.Dims(j.scale.width)
	x = ito.NewStates(n*len(j.y), width, 0)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(task.Workers(j.c.Workers))
	type done struct{ rows, evals int }
	finished := make(chan done, len(j.y)*(n/mostRows+1))
	for i := range j.y {
		for lo := 0; lo < n; lo += mostRows {
			hi := min(lo+mostRows, n)
			g.Go(func() error {
				part := x.Slice(i*n+lo, i*n+hi)
				states := part.Like(j.d)
				states.ID = make([]uint64, states.N) // by the numbers of measurement and draw
				for k := range states.ID {
					states.ID[k] = uint64(i)<<32 | uint64(lo+k)
				}
				info, err := inverse.Restore(ctx, j.problem(i, states.N), j.method, states, inverse.RestoreOptions{
					Levels: j.c.Levels, Noise: j.noiseOfDraws()})
				if err != nil {
					return err
				}
				for k := range states.N {
					if err := j.scale.t.Inverse(part.Row(k), states.Row(k)); err != nil {
						return err
					}
				}
				finished <- done{states.N, info.Evals}
				return nil
			})
		}
	}
	wait := make(chan error, 1)
	go func() { wait <- g.Wait(); close(finished) }()
	rows := 0
	for d := range finished {
		rows += d.rows
		evals = max(evals, d.evals)
		env.Count("restore", int64(rows), int64(x.N))
	}
	return x, evals, <-wait
}

// says is the last line of the report: what the draws are, and what to do.
func says(r *Report) string {
	var s []string
	switch r.Is {
	case inverse.Posterior:
		s = append(s, fmt.Sprintf("%s draws from the posterior, the better the more particles and levels.", r.Method))
	case inverse.Approximate:
		s = append(s, fmt.Sprintf("%s draws from an approximate posterior: their spread may be too wide or too "+
			"narrow; mcg and gibbs are exact in a limit.", r.Method))
	case inverse.Point:
		s = append(s, fmt.Sprintf("%s gives a point estimate, not a posterior: what differs between its draws is not "+
			"what is unknown.", r.Method))
	}
	if r.Is == inverse.Posterior && r.Particles > 0 && r.Measured > r.Particles {
		s = append(s, fmt.Sprintf("%d particles may be few for %d measured numbers: compare with gibbs.",
			r.Particles, r.Measured))
	}
	if r.Noise > 0 && r.Residual > 1.5*r.Noise {
		s = append(s, fmt.Sprintf("The residual is %.1f times the noise: the draws do not fit the measurement; more "+
			"levels, or another method, may.", r.Residual/r.Noise))
	}
	return strings.Join(s, " ")
}

package restore

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/inverse"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/sample"
)

// Completion are the flags of ito sample that complete what is known.
type Completion struct {
	Inpaint   string `where:"local" placeholder:"FILE" help:"Draw what is not known of these rows or images: a .csv file with empty cells, a PNG file whose transparent pixels are unknown, or with --mask any .csv, .npy or PNG file or folder. Sample i completes row i, and the first again after the last"`
	Mask      string `where:"local" placeholder:"FILE" help:"What is known of the rows of --inpaint: an .npy file that is not 0, or a PNG file that is not black there"`
	Colourise string `where:"local" placeholder:"FILE" help:"Draw colours of these grey images, as --inpaint"`
	Method    string `where:"local" default:"auto" placeholder:"NAME" help:"How to complete: a method of ito restore, as repaint:times=10; auto: mcg where 32 numbers or less are known, else pigdm, and moments on a path of many schedules"`
}

// Completing reports that something is asked for.
func (c *Completion) Completing() bool { return c.Inpaint != "" || c.Colourise != "" }

// CompleteConfig sets what is completed, with which model, and where it goes.
type CompleteConfig struct {
	Model   string
	Out     string
	N       int
	First   uint64
	Seed    uint64
	Where   string
	Levels  int // 0: the method's
	Workers int
	Completion
	task.Reading
}

// CompleteReport describes what was completed.
type CompleteReport struct {
	N      int               `json:"n"`
	Rows   int               `json:"rows"`   // that are known in part
	Known  int               `json:"known"`  // numbers, of the row with most
	Method string            `json:"method"` // several of auto: of the rows in turn
	Is     inverse.Exactness `json:"is"`
	Evals  int               `json:"evals"` // network calls a sample, the most
	Says   string            `json:"says"`
}

// fewKnown are the known numbers up to which auto takes mcg: its particles are 32.
const fewKnown = 32

// nearly is the noise, in states, of what is known exactly, for methods that need some.
const nearly = .01

// Complete draws N samples that have what is known: sample i has row i mod R of R rows. What is known stands in a
// sample as it was given; pixels and colours to the rounding of the model's data. The same configuration makes the same
// bytes, and sample i of a seed is the same whatever else is drawn.
func Complete(ctx context.Context, c CompleteConfig, env task.Env) (CompleteReport, error) {
	if err := spec.Check(&c.Completion); err != nil {
		return CompleteReport{}, err
	}
	m, _, err := task.LoadModel(c.Model)
	if err != nil {
		return CompleteReport{}, err
	}
	k, err := c.prepare(m, &env)
	if err != nil {
		return CompleteReport{}, err
	}
	x, err := k.draw(ctx, &env)
	if err != nil {
		return CompleteReport{}, err
	}
	return k.report, c.write(m, x, env)
}

// completion is a completion that has been checked.
type completion struct {
	*job
	c       CompleteConfig
	methods []inverse.Method // of every row
	report  CompleteReport
}

func (c *CompleteConfig) prepare(m *ito.Model, env *task.Env) (*completion, error) {
	switch {
	case c.Inpaint != "" && c.Colourise != "":
		return nil, &ito.InputError{Where: "`inpaint` and `colourise`", What: "both are given", Do: "give one of them"}
	case c.Mask != "" && c.Inpaint == "":
		return nil, &ito.InputError{Where: "`mask`", What: "it is for `inpaint`", Do: "leave it out"}
	case c.N < 1:
		return nil, &ito.InputError{Where: "`n`", What: fmt.Sprintf("%d samples", c.N), Do: "give 1 or more"}
	}
	k := &completion{c: *c, job: &job{m: m, noise: inverse.Gaussian{}, c: Config{Y: c.Inpaint + c.Colourise,
		N: c.N, Where: c.Where, Seed: c.Seed, Levels: c.Levels, Reading: c.Reading}}}
	if err := k.model(); err != nil {
		return nil, err
	}
	if _, err := sample.NewWriter(io.Discard, c.sampling(), m); err != nil {
		return nil, err
	}
	read := k.gaps
	if c.Colourise != "" {
		read = k.greys
	}
	if err := read(env); err != nil {
		return nil, err
	}
	k.report = CompleteReport{N: c.N, Rows: len(k.y)}
	var words []string
	for i := range k.y {
		method, err := k.choose(i)
		if err != nil {
			return nil, err
		}
		k.methods = append(k.methods, method)
		info := method.Info()
		if w := inverse.MethodWord(method); !slices.Contains(words, w) {
			words = append(words, w)
		}
		if k.report.Is != inverse.Approximate {
			k.report.Is = info.Is
		}
		k.report.Known = max(k.report.Known, k.y[i].y.D)
		if _, err := inverse.Restore(context.Background(), k.problem(i, 0), method, ito.NewStates(0, k.d, 0),
			inverse.RestoreOptions{Levels: c.Levels}); err != nil {
			return nil, err
		}
	}
	k.report.Method = strings.Join(words, ", ")
	k.report.Says = says(&Report{Is: k.report.Is, Method: k.report.Method})
	return k, task.Fits("n", c.N, k.d)
}

// choose is the method of row i, and makes the row serve it.
func (k *completion) choose(i int) (inverse.Method, error) {
	p, ok := k.m.Path.(ito.Diagonal)
	many := ok && p.Modes() > 1
	word := k.c.Method
	switch {
	case word != "auto":
	case many:
		word = "moments"
	case k.y[i].y.D <= fewKnown:
		word = "mcg"
	default:
		word = "pigdm"
	}
	method, err := inverse.ParseMethod(word)
	if err != nil {
		return nil, err
	}
	if a, ok := k.y[i].in.(inverse.Linear); ok && method.Info().Name == "moments" {
		k.y[i].in, k.y[i].less = evenly(a, k.y[i].less)
		k.y[i].noise = inverse.Gaussian{Sigma: nearly}
	}
	return method, nil
}

// draw draws all samples, in the units of the model's data.
func (k *completion) draw(ctx context.Context, env *task.Env) (ito.States, error) {
	width := task.Width(k.m)
	out := ito.NewStates(k.c.N, width, k.c.First)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(task.Workers(k.c.Workers))
	type part struct{ rows, evals int }
	rows := len(k.y)
	finished := make(chan part, k.c.N+rows)
	for r := range rows {
		var at []int // places in out of the samples that complete row r
		for i, id := range out.ID {
			if int(id%uint64(rows)) == r {
				at = append(at, i)
			}
		}
		for chunk := range slices.Chunk(at, mostRows) {
			g.Go(func() error {
				evals, err := k.complete(ctx, out, chunk, r)
				finished <- part{len(chunk), evals}
				return err
			})
		}
	}
	wait := make(chan error, 1)
	go func() { wait <- g.Wait(); close(finished) }()
	done := 0
	for p := range finished {
		done += p.rows
		k.report.Evals = max(k.report.Evals, p.evals)
		env.Count("sample", int64(done), int64(k.c.N))
	}
	return out, <-wait
}

// complete draws the samples at some places of out, which complete row r.
func (k *completion) complete(ctx context.Context, out ito.States, at []int, r int) (evals int, err error) {
	x := ito.NewStates(len(at), k.d, 0)
	for i, place := range at {
		x.ID[i] = out.ID[place]
	}
	info, err := inverse.Restore(ctx, k.problem(r, x.N), k.methods[r], x, inverse.RestoreOptions{Levels: k.c.Levels,
		Noise: ito.Seed(k.c.Seed)})
	if err != nil {
		return info.Evals, err
	}
	row := make([]float64, out.D)
	for i, place := range at {
		if err := k.scale.t.Inverse(row, x.Row(i)); err != nil {
			return info.Evals, err
		}
		k.fit(row, r)
		k.finish(out.Row(place), row, r)
	}
	return info.Evals, nil
}

// write writes rows.
func (c *CompleteConfig) write(m *ito.Model, rows ito.States, env task.Env) error {
	put := func(w io.Writer) error {
		out, err := sample.NewWriter(w, c.sampling(), m)
		if err != nil {
			return err
		}
		if err := out.WriteRows(rows); err != nil {
			return err
		}
		return out.Close()
	}
	if c.Out == "-" {
		if env.Stdout == nil {
			return &ito.InputError{Where: "`out`", What: "there is no standard output here", Do: "name a file"}
		}
		return put(env.Stdout)
	}
	return store.WriteFile(c.Out, put)
}

func (c *CompleteConfig) sampling() *sample.Config {
	cfg := &sample.Config{Out: c.Out, SampleConfig: recipe.DefaultSample()}
	cfg.N, cfg.First = c.N, c.First
	return cfg
}

package infer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/approx"
	"github.com/seed9a7962a8/ito/interop/modeldata"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/target/model"
)

// start describes where chains and ascents begin.
func (r *inference) start(ctx context.Context, m infer.Method, s *infer.Settings) error {
	word := r.c.Init
	climbs := slices.Contains(infer.MethodsWith("Paths"), m.Name)
	if m.Kind != infer.Chains && !climbs {
		if word != "" {
			return &ito.InputError{Where: "`init`", What: fmt.Sprintf("the method %s chooses its own start", m.Name),
				Do: "leave it out, or take one that has chains or ascents"}
		}
		return nil
	}
	if word != "" && slices.Contains(r.c.Given, "radius") {
		return &ito.InputError{Where: "`init` and `radius`", What: "both say where to start", Do: "give one of them"}
	}
	if r.p.learned != nil {
		if word != "" {
			return &ito.UnsupportedError{What: "`init`", Why: "a trained model has no density to start by",
				Nearest: "`radius`"}
		}
		return nil
	}
	o := &infer.Starts{Radius: s.Radius, Explain: r.explain, Density: !m.Gradient}
	s.Starts = o
	if word == "" {
		return nil
	}
	r.init = fmt.Sprintf("init = %q\n", word)
	if radius, err := strconv.ParseFloat(word, 64); err == nil {
		if !(radius > 0) || math.IsInf(radius, 0) {
			return &ito.InputError{Where: "`init`", What: "a radius of " + word, Do: "give a positive number"}
		}
		o.Radius = radius
		return nil
	}
	switch word {
	case "prior":
		return r.fromPrior(o)
	case "pathfinder":
		if climbs {
			return &ito.InputError{Where: "`init`", What: m.Name + " climbs by itself",
				Do: "give prior, a number or a file"}
		}
		return r.fromPathfinder(ctx, o, s)
	}
	digest, err := r.fromFile(o, word)
	r.init += fmt.Sprintf("init-file = %q\n", digest)
	return err
}

// explain describes what is not finite at a place.
func (r *inference) explain(ctx context.Context, x []float64) string {
	if r.p.model == nil {
		return ""
	}
	return r.p.model.Explain(ctx, x)
}

// fromPrior starts at draws of the priors.
func (r *inference) fromPrior(o *infer.Starts) error {
	m := r.p.model
	if m == nil {
		return &ito.UnsupportedError{What: "`init` prior", Why: r.p.name + " is no model file with priors",
			Nearest: "a number"}
	}
	probe := ito.NewStates(1, m.Dim(), 0)
	if err := m.PriorDraws(context.Background(), probe, r.c.Seed, 0); err != nil {
		return fmt.Errorf("`init` prior: %w", err)
	}
	o.What = "draws of the priors"
	o.Draw = func(ctx context.Context, x ito.States, seed uint64, try uint32) error {
		return m.PriorDraws(ctx, x, seed, try)
	}
	return nil
}

// fromPathfinder starts every chain at a draw of a run of Pathfinder of its own.
func (r *inference) fromPathfinder(ctx context.Context, o *infer.Starts, s *infer.Settings) error {
	chains := s.Chains
	if chains == 0 {
		chains = 4
	}
	k := approx.Pathfinder{Ascent: approx.Ascent{Starts: &infer.Starts{Explain: r.explain}},
		Outcome: approx.Outcome{Draws: 1}}
	state := infer.NewState(k, chains, r.p.Dim(), 0)
	if _, err := infer.Run(ctx, r.p, k, state, infer.RunOptions{Seed: s.Seed}); err != nil {
		return fmt.Errorf("`init` pathfinder: %w", err)
	}
	o.Points, o.What = ito.States{N: chains, D: r.p.Dim(), X: state.X, ID: state.ID}, "a draw of pathfinder"
	return nil
}

// fromFile starts at the draws of a file: chain i where its chain i ended, or, of one chain, at draws spread evenly
// over it; or at the values of a JSON file that names the parameters.
func (r *inference) fromFile(o *infer.Starts, name string) (digest string, err error) {
	b, err := readInput(name)
	if err != nil {
		if !strings.ContainsAny(name, "./") {
			return "", &ito.InputError{Where: "`init`",
				What: fmt.Sprintf("%q is no word for a start, and no file", name),
				Do:   "give prior, pathfinder, a number, or a file of draws"}
		}
		return "", err
	}
	digest, o.What = store.Digest(b), name
	set, failed := draws.Read(name)
	if failed != nil {
		if strings.EqualFold(filepath.Ext(name), ".json") {
			if x, err := r.fromValues(name, b); err == nil || !strings.Contains(string(b), `"posterior"`) {
				o.Points = ito.States{N: 1, D: r.p.Dim(), X: x, ID: []uint64{0}}
				return digest, err
			}
		}
		return "", failed
	}
	at, err := r.p.parametersOf(set.Columns, name)
	if err != nil {
		return "", err
	}
	n, each := set.Chains, 1
	if n == 1 {
		n, each = min(set.Draws, 64), min(set.Draws, 64)
	}
	o.Points = ito.NewStates(n, r.p.Dim(), 0)
	row := make([]float64, len(at))
	for i := range n {
		chain, draw := i, set.Draws-1
		if set.Chains == 1 {
			chain, draw = 0, set.Draws-1-i*set.Draws/each
		}
		for j, k := range at {
			row[j] = set.Chain(k, chain)[draw]
		}
		if err := r.p.unconstrain(o.Points.Row(i), row); err != nil {
			return "", fmt.Errorf("%s: draw %d of chain %d: %w", name, draw+1, chain+1, err)
		}
	}
	return digest, nil
}

// fromValues reads a place from a JSON object of values by parameter, as CmdStan's init files.
func (r *inference) fromValues(name string, b []byte) ([]float64, error) {
	d, err := modeldata.Read(name, b)
	if err != nil {
		return nil, err
	}
	bad := func(format string, a ...any) error {
		return &ito.InputError{Where: name, What: fmt.Sprintf(format, a...),
			Do: "give every parameter of the model a value of its shape"}
	}
	if r.p.model == nil {
		return nil, bad("%s has coordinates and no parameters", r.p.name)
	}
	var row []float64
	for _, q := range r.p.model.Quantities() {
		if q.Kind != model.Parameter {
			continue
		}
		if _, ok := d[q.Name]; !ok {
			return nil, bad("there is no value of %s", q.Name)
		}
		shape, x, err := model.Numbers(d, q.Name)
		if err != nil {
			return nil, err
		}
		if !slices.Equal(shape, q.Shape) && !(len(q.Shape) == 0 && len(x) == 1) {
			return nil, bad("%s has shape %v in the model and %v here", q.Name, q.Shape, shape)
		}
		row = append(row, columns(x, q.Shape)...)
	}
	out := make([]float64, r.p.Dim())
	return out, r.p.unconstrain(out, row)
}

// columns puts row-major numbers into the order of a draw's columns, the first index fastest.
func columns(x []float64, shape []int) []float64 {
	out := make([]float64, 0, len(x))
	index := make([]int, len(shape))
	for range x {
		at := 0
		for k, i := range index {
			at = at*shape[k] + i
		}
		out = append(out, x[at])
		for k := range index {
			if index[k]++; index[k] < shape[k] {
				break
			}
			index[k] = 0
		}
	}
	return out
}

// parametersOf finds the columns of the parameters.
func (p *problem) parametersOf(names []string, file string) ([]int, error) {
	want := p.columns
	if p.model != nil {
		n := 0
		for _, q := range p.model.Quantities() {
			if q.Kind == model.Parameter {
				n = q.Column + max(1, product(q.Shape))
			}
		}
		want = want[:n]
	}
	var at []int
	for _, name := range want {
		k := slices.Index(names, name)
		if k < 0 {
			return nil, &ito.InputError{Where: file, What: "there is no column " + name,
				Do: "give draws of the parameters of this model"}
		}
		at = append(at, k)
	}
	return at, nil
}

func product(shape []int) int {
	n := 1
	for _, k := range shape {
		n *= k
	}
	return n
}

// unconstrain writes the coordinates of values of the parameters.
func (p *problem) unconstrain(u, row []float64) error {
	if p.model == nil {
		copy(u, row)
		return nil
	}
	if err := p.model.Unconstrain(u, row); err != nil {
		return &ito.InputError{Where: "`init`", What: err.Error(), Do: "give values that the model's supports allow"}
	}
	return nil
}

// named gives an error of a place without a peak the names of the parameters.
func (p *problem) named(err error) error {
	if e := (*approx.PeakError)(nil); errors.As(err, &e) && e.Coordinates != nil && e.Names == nil {
		e.Names = p.coordinates(e.Coordinates)
		e.Coordinates = e.Coordinates[:len(e.Names)]
		return e // without the step, which the message of a wrapping would have in the old words
	}
	return err
}

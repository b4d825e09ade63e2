package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	_ "github.com/seed9a7962a8/ito/infer/methods" // registers the methods
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/target/model"
	"github.com/seed9a7962a8/ito/task"
	taskinfer "github.com/seed9a7962a8/ito/task/infer"
)

// SBCConfig says which model is calibrated, by how much work.
type SBCConfig struct {
	Model       string `arg:"" where:"local" help:"A model file whose parameters all have priors that can be drawn"`
	Data        string `where:"local" placeholder:"FILE" help:"Its data; what it observes is replaced by what it draws"`
	Out         string `required:"" where:"local" placeholder:"FILE" help:"Where the ranks go: a .json file, written after every simulation"`
	Simulations int    `default:"200" min:"10" max:"100000" help:"Data sets that are drawn and fitted"`
	Ranks       int    `default:"99" min:"9" max:"9999" help:"Draws that the true value is ranked among"`
	Thin        int    `default:"5" min:"1" help:"Steps of nuts between two of these"`
	Warmup      int    `default:"500" min:"50" help:"Steps of nuts that adapt it"`
	Method      string `default:"nuts" placeholder:"NAME" help:"The sampler of chains: nuts or hmc"`
	Seed        uint64 `default:"0" help:"Seed of everything"`
	Resume      bool   `where:"local" help:"Go on with the ranks that are in the file"`
}

// SBC is what simulation-based calibration found (Talts et al., arXiv:1804.06788).
type SBC struct {
	Model      string    `json:"model"`
	Settings   string    `json:"settings"`
	Columns    []string  `json:"columns"`
	Draws      int       `json:"ranks_among"`
	Ranks      [][]int   `json:"ranks"` // of every simulation, the rank of every parameter
	Divergent  int       `json:"divergent"`
	Parameters []Uniform `json:"parameters,omitempty"`
	Warnings   []string  `json:"warnings,omitempty"`
}

// Uniform is how a parameter's ranks differ from uniform: the greatest distance of their ECDF from the diagonal in the
// units of the simultaneous 95 % band (above 1: outside), and the signs of the usual faults.
type Uniform struct {
	Column  string  `json:"column"`
	Outside float64 `json:"ecdf_over_band"`
	Mean    float64 `json:"mean_rank"` // of [0, 1]; .5 is right
	// sd of the ranks over that of uniform ones; below 1: the posteriors are too wide, above: too narrow
	Spread    float64 `json:"rank_sd"`
	Histogram []int   `json:"histogram"`
}

// RunSBC draws parameters from the priors and data from the model, fits each data set, and looks whether the true
// values
// are ranked uniformly among the draws, as they are if the sampler and the model are right. It goes on from the file
// with
// Resume, to the same ranks.
func RunSBC(ctx context.Context, c SBCConfig, env task.Env) (*SBC, error) {
	if _, err := task.Place("out", c.Out); err != nil {
		return nil, err
	}
	method, err := infer.FindMethod(c.Method)
	if err != nil {
		return nil, err
	}
	if method.Kind != infer.Chains || method.Trained {
		return nil, &ito.InputError{Where: "`method` " + c.Method, What: "ranks are of chains", Do: "take nuts"}
	}
	pool, done := env.PoolOf(0)
	defer done()
	src, err := taskinfer.Source(c.Model, c.Data)
	if err != nil {
		return nil, err
	}
	m, err := open(c.Model, c.Data, pool, env)
	if err != nil {
		return nil, err
	}
	if err := generative(m, c.Model); err != nil {
		return nil, err
	}
	r := &SBC{Model: c.Model, Columns: m.Columns()[:parameters(m)], Draws: c.Ranks,
		Settings: fmt.Sprintf("%s %s ranks %d thin %d warmup %d method %s seed %d", src.Digest, src.DataDigest,
			c.Ranks, c.Thin,
			c.Warmup, c.Method, c.Seed)}
	if err := r.resume(c); err != nil {
		return nil, err
	}
	for i := len(r.Ranks); i < c.Simulations; i++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		ranks, divergent, err := simulate(ctx, m, src, c, method, uint64(i), pool)
		if err != nil {
			return nil, fmt.Errorf("simulation %d: %w", i+1, err)
		}
		r.Ranks, r.Divergent = append(r.Ranks, ranks), r.Divergent+divergent
		if err := r.write(c.Out); err != nil {
			return nil, err
		}
		if env.Progress != nil {
			env.Progress(task.ProgressEvent{Name: "sbc", Done: int64(i + 1), Total: int64(c.Simulations)})
		}
	}
	r.judge()
	return r, r.write(c.Out)
}

// generative refuses a model whose data cannot be replaced.
func generative(m *model.Model, name string) error {
	terms, err := m.Terms()
	if err != nil {
		return err
	}
	refuse := func(format string, a ...any) error {
		return &ito.UnsupportedError{What: "sbc of " + name, Why: fmt.Sprintf(format, a...)}
	}
	for i, t := range terms {
		switch {
		case !t.Draws:
			return refuse("%s, observation %d, has no draws", t.Distribution, i+1)
		case t.Name == "":
			return refuse("observation %d is no datum as it is: observe(…, data[\"y\"])", i+1)
		case t.Elsewhere:
			return refuse("the datum %q is censored or read elsewhere too, so that a drawn one cannot stand for it",
				t.Name)
		}
	}
	return nil
}

// simulate is one data set, by addresses that its number gives.
func simulate(ctx context.Context, m *model.Model, src *taskinfer.Text, c SBCConfig, method infer.Method, i uint64,
	pool *ad.Pool) (ranks []int, divergent int, err error) {
	truth := ito.NewStates(1, m.Dim(), i)
	if err := m.PriorDraws(ctx, truth, c.Seed, 0); err != nil {
		return nil, 0, err
	}
	want, y := ito.NewStates(1, m.Width(), i), ito.NewStates(1, m.Replicated(), i)
	if err := m.Draw(ctx, want, truth, c.Seed, 0); err != nil {
		return nil, 0, err
	}
	if err := m.Replicate(ctx, y, truth, c.Seed, 1); err != nil {
		return nil, 0, err
	}
	terms, err := m.Terms()
	if err != nil {
		return nil, 0, err
	}
	var replace [][]float64
	at := 0
	for _, t := range terms {
		k := elements(t.YShape)
		replace = append(replace, y.X[at:at+k])
		at += k
	}
	fit, err := model.Compile(c.Model, src.Model, src.Data, model.CompileOptions{Pool: pool, Replace: replace})
	if err != nil {
		return nil, 0, err
	}
	set := infer.DefaultSettings()
	set.Seed, set.Chains, set.Draws, set.Thin, set.Warmup = c.Seed+1+i, 1, c.Ranks, c.Thin, c.Warmup
	plan, err := method.Plan(fit, set)
	if err != nil {
		return nil, 0, err
	}
	k := parameters(m)
	ranks = make([]int, k)
	ties := make([]int, k)
	out := ito.NewStates(1, m.Width(), 0)
	report, _, err := plan.Run(ctx, fit, infer.RunOptions{Sink: func(d infer.Draw) error {
		x := ito.States{N: 1, D: m.Dim(), X: d.State.X[:m.Dim()], ID: []uint64{0}}
		if err := fit.Draw(ctx, out, x, 0, 0); err != nil {
			return err
		}
		for j := range k {
			switch {
			case out.X[j] < want.X[j]:
				ranks[j]++
			case out.X[j] == want.X[j]:
				ties[j]++
			}
		}
		return nil
	}})
	if err != nil {
		return nil, 0, err
	}
	var u [1]float64
	for j := range ranks { // constants, such as the corner of a correlation factor, tie
		if ties[j] > 0 {
			rng.NewKey(c.Seed, rng.PurposeTarget, uint32(i), uint32(j)).Uniforms64At(u[:], 1, []uint64{i}, 0)
			ranks[j] += int(u[0] * float64(ties[j]+1))
		}
	}
	return ranks, report.Divergent, nil
}

// resume takes the ranks of a file of the same settings.
func (r *SBC) resume(c SBCConfig) error {
	if !c.Resume {
		return nil
	}
	b, err := os.ReadFile(c.Out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var old SBC
	if err := json.Unmarshal(b, &old); err != nil {
		return &ito.InputError{Where: c.Out, What: "it holds no ranks: " + err.Error(), Do: "leave `resume` out"}
	}
	if old.Settings != r.Settings {
		return &ito.InputError{Where: c.Out, What: fmt.Sprintf("its ranks are of other settings: %s, not %s",
			old.Settings,
			r.Settings), Do: "give these, or another file"}
	}
	r.Ranks, r.Divergent = old.Ranks, old.Divergent
	return nil
}

func (r *SBC) write(name string) error {
	return store.WriteFile(name, func(w io.Writer) error {
		b, err := json.Marshal(r)
		if err != nil {
			return err
		}
		_, err = w.Write(append(b, '\n'))
		return err
	})
}

// judge compares the ranks with uniform ones.
func (r *SBC) judge() {
	n, bins := len(r.Ranks), 10
	band := ecdfBand(n, r.Draws)
	for j, name := range r.Columns {
		u := Uniform{Column: name, Histogram: make([]int, bins)}
		v := make([]int, n)
		m, ss := 0., 0.
		for i, row := range r.Ranks {
			v[i] = row[j]
			f := (float64(row[j]) + .5) / float64(r.Draws+1)
			m += f / float64(n)
			ss += f * f / float64(n)
			u.Histogram[row[j]*bins/(r.Draws+1)]++
		}
		u.Mean, u.Spread = m, math.Sqrt(max(ss-m*m, 0)*12)
		u.Outside = ecdfDistance(v, r.Draws) / band
		if u.Outside > 1 {
			what := "are not uniform"
			switch {
			case u.Mean < .45:
				what = "are low: the posteriors lie above the truth"
			case u.Mean > .55:
				what = "are high: the posteriors lie below the truth"
			case u.Spread < .9:
				what = "crowd in the middle: the posteriors are wider than they should be"
			case u.Spread > 1.1:
				what = "crowd at the ends: the posteriors are narrower than they should be"
			}
			r.Warnings = append(r.Warnings,
				fmt.Sprintf("the ranks of %s %s (their ECDF leaves the 95 %% band, %.2f times its "+
					"width)", name, what, u.Outside))
		}
		r.Parameters = append(r.Parameters, u)
	}
	if r.Divergent > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d trajectories diverged", r.Divergent))
	}
}

// ecdfDistance is the greatest difference of the ranks' ECDF from that of uniform ranks of 0 … draws, in standard
// deviations of each point.
func ecdfDistance(ranks []int, draws int) float64 {
	count := make([]int, draws+1)
	for _, v := range ranks {
		count[v]++
	}
	n, worst, sum := float64(len(ranks)), 0., 0
	for k, c := range count[:draws] {
		sum += c
		p := float64(k+1) / float64(draws+1)
		worst = max(worst, math.Abs(float64(sum)/n-p)/math.Sqrt(p*(1-p)/n))
	}
	return worst
}

// ecdfBand is the .95 quantile of that distance under uniform ranks, over 2000 simulations of a seed of its own, so
// that
// the band is simultaneous over all ranks (Säilynoja, Bürkner and Vehtari 2022).
func ecdfBand(n, draws int) float64 {
	const sims = 2000
	key := rng.NewKey(1, rng.PurposeTarget, 0, 0)
	u, ids := make([]float64, n), []uint64{0}
	ranks, all := make([]int, n), make([]float64, sims)
	for s := range all {
		ids[0] = uint64(s)
		key.Uniforms64At(u, n, ids, 0)
		for i, v := range u {
			ranks[i] = min(int(v*float64(draws+1)), draws)
		}
		all[s] = ecdfDistance(ranks, draws)
	}
	slices.Sort(all)
	return all[sims*95/100]
}

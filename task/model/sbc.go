package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

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

// SBCConfig sets which model is calibrated, by how much work.
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

// SBCReport is what simulation-based calibration found (Talts et al., arXiv:1804.06788).
type SBCReport struct {
	Model      string    `json:"model"`
	Settings   string    `json:"settings"`
	Columns    []string  `json:"columns"`
	Draws      int       `json:"ranks_among"`
	Ranks      [][]int   `json:"ranks"` // of every simulation, the rank of every parameter
	Divergent  int       `json:"divergent"`
	Parameters []Uniform `json:"parameters,omitempty"`
	Warnings   []string  `json:"warnings,omitempty"`
}

// SBC draws parameters from the priors and data from the model, fits each data set, and looks whether the true
// values
// are ranked uniformly among the draws, as they are if the sampler and the model are right. It goes on from the file
// with
// Resume, to the same ranks.
func SBC(ctx context.Context, c SBCConfig, env task.Env) (*SBCReport, error) {
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
	r := &SBCReport{Model: c.Model, Columns: m.Columns()[:parameters(m)], Draws: c.Ranks,
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
func (r *SBCReport) resume(c SBCConfig) error {
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
	var old SBCReport
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

func (r *SBCReport) write(name string) error {
	return store.WriteFile(name, func(w io.Writer) error {
		b, err := json.Marshal(r)
		if err != nil {
			return err
		}
		_, err = w.Write(append(b, '\n'))
		return err
	})
}

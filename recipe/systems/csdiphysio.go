package systems

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/tune"
)

var physioRecipe = Recipe{Name: "csdi-physio", run: runPhysio, records: true,
	Summary: "the published CSDI fills in a tenth of the observed cells of records of PhysioNet 2012, beside the " +
		"last value and the line between neighbours"}

// What the paper does; a run may do less: see [RunConfig].
const (
	physioPaths  = 100 // samples of a record
	physioCalls  = 50
	physioHidden = .1 // part of the observed cells that is hidden
	// Of the 50 steps with √β even from 1e-4 to .5 that the network was trained on.
	physioSteps, physioBetaStart, physioBetaEnd = 50, 1e-4, .5
)

// runPhysio scores the records one by one, and goes on where Keep has some.
func runPhysio(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error {
	records, err := openPhysio(cfg.Data)
	if err != nil {
		return err
	}
	if n := cfg.Limit; n > 0 && n < len(records) {
		records = records[:n]
	}
	paths, calls := cmp.Or(cfg.Samples, physioPaths), cmp.Or(cfg.Calls, physioCalls)
	pool := ad.NewPool(run.WorkerCount())
	defer pool.Close()
	f, err := openCSDI(cfg.Data, pool)
	if err != nil {
		return err
	}
	r.Budget = fmt.Sprintf("%d records, %d samples of %d network calls", len(records), paths, calls)
	r.Columns = []string{"MAE", "CRPS (19 levels)"}
	for _, seed := range cfg.Seeds {
		var sampler ito.Solver
		var grid ito.Grid
		if sampler, grid, err = physioSampler(ctx, f, records, calls, seed); err != nil {
			return err
		}
		done := physioDone{Settings: fmt.Sprintf("seed=%d samples=%d calls=%d", seed, paths, calls),
			Records: map[string]physioScore{}}
		file := ""
		if cfg.Keep != "" {
			file = filepath.Join(cfg.Keep, fmt.Sprintf("csdi-physio-%d.json", seed))
			if err := done.open(file); err != nil {
				return err
			}
		}
		var all physioScore
		for i, rec := range records {
			s, ok := done.Records[rec.id]
			if !ok {
				if s, err = scorePhysio(ctx, f, rec, sampler, grid, paths, seed); err != nil {
					return fmt.Errorf("record %s: %w", rec.id, err)
				}
				done.Records[rec.id] = s
				if err := done.save(file); err != nil {
					return err
				}
			}
			all.add(s)
			if run.Progress != nil {
				run.Progress(learn.TrainEvent{Name: "record " + rec.id, Phase: "train", Step: i + 1,
					Steps: len(records),
					Loss:  all.Error / math.Max(1, float64(all.Cells))})
			}
		}
		cells := math.Max(1, float64(all.Cells))
		crps := 0.
		for _, p := range all.Pinball {
			crps += 2 * p / float64(len(all.Pinball)) / all.Truth
		}
		r.add("CSDI", false, all.Error/cells, crps)
		r.add("the last value", true, all.Last/cells, all.Last/all.Truth)
		r.add("the line between neighbours", true, all.Line/cells, all.Line/all.Truth)
		if seed == cfg.Seeds[0] {
			r.Notes = append(r.Notes, fmt.Sprintf("%d hidden cells; solver %s", all.Cells, sampler.Info().Name))
		}
	}
	mae, _ := spread(r.column("CSDI", "MAE"))
	crps, _ := spread(r.column("CSDI", "CRPS (19 levels)"))
	r.atMost(.25, mae, "mean absolute error of the median, in standard deviations (published, on its own split: .217)")
	r.atMost(.27, crps, "CRPS by 19 quantiles over Σ|y| (published, on its own split: .238)")
	r.Notes = append(r.Notes,
		"a fixed tenth of the observed cells of a record is hidden; MAE is in standard deviations; "+
			"CRPS is the mean over 19 levels of 2·pinball over Σ|y|, quantiles interpolated, as the authors have it")
	return nil
}

// openCSDI is the published network on its path, from the folder's csdi_physio.safetensors.
func openCSDI(folder string, pool *ad.Pool) (*field.Net, error) {
	file := filepath.Join(folder, "csdi_physio.safetensors")
	weights, err := store.ReadFile(file)
	if err != nil {
		return nil, &ito.InputError{Where: "`data`", What: err.Error(),
			Do: "put the weights of CSDI beside the records"}
	}
	const k = 35
	shape := []int{k, physioHours}
	w, err := store.ImportNetwork(weights.Tensors, nn.CSDI{Impute: true, Steps: physioSteps}, nn.Ports{
		X: []nn.Port{{Name: "x", Shape: shape}}, Out: []nn.Port{{Name: "out", Shape: shape}},
		Cond: []nn.Port{{Name: "cond", Shape: []int{2 * k * physioHours}}}}, nil)
	if err != nil {
		return nil, err
	}
	p, err := path.NewDiscrete(path.DiscreteConfig{Schedule: path.ScaledLinear, N: physioSteps,
		BetaStart: physioBetaStart, BetaEnd: physioBetaEnd})
	if err != nil {
		return nil, err
	}
	f, err := field.NewLabelled(p, w, ito.PredEps)
	if err != nil {
		return nil, err
	}
	return f.WithPool(pool), nil
}

// physioSampler is the sampler of the paper with 50 calls, DDPM's over every step, and with fewer DDIM at the times
// that GITS finds for the first records.
func physioSampler(ctx context.Context, f *field.Net, records []physioRecord, calls int, seed uint64) (ito.Solver,
	ito.Grid, error) {
	lo, hi := f.Bound().Span()
	if calls >= physioSteps {
		g, err := solve.Uniform(f.Bound(), hi, lo, physioSteps-1)
		return solve.Finish{Solver: solve.DDIM{Eta: 1}, Action: solve.Denoise}, g, err
	}
	const starts, points = 4, 13
	t := tune.Task{Path: f.Bound(), Field: f, From: hi, To: lo, Cond: ito.Cond{C: f.Weights.Ports.CondWidth()}}
	t.Starts = ito.NewStates(min(starts, len(records)), len(records[0].x), 1<<40)
	if err := f.Bound().Prior(t.Starts, ito.Cond{}, ito.Seed(seed)); err != nil {
		return nil, nil, err
	}
	for i := range t.Starts.N {
		cond, _ := hidePhysio(records[i], seed)
		t.Cond.X = append(t.Cond.X, cond...)
	}
	list, err := tune.GITS{Points: points, Grid: solve.Uniform}.Gridded(ctx, t, calls-1)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(list, func(f tune.Fixed) bool { _, ok := f.Solver.(solve.DDIM); return ok })
	if i < 0 {
		return nil, nil, &ito.UnsupportedError{What: fmt.Sprintf("%d network calls", calls),
			Why: "GITS finds no times for " +
				"so few", Nearest: "`calls=10`"}
	}
	// The network was trained on whole steps.
	var times ito.Grid
	for _, v := range list[i].Times {
		if v = math.Round(v*physioSteps) / physioSteps; len(times) == 0 || v < times[len(times)-1] {
			times = append(times, v)
		}
	}
	return solve.Finish{Solver: list[i].Solver, Action: solve.Denoise}, times, nil
}

// hidePhysio is what the network is told of a record, pairs of a value and 1 where it is given, and the hidden cells.
// The choice is a function of the record and the seed.
func hidePhysio(r physioRecord, seed uint64) (cond []float64, hidden []int) {
	var id uint64
	for _, c := range r.id {
		id = id*31 + uint64(c)
	}
	u := make([]float64, len(r.x))
	rng.NewKey(seed, rng.PurposeSplit, 0, 0).Uniforms64(u, len(u), []uint64{id})
	var seen []int
	for i, v := range r.x {
		if !math.IsNaN(v) {
			seen = append(seen, i)
		}
	}
	order := slices.Clone(seen)
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(u[a], u[b]) })
	hidden = order[:int(math.Round(physioHidden*float64(len(seen))))]
	slices.Sort(hidden)
	cond = make([]float64, 2*len(r.x))
	for _, i := range seen {
		if _, hide := slices.BinarySearch(hidden, i); !hide {
			cond[2*i], cond[2*i+1] = r.x[i], 1
		}
	}
	return cond, hidden
}

package recipe

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/wrap"
)

// QuantiseConfig is how a network is quantised: the flags of "ito quantise".
type QuantiseConfig struct {
	Bits        int     `toml:"bits" json:"bits" min:"8" max:"8" default:"8" help:"Bits of a weight and of an activation: 8."`
	Calibration string  `toml:"calibration" json:"calibration" default:"normal" enum:"normal,uniform" help:"At which steps of its own sampling the network's activations are looked at: ${enum}. A run is looked at once, at the part u of its way, 0 at the data and 1 at the noise; normal draws u from N(mean, sd), kept within 0 and 1."`
	Mean        float64 `toml:"mean" json:"mean" min:"0" max:"1" default:"0.4" help:"Mean of u, where it is normal."`
	SD          float64 `toml:"sd" json:"sd" name:"sd" above:"0" max:"10" default:"0.4" help:"Standard deviation of u, where it is normal."`
	Runs        int     `toml:"runs" json:"runs" min:"8" max:"65536" default:"256" help:"Runs of the sampler that are looked at."`
	NFE         int     `toml:"nfe" json:"nfe" name:"nfe" min:"0" max:"1000" default:"0" placeholder:"K" help:"Network calls of such a run; 0: as ito sample."`
	Seed        uint64  `toml:"seed" json:"seed" default:"1" help:"Seed of the runs and of u."`
}

// DefaultQuantise returns the defaults of the tags.
func DefaultQuantise() QuantiseConfig { return spec.New[QuantiseConfig]() }

// QuantiseReport says what a quantisation did.
type QuantiseReport struct {
	QuantiseConfig
	States  int `json:"states"`  // at which activations were looked at
	Layers  int `json:"layers"`  // whose products are of bytes
	Tensors int `json:"tensors"` // of bytes
	Params  int `json:"params"`  // of the network
	Bytes   int `json:"bytes"`   // of them that are bytes
	// Error is that of the quantised network's predictions at the states: root mean square over that of the
	// predictions.
	Error float64 `json:"error"`
	// Worst is the layer whose inputs are rounded most, by the root of their mean square over that of the inputs.
	Worst      string  `json:"worst"`
	WorstError float64 `json:"worst_error"`
}

// askedState is what a calibration looks at: a row, its time and condition.
type askedState struct {
	id   uint64
	x    []float64
	t    float64
	cond []float64
}

// Quantise is a model of bytes (PTQ4DM, Shang et al. 2023, arXiv:2211.15736): weights of linear layers and convolutions
// are whole numbers of ±127 times a scale an output, their inputs are rounded to 256 values each, whose ends are those
// of the least mean square error at states of the model's own reverse runs. The states are labelled with the time that
// the sampler gave them. Everything is stored, so that a sample's bytes do not depend on the batch. It costs Runs
// samples.
func Quantise(ctx context.Context, m *ito.Model, cfg QuantiseConfig, run RunOptions) (*ito.Model, *QuantiseReport,
	error) {
	if err := spec.Check(&cfg); err != nil {
		return nil, nil, err
	}
	net, err := quantisable(m)
	if err != nil {
		return nil, nil, err
	}
	states, err := reverseStates(ctx, m, net, cfg, run)
	if err != nil {
		return nil, nil, err
	}
	r := &QuantiseReport{QuantiseConfig: cfg, States: len(states), Params: len(net.Weights.Params)}
	if run.Pool != nil {
		net = net.WithPool(run.Pool)
	}
	grids, err := r.grids(ctx, net, states)
	if err != nil {
		return nil, nil, err
	}
	q, err := net.Quantise(grids, r.words())
	if err != nil {
		return nil, nil, &ito.InputError{Where: "the model", What: err.Error()}
	}
	for _, t := range q.Weights.Layout() {
		if t.Rows {
			r.Tensors, r.Bytes = r.Tensors+1, r.Bytes+t.Size()
		}
	}
	r.Layers = len(grids)
	if r.Error, err = apart(ctx, net, q, states); err != nil {
		return nil, nil, err
	}
	c := *m
	c.Field = q.WithPool(nil)
	return &c, r, nil
}

// words say what the grids were found by.
func (r *QuantiseReport) words() string {
	how := "u uniform"
	if r.Calibration == "normal" {
		how = fmt.Sprintf("u ~ N(%g, %g)", r.Mean, r.SD)
	}
	return fmt.Sprintf("%d states of its own runs, %s", r.States, how)
}

// quantisable is the network of a model that Quantise can do.
func quantisable(m *ito.Model) (*field.Net, error) {
	refuse := func(why, nearest string) error {
		return &ito.UnsupportedError{What: "quantising this model", Why: why, Nearest: nearest}
	}
	net, ok := m.Field.(*field.Net)
	if !ok {
		return nil, refuse(fmt.Sprintf("its field is a %T and no network", m.Field), "a model of ito train")
	}
	if net.Weights.Quantised != nil {
		return nil, &ito.InputError{Where: "the model", What: "it is quantised already",
			Do: "give the model that it was made of"}
	}
	if _, traced := net.Wrap.(wrap.Traced); traced {
		return nil, refuse("its score is the gradient of its network, and that of a network of bytes is none",
			"a model whose network is the field")
	}
	if m.Nodes != nil {
		return nil, refuse("its graphs have several sizes", "a model of states of one size")
	}
	return net, nil
}

// reverseStates are states that the model's own sampler asks its network about, one of a run, or as many as it asks
// about at a time.
func reverseStates(ctx context.Context, m *ito.Model, net *field.Net, cfg QuantiseConfig, run RunOptions) ([]askedState,
	error) {
	sample := spec.New[SampleConfig]()
	sample.N, sample.NFE, sample.Seed = cfg.Runs, cfg.NFE, cfg.Seed
	run.Slots, run.Pool = nil, nil
	watched := func(see func(x ito.States, t ito.Times, c ito.Cond), n int) error {
		c, s := *m, sample
		c.Field, s.N = net.Watched(see), n
		_, err := Sample(ctx, &c, s, run, func(ito.States) error { return nil })
		return err
	}
	var times []float64 // in the order of the calls
	var lock sync.Mutex
	if err := watched(func(x ito.States, t ito.Times, c ito.Cond) {
		lock.Lock()
		defer lock.Unlock()
		if len(times) == 0 || times[len(times)-1] != t[0] {
			times = append(times, t[0])
		}
	}, 1); err != nil {
		return nil, err
	}
	if len(times) == 0 {
		return nil, &ito.UnsupportedError{What: "quantising this model", Why: "its sampler asks no network",
			Nearest: "a model of ito train"}
	}
	ids := make([]uint64, cfg.Runs)
	for i := range ids {
		ids[i] = uint64(i)
	}
	u := cfg.draw(ids)
	var states []askedState
	if err := watched(func(x ito.States, t ito.Times, c ito.Cond) {
		lock.Lock()
		defer lock.Unlock()
		for i := range x.N {
			at := t[min(i, len(t)-1)]
			if x.ID[i] >= uint64(cfg.Runs) || at != times[int(math.Round((1-u[x.ID[i]])*float64(len(times)-1)))] {
				continue
			}
			s := askedState{id: x.ID[i], x: slices.Clone(x.X[i*x.D : (i+1)*x.D]), t: at}
			if !c.None() {
				s.cond = slices.Clone(c.X[i*c.C : (i+1)*c.C])
			}
			states = append(states, s)
		}
	}, cfg.Runs); err != nil {
		return nil, err
	}
	slices.SortStableFunc(states, func(a, b askedState) int { return cmp.Compare(a.id, b.id) })
	return states, nil
}

// draw is u of every run.
func (c QuantiseConfig) draw(ids []uint64) []float64 {
	key, u := rng.NewKey(c.Seed, rng.PurposeTime, 0, 0), make([]float64, len(ids))
	if c.Calibration == "uniform" {
		key.Uniforms64(u, 1, ids)
		return u
	}
	key.Normals64(u, 1, ids)
	for i, z := range u {
		u[i] = min(max(c.Mean+c.SD*z, 0), 1)
	}
	return u
}

// inBatches calls do with the states in batches that have a condition, or have none.
func inBatches(states []askedState, do func(x ito.States, t ito.Times, c ito.Cond) error) error {
	const most = 32
	for len(states) > 0 {
		n := 1
		for n < min(most, len(states)) && (states[n].cond == nil) == (states[0].cond == nil) {
			n++
		}
		x, t, c := ito.NewStates(n, len(states[0].x), 0), make(ito.Times, n), ito.Cond{C: len(states[0].cond)}
		for i, s := range states[:n] {
			copy(x.X[i*x.D:], s.x)
			t[i] = s.t
			c.X = append(c.X, s.cond...)
		}
		if err := do(x, t, c); err != nil {
			return err
		}
		states = states[n:]
	}
	return nil
}

// apart is how far the predictions of two networks are apart at the states, against the size of those of the first.
func apart(ctx context.Context, a, b *field.Net, states []askedState) (float64, error) {
	var diff, size float64
	err := inBatches(states, func(x ito.States, t ito.Times, c ito.Cond) error {
		y, z := ito.NewStates(x.N, a.OutDim(x.D), 0), ito.NewStates(x.N, a.OutDim(x.D), 0)
		if err := a.Predict(ctx, y, x, t, c); err != nil {
			return err
		}
		if err := b.Predict(ctx, z, x, t, c); err != nil {
			return err
		}
		for i, v := range y.X {
			diff, size = diff+(v-z.X[i])*(v-z.X[i]), size+v*v
		}
		return nil
	})
	if size == 0 {
		size = 1
	}
	return math.Sqrt(diff / size), err
}

// layerValues is how many inputs of a layer its grid is fitted to.
const layerValues = 1 << 16

// grids are those of the inputs of the layers at the states.
func (r *QuantiseReport) grids(ctx context.Context, net *field.Net, states []askedState) (map[string]ad.Grid, error) {
	seen := map[string][]float32{}
	keep := max(layerValues/len(states), 16)
	err := inBatches(states, func(x ito.States, t ito.Times, c ito.Cond) error {
		return net.Observe(ctx, x, t, c, func(layer string, n int, values []float32) {
			size := len(values) / n
			for i := range n {
				row := values[i*size : (i+1)*size]
				if size > keep {
					seen[layer] = append(seen[layer], slices.Min(row), slices.Max(row))
				}
				for k := range min(keep, size) { // every place is equally often among those of many rows
					seen[layer] = append(seen[layer], row[(k*size/min(keep, size)+i*7919)%size])
				}
			}
		})
	})
	if err != nil {
		return nil, err
	}
	grids := map[string]ad.Grid{}
	for layer, values := range seen {
		if slices.ContainsFunc(values, func(v float32) bool { return v-v != 0 }) {
			return nil, &ito.InputError{Where: "the model", What: "layer " + layer + " reads what is not finite",
				Do: "give a model that samples"}
		}
		g, mse := nn.FitGrid(values)
		grids[layer] = g
		size := 0.
		for _, v := range values {
			size += float64(v) * float64(v)
		}
		e := math.Sqrt(mse / max(size/float64(len(values)), 1e-30))
		if e > r.WorstError || e == r.WorstError && layer < r.Worst {
			r.Worst, r.WorstError = layer, e
		}
	}
	return grids, nil
}

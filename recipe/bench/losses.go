package bench

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/pathspace"
	"github.com/seed9a7962a8/ito/target/zoo"
)

// LossBench trains the control of a path-space sampler by KL and by log-variance with the same network, initial
// weights, paths and iterations, at several learning rates, and judges what each has learnt on a target of the zoo
// (arXiv:2307.01198, table 1). The best rate of a loss is the one with the largest ESS of its weights, which needs
// no truth.
type LossBench struct {
	Target     string    // "": grid9
	Process    string    // pis, dds, dis or bridge; "": dis
	Losses     []string  // nil: log-variance, kl
	Rates      []float64 // nil: .002, .005, .02
	Iterations int       // 0: 2000
	Batch      int       // paths of an iteration; 0: 256
	Steps      int       // of a path; 0: 50
	Width      int       // of the network; 0: 64
	Repeats    int       // with other initial weights and noise; 0: 3
	Paths      int       // of each of 4 runs that judge; 0: 10000
	Seed       uint64    // of the first repeat; the next ones follow it
	Pool       *ad.Pool  // nil: one processor
	Progress   func(LossEvent)
	Now        func() time.Time // nil: time.Now
}

// LossEvent is one iteration of a bench.
type LossEvent struct {
	Done, Of    int // trainings finished
	Name        string
	Step, Steps int
	Loss        infer.TrainingReport
	Elapsed     time.Duration // of this training
}

// LossTable is what a bench found.
type LossTable struct {
	Target  string `json:"target"`
	Dim     int    `json:"d"`
	Process string `json:"process"`
	// LogZ and Modes are the truth; nil and 0 where it is not known.
	LogZ  *float64 `json:"log_z"`
	Modes int      `json:"modes"`
	// Floor is what exact draws would have, Untrained the process before training.
	Floor     LossLine   `json:"floor"`
	Untrained LossLine   `json:"untrained"`
	Lines     []LossLine `json:"lines"`
	Complete  bool       `json:"complete"` // false when the context ended before
}

// LossLine is one loss at one learning rate. Numbers are means over the repeats with their standard deviations;
// what does not apply is nil.
type LossLine struct {
	Loss      string      `json:"loss"`
	Rate      float64     `json:"rate"`
	Repeats   int         `json:"repeats"`
	LogZError *LossNumber `json:"log_z_error"` // |log Z − truth|
	Bound     *LossNumber `json:"bound_gap"`   // truth − ELBO
	ESS       *LossNumber `json:"ess"`         // fraction
	Found     *LossNumber `json:"found"`       // modes with a fifth of their share of the unweighted ends, or more
	TV        *LossNumber `json:"tv"`          // of the shares of modes from their weights
	Gradients float64     `json:"gradients"`   // of the training of one repeat; a Hessian-vector product counts 2
	Seconds   float64     `json:"seconds"`
	Best      bool        `json:"best"` // the rate of its loss with the largest ESS
	Failed    string      `json:"failed,omitempty"`
}

// LossNumber is a mean with its standard deviation over repeats, 0 for one.
type LossNumber struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
}

func lossNumber(x []float64) *LossNumber {
	if len(x) == 0 {
		return nil
	}
	var n LossNumber
	for _, v := range x {
		n.Mean += v / float64(len(x))
	}
	for _, v := range x {
		n.SD += (v - n.Mean) * (v - n.Mean) / float64(max(len(x)-1, 1))
	}
	n.SD = math.Sqrt(n.SD)
	if math.IsNaN(n.Mean) || math.IsInf(n.Mean, 0) {
		return nil
	}
	return &n
}

func (b LossBench) custom() LossBench {
	set := func(v *int, custom int) {
		if *v == 0 {
			*v = custom
		}
	}
	if b.Target == "" {
		b.Target = "grid9"
	}
	if b.Process == "" {
		b.Process = "dis"
	}
	if b.Losses == nil {
		b.Losses = []string{"log-variance", "kl"}
	}
	if b.Rates == nil {
		b.Rates = []float64{.002, .005, .02}
	}
	set(&b.Iterations, 2000)
	set(&b.Batch, 256)
	set(&b.Steps, 50)
	set(&b.Width, 64)
	set(&b.Repeats, 3)
	set(&b.Paths, 10_000)
	if b.Now == nil {
		b.Now = time.Now
	}
	return b
}

// Check says what is wrong with the settings.
func (b LossBench) Check() error {
	b = b.custom()
	bad := func(where, what, do string) error { return &ito.InputError{Where: where, What: what, Do: do} }
	if _, err := zoo.Known(b.Target); err != nil {
		return bad("target", err.Error(), "")
	}
	for _, l := range b.Losses {
		if _, err := objective(l); err != nil {
			return err
		}
	}
	if _, err := b.process(1, 0); err != nil {
		return err
	}
	for _, r := range b.Rates {
		if !(r > 0) || math.IsInf(r, 1) {
			return bad("rates", fmt.Sprintf("a learning rate of %v", r), "give positive numbers")
		}
	}
	if len(b.Rates) == 0 || len(b.Losses) == 0 || b.Iterations < 1 || b.Batch < 2 || b.Steps < 1 || b.Width < 1 ||
		b.Repeats < 1 || b.Paths < 10 {
		return bad("bench", fmt.Sprintf("%d rates, %d losses, %d iterations of %d paths of %d steps, width %d, %d "+
			"repeats judged by %d paths", len(b.Rates), len(b.Losses), b.Iterations, b.Batch, b.Steps, b.Width,
			b.Repeats, b.Paths),
			"give one of each or more, two paths or more, and ten to judge by")
	}
	return nil
}

func objective(name string) (pathspace.PathLoss, error) {
	switch name {
	case "log-variance":
		return pathspace.LogVariance{}, nil
	case "kl":
		return pathspace.KL{}, nil
	}
	return nil, &ito.InputError{Where: "losses", What: fmt.Sprintf("unknown loss %q", name),
		Do: "there are log-variance and kl"}
}

func (b LossBench) process(d int, seed uint64) (pathspace.Process, error) {
	switch b.Process {
	case "pis":
		return pathspace.PIS{K: b.Steps}, nil
	case "dds":
		return pathspace.DDS{K: b.Steps}, nil
	case "dis":
		return pathspace.DIS{K: b.Steps}, nil
	case "bridge":
		return pathspace.NewBridge(pathspace.DIS{K: b.Steps}, false, d, pathspace.NetworkShape{Width: b.Width}, seed+10)
	}
	return nil, &ito.InputError{Where: "process", What: fmt.Sprintf("unknown process %q", b.Process),
		Do: "there are pis, dds, dis and bridge"}
}

// Run trains and judges. When ctx ends, the lines that are complete come back with its error.
func (b LossBench) Run(ctx context.Context) (LossTable, error) {
	if err := b.Check(); err != nil {
		return LossTable{}, err
	}
	b = b.custom()
	t, err := zoo.Open(b.Target, b.Pool)
	if err != nil {
		return LossTable{}, err
	}
	truth, err := zoo.Known(b.Target)
	if err != nil {
		return LossTable{}, err
	}
	out := LossTable{Target: b.Target, Dim: t.Dim(), Process: b.Process, Modes: len(truth.Modes)}
	if !math.IsNaN(truth.LogZ) {
		out.LogZ = &truth.LogZ
	}
	j := lossJudge{bench: b, target: t, truth: truth}
	out.Floor = j.floor()
	if out.Untrained, err = j.line(ctx, "none", 0, nil); err != nil {
		return out, err
	}
	event := LossEvent{Of: len(b.Losses) * len(b.Rates) * b.Repeats}
	for _, loss := range b.Losses {
		first := len(out.Lines)
		for _, rate := range b.Rates {
			l, err := j.line(ctx, loss, rate, &event)
			if err != nil {
				return out, err
			}
			out.Lines = append(out.Lines, l)
		}
		best := -1
		for i := first; i < len(out.Lines); i++ {
			if l := out.Lines[i]; l.ESS != nil && (best < 0 || l.ESS.Mean > out.Lines[best].ESS.Mean) {
				best = i
			}
		}
		if best >= 0 {
			out.Lines[best].Best = true
		}
	}
	out.Complete = true
	return out, nil
}

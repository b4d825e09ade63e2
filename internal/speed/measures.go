package speed

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/infer"
	_ "github.com/seed9a7962a8/ito/infer/methods" // registers the methods
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/target/zoo"
)

// measure is something that is done again and again and timed.
type measure struct {
	name string
	unit string // of the work, "steps"
	// begin makes what is timed: run does it n times and says how much work it was.
	begin func(workers int) (run func(ctx context.Context, n int) (work float64, err error), end func(), err error)
	flop  float64 // of a unit of work in products; 0: not counted
	paths bool    // it is one of those by which two programs are compared
}

// measures are all of them, in the order in which they are printed.
func measures() []measure {
	var out []measure
	for _, p := range products {
		out = append(out, p.measure())
	}
	for _, s := range sizes {
		out = append(out, measure{name: fmt.Sprintf("training step (%d,%d)", s.Batch, s.Width), unit: "steps",
			flop: s.flop(), paths: s != sizes[3],
			begin: func(workers int) (func(context.Context, int) (float64, error), func(), error) {
				pool := ad.NewPool(workers)
				t, err := newStep(s, pool)
				if err != nil {
					return nil, nil, err
				}
				return repeated(t.run), pool.Close, nil
			}})
	}
	for _, s := range []size{sizes[0], sizes[1], sizes[3]} {
		out = append(out, measure{name: fmt.Sprintf("forward (%d,%d)", s.Batch, s.Width), unit: "passes",
			flop: s.forwardFLOP(),
			begin: func(workers int) (func(context.Context, int) (float64, error), func(), error) {
				pool := ad.NewPool(workers)
				pass, err := forward(s, pool)
				return repeated(pass), pool.Close, err
			}})
	}
	return append(out,
		measure{name: "compiling a step", unit: "programs", paths: true, begin: compiling},
		measure{name: "training vp", unit: "steps", paths: true, begin: training},
		measure{name: "sampling", unit: "rows", paths: true, begin: sampling},
		measure{name: "nuts", unit: "gradients", paths: true, begin: gradients},
	)
}

// product is a product of matrices [M,K] and [K,N], the second one packed as weights are.
type product struct{ M, N, K int }

// repeated does something n times.
func repeated(do func(context.Context) error) func(context.Context, int) (float64, error) {
	return func(ctx context.Context, n int) (float64, error) {
		for range n {
			if err := do(ctx); err != nil {
				return 0, err
			}
		}
		return float64(n), nil
	}
}

// products are a cube in the nearest cache, two beyond it, and those of blocks of rows with hidden layers.
var products = []product{{64, 64, 64}, {256, 256, 256}, {512, 512, 512}, {4096, 256, 256}, {256, 512, 512}}

func (p product) measure() measure {
	flop := 2 * float64(p.M) * float64(p.N) * float64(p.K)
	return measure{name: fmt.Sprintf("product %d×%d×%d", p.M, p.N, p.K), unit: "products", flop: flop,
		begin: func(int) (func(context.Context, int) (float64, error), func(), error) {
			const gap = 16 // rows a power of two apart would be copied
			a, b := make([]float32, p.M*(p.K+gap)), make([]float32, p.K*p.N)
			for i := range a {
				a[i] = float32(i%7) - 3
			}
			for i := range b {
				b[i] = float32(i%5) - 2
			}
			packed, c := make([]float32, simd.PackedLen32(p.K, p.N)), make([]float32, p.M*(p.N+gap))
			simd.Pack32(packed, b, p.K, p.N, p.N, false)
			return func(_ context.Context, n int) (float64, error) {
				for range n {
					simd.Gemm32(c, p.N+gap, a, p.K+gap, packed, p.M, p.N, p.K, false)
				}
				return float64(n), nil
			}, func() {}, nil
		}}
}

// compiling is the trace of a training step, its derivatives and the plan of its program.
func compiling(int) (func(context.Context, int) (float64, error), func(), error) {
	t, err := newStep(sizes[1], nil)
	return func(_ context.Context, n int) (float64, error) {
		for range n {
			if _, err := t.compile(); err != nil {
				return 0, err
			}
		}
		return float64(n), nil
	}, func() {}, err
}

// training is the step of ito train on two columns, the path vp and a network of its default size, with all that
// surrounds the program: noise, times, targets, clipping, Adam and the moving average.
func training(workers int) (func(context.Context, int) (float64, error), func(), error) {
	rows, err := data.Builtin("moons", 4096, 1)
	if err != nil {
		return nil, nil, err
	}
	net, err := nn.New(nn.MLP{}, nn.Flat(2, 2, 0), 1)
	if err != nil {
		return nil, nil, err
	}
	c := learn.DefaultConfig()
	c.Steps = 1 << 20
	t, err := learn.NewTrainer(c, net, learn.Data{X: rows.States()}, learn.Drawn{})
	if err == nil {
		err = t.Bind(path.VP{})
	}
	pool := ad.NewPool(workers)
	return func(ctx context.Context, n int) (float64, error) {
		return float64(n), t.Run(ctx, t.Step()+n, learn.LoopOptions{Pool: pool})
	}, pool.Close, err
}

// sampling is ito sample from a network of that size, ten network calls a row.
func sampling(workers int) (func(context.Context, int) (float64, error), func(), error) {
	rows, err := data.Builtin("moons", 512, 1)
	if err != nil {
		return nil, nil, err
	}
	c := recipe.DefaultTrain()
	c.Path, c.Steps = "vp", 1
	m, _, err := recipe.Fit(context.Background(), rows, c, recipe.RunOptions{})
	return func(ctx context.Context, n int) (float64, error) {
		s := recipe.DefaultSample()
		s.N, s.NFE, s.Solver = 512*n, 10, "unipc-2"
		_, err := recipe.Sample(ctx, m, s, recipe.RunOptions{Workers: workers}, func(ito.States) error { return nil })
		return float64(s.N), err
	}, func() {}, err
}

// gradients is the no-U-turn sampler on the logistic regression of the ionosphere data, 35 dimensions and 351 rows.
func gradients(workers int) (func(context.Context, int) (float64, error), func(), error) {
	pool := ad.NewPool(workers)
	target, err := zoo.Open("ionosphere", pool)
	if err != nil {
		return nil, nil, err
	}
	nuts, err := infer.FindMethod("nuts")
	return func(ctx context.Context, n int) (float64, error) {
		s := infer.DefaultSettings()
		s.Chains, s.Warmup, s.Draws, s.StepSize = 1, 0, 5*n, .1
		p, err := nuts.Plan(target, s)
		if err != nil {
			return 0, err
		}
		r, _, err := p.Run(ctx, target, infer.RunOptions{Workers: workers})
		return r.Gradients, err
	}, pool.Close, err
}

// Names are the names of the measures.
func Names() []string {
	var out []string
	for _, m := range measures() {
		out = append(out, m.name)
	}
	return out
}

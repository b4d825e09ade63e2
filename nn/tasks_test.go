package nn

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

// learningTask is a regression that needs the structure of a family. Of a row it draws what the network reads, the
// target, and the weight of each number of it; optimum is the least mean square error that anything can have.
type learningTask struct {
	name    string
	net     Network
	ports   Ports
	optimum float64
	steps   int
	rate    float64
	draw    func(r *rand.Rand, x, cond, y, weight []float64)
	// tokens: the output are logits, y is 1 for the token that comes, and the error is the cross-entropy.
	tokens bool
}

const taskBatch = 64

// batch draws rows and returns them as float32 arrays x, time, y, weight and, where there is one, cond.
func (k learningTask) batch(r *rand.Rand, n int) []ad.Array {
	p := k.ports
	x, cond := make([]float64, n*p.Reads()), make([]float64, n*p.CondWidth())
	y, w := make([]float64, n*p.Writes()), make([]float64, n*p.Writes())
	for i := range n {
		cut := func(v []float64, d int) []float64 { return v[i*d : (i+1)*d] }
		k.draw(r, cut(x, p.Reads()), cut(cond, p.CondWidth()), cut(y, p.Writes()), cut(w, p.Writes()))
	}
	in := []ad.Array{ad.F32s(narrow(x)), ad.F32s(make([]float32, n)), ad.F32s(narrow(y)), ad.F32s(narrow(w))}
	if len(cond) > 0 {
		in = append(in, ad.F32s(narrow(cond)))
	}
	return in
}

// train fits a network by Adam with a rate that falls to zero, on rows that are drawn anew, and returns its error on
// 2048 others or more, Σ w(out−y)²/Σ w, and the number of its parameters.
func (k learningTask) train(t *testing.T, net Network) (loss float64, parameters int) {
	t.Helper()
	w, err := New(net, k.ports, 5)
	if err != nil {
		t.Fatal(err)
	}
	compile := func(grad bool) *ad.Program {
		p, err := ad.Compile(func(g *ad.Graph) {
			d := w.Ports
			x, time := g.Input("x", ad.F32, d.Reads()), g.Input("t", ad.F32, 1)
			y, weight := g.Input("y", ad.F32, d.Writes()), g.Input("w", ad.F32, d.Writes())
			cond := w.condition(g, ad.F32)
			params := w.Declare(g, ad.F32)
			out := w.Apply(g, params, x, time, cond)
			sum := ad.BatchSum(ad.Sum(ad.Mul(weight, k.errors(out, y))))
			l := ad.Div(sum, ad.BatchSum(ad.Sum(k.counts(weight))))
			g.Output("loss", l)
			if grad {
				for _, v := range ad.Grad(l, params...) {
					g.Output("g", v)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	r := rand.New(rand.NewPCG(11, 7))
	pool := ad.NewPool(2)
	defer pool.Close()
	step, grad, value := compile(true), make([]float32, len(w.Params)), make([]float32, 1)
	adam, moments := DefaultAdam(), NewMoments(len(w.Params))
	run := func(p *ad.Program, n int, out ...ad.Array) {
		call := ad.Call{N: n, Pool: pool, In: append(k.batch(r, n), w.Arrays(w.Params)...),
			Out: append([]ad.Array{ad.F32s(value)}, out...)}
		if err := p.Run(context.Background(), call); err != nil {
			t.Fatal(err)
		}
	}
	for i := range k.steps {
		run(step, taskBatch, w.Arrays(grad)...)
		factor, _ := Clip(grad, 1)
		adam.Step(moments, w.Params, grad, k.rate*(1+math.Cos(math.Pi*float64(i)/float64(k.steps)))/2, factor)
	}
	rows := 2048
	if k.tokens { // whose errors are rare and large
		rows = 8192
	}
	run(compile(false), rows)
	return float64(value[0]), len(w.Params)
}

// errors are those of each number: squared, or of each logit its part of the cross-entropy.
func (k learningTask) errors(out, y ad.Value) ad.Value {
	if !k.tokens {
		return ad.Square(ad.Sub(out, y))
	}
	last := len(k.ports.Out[0].Shape) - 1
	logits := ad.Reshape(out, k.ports.Out[0].Shape...)
	return ad.Neg(ad.Mul(y, ad.Flatten(ad.LogSoftmax(logits, last))))
}

// counts are what the sum of the errors is divided by: of tokens the places, not the logits.
func (k learningTask) counts(weight ad.Value) ad.Value {
	if !k.tokens {
		return weight
	}
	shape := k.ports.Out[0].Shape
	return ad.Scale(weight, 1/float64(shape[len(shape)-1]))
}

// rival is an MLP of as many parameters at least.
func (k learningTask) rival(t *testing.T, parameters int) MLP {
	t.Helper()
	for width := 2; ; width++ {
		net := MLP{Width: width, Depth: 2, TimeDim: 2}
		layout, err := Layout(net, k.ports)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, l := range layout {
			n += l.Size()
		}
		if n >= parameters {
			return net
		}
	}
}

// Every family learns a task that needs its structure: its error is within 5 % of the optimum, where that of an MLP of
// as many parameters, as many steps and the same rate is twice the optimum or more.
func TestStructureIsNeeded(t *testing.T) {
	if testing.Short() {
		t.Skip("trains networks")
	}
	for _, k := range slices.Concat(learningTasks(), tokenTasks()) {
		t.Run(k.name, func(t *testing.T) {
			loss, n := k.train(t, k.net)
			other, m := k.train(t, k.rival(t, n))
			t.Logf("optimum %.4f, %s of %d parameters %.4f (%.3f), MLP of %d %.4f (%.2f)", k.optimum, k.net.Kind(), n,
				loss, loss/k.optimum, m, other, other/k.optimum)
			if loss > 1.05*k.optimum {
				t.Errorf("error %.4f, the optimum is %.4f", loss, k.optimum)
			}
			if other < 2*k.optimum {
				t.Errorf("an MLP has the error %.4f, not twice the optimum %.4f", other, k.optimum)
			}
		})
	}
}

func learningTasks() []learningTask {
	all := func(weight []float64) {
		for i := range weight {
			weight[i] = 1
		}
	}
	// delayed is a copy of what was read lag positions before, under noise of variance .25, over 48 positions. A
	// network whose layers are w units wide, below 48, cannot carry it: of 48 independent numbers w get through.
	const length, lag, noise = 48, 6, .5
	delayed := func(r *rand.Rand, x, _, y, weight []float64) {
		for i := range x {
			x[i] = r.NormFloat64()
			if i >= lag {
				y[i], weight[i] = x[i-lag]+noise*r.NormFloat64(), 1
			}
		}
	}
	// latched is the last number whose flag was up: it stays until another comes.
	latched := func(r *rand.Rand, x, _, y, weight []float64) {
		last := 0.0
		for i := range y {
			x[2*i] = r.NormFloat64()
			if r.Float64() < .25 {
				x[2*i+1], last = 1, x[2*i]
			}
			y[i] = last + noise*r.NormFloat64()
		}
		all(weight)
	}
	latch := Ports{X: []Port{{Name: "x", Shape: []int{24, 2}}}, Out: []Port{{Name: "out", Shape: []int{24, 1}}}}
	// neighbours is the mean over the neighbours of a node in a random graph.
	const nodes = 8
	neighbours := func(r *rand.Rand, x, _, y, weight []float64) {
		a := x[nodes:]
		for i := range nodes {
			x[i] = r.NormFloat64()
			for j := range i {
				if r.Float64() < .5 {
					a[i*nodes+j], a[j*nodes+i] = 1, 1
				}
			}
		}
		for i := range nodes {
			n, sum := 0.0, 0.0
			for j := range nodes {
				n, sum = n+a[i*nodes+j], sum+a[i*nodes+j]*x[j]
			}
			if n > 0 {
				y[i], weight[i] = 2*sum/n+noise*r.NormFloat64(), 1
			}
		}
	}
	// forces are those of points that push each other away, under noise with mean zero over the points.
	const points = 5
	forces := func(r *rand.Rand, x, _, y, weight []float64) {
		for i := range x {
			x[i] = r.NormFloat64()
			y[i] = noise * r.NormFloat64()
		}
		for k := range 3 {
			mean := 0.0
			for i := range points {
				mean += y[3*i+k] / points
			}
			for i := range points {
				y[3*i+k] -= mean
			}
		}
		for i := range points {
			for j := range points {
				d := 0.0
				for k := range 3 {
					d += (x[3*i+k] - x[3*j+k]) * (x[3*i+k] - x[3*j+k])
				}
				for k := range 3 {
					y[3*i+k] += 3 * (x[3*i+k] - x[3*j+k]) * math.Exp(-d)
				}
			}
		}
		all(weight)
	}
	// filtered is an all-pass filter of memory 10, y_i = −ρx_i + (1−ρ²) Σ_k ρ^{k−1} x_{i−k}, whose singular values are
	// all 1.
	filtered := func(r *rand.Rand, x, _, y, weight []float64) {
		const ρ = .9
		state := 0.0
		for i := range x {
			x[i] = r.NormFloat64()
			y[i] = -ρ*x[i] + (1-ρ*ρ)*state + noise*r.NormFloat64()
			state = ρ*state + x[i]
		}
		all(weight)
	}
	// hidden are series about levels of their own, of which half of the cells are hidden: the best guess is the mean of
	// those seen, drawn to 0. What is hidden reads 1.
	const features, times, spread = 12, 6, .3
	hidden := func(r *rand.Rand, x, cond, y, weight []float64) {
		for k := range features {
			level := r.NormFloat64()
			for l := range times {
				i := k*times + l
				y[i], x[i] = level+spread*r.NormFloat64(), 1
				if r.Float64() < .5 {
					cond[2*i], cond[2*i+1] = y[i], 1
				} else {
					weight[i] = 1
				}
			}
		}
	}
	best := 0.0
	for n, ways := range []float64{1, 5, 10, 10, 5, 1} { // of the 5 other cells n are seen
		best += ways / 32 * (spread*spread + 1/(1+float64(n)/(spread*spread)))
	}
	cells := shapePorts(features, times)
	cells.Cond = []Port{{Name: "cond", Shape: []int{2 * features * times}}}
	// rolled is an image of 8×8 pixels whose patches have moved on by one.
	rolled := func(r *rand.Rand, x, _, y, weight []float64) {
		for i := range x {
			x[i] = r.NormFloat64()
		}
		for i := range y {
			row, col := i/8, i%8
			y[i] = x[row*8+(col+2)%8] + noise*r.NormFloat64()
		}
		all(weight)
	}
	// marked asks for the value of a history that was marked last.
	const history = 24
	marked := func(r *rand.Rand, x, cond, y, weight []float64) {
		last := 0.0
		for i := range history {
			cond[2*i] = r.NormFloat64()
			if i == 0 || r.Float64() < .2 {
				last, cond[2*i+1] = cond[2*i], 1
			}
		}
		y[0] = last + noise*r.NormFloat64()
		all(weight)
	}
	remembered := shapePorts(1)
	remembered.Cond = []Port{{Name: "cond", Shape: []int{2 * history}}}
	return []learningTask{
		{"transformer", Transformer{Width: 16, Layers: 1, Heads: 2, Hidden: 16, Positions: PositionsRotary, TimeDim: 2},
			shapePorts(length, 1), noise * noise, 350, 1e-2, delayed, false},
		{"s4", S4{Width: 16, Layers: 1, States: 4, TimeDim: 2}, shapePorts(36, 1), noise * noise, 500, 2e-2, filtered, false},
		{"csdi", CSDI{Channels: 12, Layers: 1, Heads: 2, Hidden: 8, TimeDim: 2, PositionDim: 2, FeatureDim: 1, Impute: true},
			cells, best, 250, 1e-2, hidden, false},
		{"dit", DiT{Width: 16, Layers: 1, Heads: 2, Hidden: 16, TimeDim: 2}, shapePorts(8, 8, 1), noise * noise, 300, 1e-2,
			rolled, false},
		{"rnn", RNN{Width: 16, TimeDim: 2}, latch, noise * noise, 300, 1e-2, latched, false},
		{"rnn-mlp", RNNMLP{Channels: 2, Units: 16, Width: 16, Depth: 1, TimeDim: 2}, remembered, noise * noise, 600, 2e-2,
			marked, false},
		{"tcn", TCN{Width: 8, Depth: 3}, shapePorts(length, 1), noise * noise, 400, 1e-2, delayed, false},
		{"graph", Graph{Width: 16, Pairs: 8, Depth: 1}, graphPlaces(nodes, 1, false), noise * noise, 400, 1e-2,
			neighbours, false},
		{"gnn", GNN{Width: 16, Pairs: 4, Layers: 1, Heads: 2, TimeDim: 2}, graphPorts(nodes, 1, true, false),
			noise * noise, 400, 1e-2, neighbours, false},
		{"egnn", EGNN{Width: 16, Layers: 1, TimeDim: 2}, graphPorts(points, 3, false, false),
			noise * noise * (points - 1) / points, 400, 1e-2, forces, false},
	}
}

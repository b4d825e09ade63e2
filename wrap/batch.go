package wrap

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/path"
)

// Batch is what a training program reads of n samples, as [Moments.Prepare] writes it. With F the network's
// output at (X, Feat), the loss of a sample is
//
//	Σ_k Weight_k ((QᵀF)_k − Target_k)²,   Q = [Moments.Basis].
//
// With Weight left out it is the loss in units of the network's own output.
type Batch struct {
	N, D   int
	In     int       // width of what the network reads: D, or 2D on a momentum path
	X      []float32 // [N,In] x̃ in data coordinates
	Feat   []float32 // [N] c(t)
	Target []float32 // [N,D] QᵀF: in the modes of the basis
	Weight []float32 // [N,D] c_out² of each mode

	u    []float64 // [N,D]
	e, x []float64 // [N,In]
	feat []float64 // [N] of each run of equal times
	run  []int     // [N] in which a row is
}

// NewBatch makes room for n samples of dimension d.
func NewBatch(n, d int) *Batch { return newBatch(n, d, d) }

func newBatch(n, in, d int) *Batch {
	f, s := make([]float32, n*(in+2*d+1)), make([]float64, n*(2*in+d+1))
	nd, nin := n*d, n*in
	return &Batch{N: n, D: d, In: in, X: f[:nin], Target: f[nin : nin+nd], Weight: f[nin+nd : nin+2*nd],
		Feat: f[nin+2*nd:],
		u:    s[:nd], e: s[nd : nd+nin], x: s[nd+nin : nd+2*nin], feat: s[nd+2*nin:], run: make([]int, n)}
}

// Slice is the samples lo ≤ i < hi, sharing memory: parts of a batch can be prepared side by side.
func (b *Batch) Slice(lo, hi int) *Batch {
	d, in := b.D, b.In
	return &Batch{N: hi - lo, D: d, In: in, X: b.X[lo*in : hi*in], Target: b.Target[lo*d : hi*d],
		Weight: b.Weight[lo*d : hi*d], Feat: b.Feat[lo:hi],
		u: b.u[lo*d : hi*d], e: b.e[lo*in : hi*in], x: b.x[lo*in : hi*in], feat: b.feat[lo:hi],
		run: b.run[lo:hi]}
}

// Prepare writes inputs, targets and weights of x_t = μ + QαQᵀ(x_0−μ) + Qσ Qᵀε for given rows x0, noise ε
// in data coordinates, and times. Weight makes the loss ‖ŷ − y‖² of the given kind of prediction:
//
//	ε         α² s0/s               denoising score matching in the symmetric-root scaling
//	velocity  (α̇σ − ασ̇)² s0/s      flow matching
//	x0        σ² s0/s
//	score     α² s0/(s σ²)          0 where σ = 0
//
// It allocates little, and costs O(D) a row beside the path's schedule, O(D²) with a basis.
func (c *Moments) Prepare(b *Batch, x0, eps ito.States, t ito.Times, kind ito.Prediction) error {
	d := c.d
	if x0.N != b.N || eps.N != b.N || b.D != d || b.In != d || x0.D != d || eps.D != d || len(t) != 1 && len(t) != b.N {
		return &ito.InputError{Where: "training batch", What: fmt.Sprintf("room for %d×%d, data %d×%d, noise %d×%d, "+
			"%d times; the path has dimension %d",
			b.N, b.D, x0.N, x0.D, eps.N, eps.D, len(t), d)}
	}
	mean, noise := c.data.Mean, eps.X
	if c.q != nil {
		for i := range b.N {
			row, x := b.x[i*d:(i+1)*d], x0.Row(i)
			for k, m := range mean {
				row[k] = x[k] - m
			}
		}
		c.turn(b.u, b.x, b.N)
		c.turn(b.e, eps.X, b.N)
		mean, noise = make([]float64, d), b.e
	}
	room := c.room()
	defer c.rooms.Put(room)
	s, gain, many := room.schedule, room.gain, room.features
	rows := &room.rotation
	rows.b, rows.x, rows.noise, rows.mean = b, x0.X, noise, mean
	if c.q != nil {
		rows.x = b.u
	}
	ratios := b.feat[:0] // of the times, where there is one mode
	for i, end := 0, 0; i < b.N; i = end {
		at := t.At(i)
		for end = i + 1; end < b.N && t.At(end) == at; {
			end++
		}
		s.set(c.path, at, kind == ito.PredVelocity)
		s.gains(gain, kind)
		if many != nil {
			many.add(b.feat, len(ratios), s)
			ratios = b.feat[:len(ratios)+1]
		} else {
			ratios = append(ratios, s.ratio(0))
		}
		for j := i; j < end; j++ {
			b.run[j] = len(ratios) - 1
		}
		rows.turn(s, gain, i, end)
		weight := b.Weight[i*d : (i+1)*d]
		if kind == ito.PredScore {
			c.weighScore(weight, s)
		}
		for j := i + 1; j < end; j++ {
			copy(b.Weight[j*d:(j+1)*d], weight)
		}
	}
	if c.q != nil {
		c.back(b.x, b.u, b.N)
		simd.CvtF64F32(b.X, b.x)
	}
	if many != nil {
		many.flush(b.feat)
	} else {
		c.features(ratios)
	}
	for i, k := range b.run {
		b.Feat[i] = float32(b.feat[k])
	}
	return nil
}

// room is what a Prepare writes on the way, of one time.
type room struct {
	schedule
	gain     []float64
	features *featureRows // of many modes
	rotation rotation
}

func (c *Moments) room() *room {
	if r, ok := c.rooms.Get().(*room); ok {
		return r
	}
	r := &room{schedule: c.newSchedule(), gain: make([]float64, c.modes), rotation: rotation{c: c}}
	if c.modes > 1 {
		r.features = c.newFeatureRows()
	}
	return r
}

// gains writes what stands before the network's part of a prediction, bα − aσ.
func (s schedule) gains(gain []float64, kind ito.Prediction) {
	switch kind {
	case ito.PredX0:
		for k, σ := range s.sigma {
			gain[k] = -σ
		}
	case ito.PredVelocity:
		for k := range gain {
			gain[k] = float64(s.dsigma[k]*s.alpha[k]) - float64(s.dalpha[k]*s.sigma[k])
		}
	default:
		copy(gain, s.alpha)
	}
}

// weighScore writes the weights of a score at the times of s.
func (c *Moments) weighScore(weight []float32, s schedule) {
	for j, s0 := range c.s0 {
		k := path.Mode(j, c.modes)
		α, σ := s.alpha[k], s.sigma[k]
		out := α * c.root[j] * (1 / math.Sqrt(float64(α*α*s0)+float64(σ*σ))) / σ
		if σ == 0 {
			out = 0
		}
		weight[j] = float32(out * out)
	}
}

package tune

import (
	"fmt"
	"math"
	"sort"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// emsIntegrals are a coordinate's integrals of the statistics between the nodes of a grid: L = ∫l, S = ∫s and
// 𝔅 = ∫e^{−S} b from the first node, kept at every λ at which l, s and b are given and at the nodes. In between l, s
// and b are taken as their means over a cell in exponents and as linear elsewhere, and the integrals of that are
// exact: constant statistics leave no error.
type emsIntegrals struct {
	d          int
	λ          []float64   // [m] increasing
	node       []int       // of the grid, among λ
	ls, ss, bs [][]float64 // [m][d] L, S and 𝔅
}

// emsTolerance is how near a node must be to a λ of the statistics, as a fraction of their range, to be the same.
const emsTolerance = 1e-9

// integrate lays a grid's λ, which must increase, over the statistics.
func (e *EMS) integrate(nodes []float64) (*emsIntegrals, error) {
	span := (e.To - e.From) * emsTolerance
	o := &emsIntegrals{d: e.D, node: make([]int, len(nodes))}
	for _, v := range nodes {
		if !(v > e.From-span && v < e.To+span) {
			return nil, &ito.InputError{Where: "solver dpm-v3",
				What: fmt.Sprintf("λ = %g in the grid; the statistics are known from %g to %g", v, e.From, e.To),
				Do:   "start and stop where they were estimated"}
		}
	}
	at := append([]float64(nil), nodes...)
	for i := range e.rows() {
		λ := e.lambda(i)
		k := sort.SearchFloat64s(nodes, λ)
		if (k == 0 || λ-nodes[k-1] > span) && (k == len(nodes) || nodes[k]-λ > span) && λ > nodes[0] &&
			λ < nodes[len(nodes)-1] {
			at = append(at, λ)
		}
	}
	sort.Float64s(at)
	o.λ = at
	for i, v := range nodes {
		o.node[i] = sort.SearchFloat64s(at, v)
	}
	o.ls, o.ss, o.bs = make([][]float64, len(at)), make([][]float64, len(at)), make([][]float64, len(at))
	l, s, b := make([]float64, 2*e.D), make([]float64, 2*e.D), make([]float64, 2*e.D)
	for i, λ := range at {
		o.ls[i], o.ss[i], o.bs[i] = make([]float64, e.D), make([]float64, e.D), make([]float64, e.D)
		copy(l, l[e.D:])
		copy(s, s[e.D:])
		copy(b, b[e.D:])
		e.at(λ, l[e.D:], s[e.D:], b[e.D:])
		if i == 0 {
			continue
		}
		h := λ - at[i-1]
		for j := range e.D {
			dS := h * (s[j] + s[e.D+j]) / 2
			o.ls[i][j] = o.ls[i-1][j] + h*(l[j]+l[e.D+j])/2
			o.ss[i][j] = o.ss[i-1][j] + dS
			o.bs[i][j] = o.bs[i-1][j] + h*math.Exp(-o.ss[i-1][j])*(b[j]*growth(0, -dS)+(b[e.D+j]-b[j])*growth(1, -dS))
		}
	}
	return o, nil
}

// at interpolates the statistics at λ.
func (e *EMS) at(λ float64, l, s, b []float64) {
	n := e.rows() - 1
	x := (λ - e.From) / (e.To - e.From) * float64(n)
	i := min(max(int(x), 0), n-1)
	u := math.Min(math.Max(x-float64(i), 0), 1)
	if math.Abs(u-math.Round(u)) < emsTolerance*float64(n) {
		u = math.Round(u)
	}
	for j := range e.D {
		p, q := i*e.D+j, (i+1)*e.D+j
		l[j] = (1-u)*e.L[p] + u*e.L[q]
		s[j] = (1-u)*e.S[p] + u*e.S[q]
		b[j] = (1-u)*e.B[p] + u*e.B[q]
	}
}

// growth is ψ_k(z) = ∫_0^1 e^{zu} u^k/k! du = e^z φ_{k+1}(−z).
func growth(k int, z float64) float64 { return math.Exp(z) * affine.Phi(k+1, -z) }

// step returns, for coordinate j and the step from node a to node b,
//
//	e[k] = ∫_a^b e^{L+S−L_a−S_a} (λ−λ_a)^k/k! dλ,   c = ∫_a^b e^{L+S−L_a−S_a} e^{S_a}(𝔅−𝔅_a) dλ.
func (o *emsIntegrals) step(j, a, b int, e []float64) (c float64) {
	clear(e)
	i0, scale := o.node[a], math.Exp(o.ss[o.node[a]][j])
	for i := i0; i < o.node[b]; i++ {
		h := o.λ[i+1] - o.λ[i]
		κ := o.ls[i+1][j] - o.ls[i][j] + o.ss[i+1][j] - o.ss[i][j]
		w := h * math.Exp(o.ls[i][j]-o.ls[i0][j]+o.ss[i][j]-o.ss[i0][j])
		B := scale * (o.bs[i][j] - o.bs[i0][j])
		c += w * (B*growth(0, κ) + scale*(o.bs[i+1][j]-o.bs[i][j])*growth(1, κ))
		for k := range e { // (u0+v)^k/k! = Σ_q u0^{k−q}/(k−q)! v^q/q!
			u0, part := o.λ[i]-o.λ[i0], 1.0
			for q := k; q >= 0; q-- {
				e[k] += w * part * math.Pow(h, float64(q)) * growth(q, κ)
				part *= u0 / float64(k-q+1)
			}
		}
	}
	return c
}

// shift returns the weight and the constant by which f at node i counts in g at the step's base a,
// g_i = e^{S_a−S_i} f_i − e^{S_a}(𝔅_i−𝔅_a).
func (o *emsIntegrals) shift(j, a, i int) (weight, constant float64) {
	p, q := o.node[a], o.node[i]
	return math.Exp(o.ss[p][j] - o.ss[q][j]), -math.Exp(o.ss[p][j]) * (o.bs[q][j] - o.bs[p][j])
}

package field

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// PFGM is the exact denoiser of a finite data set on a PFGM++ path: with r = σ√D and N the dimension of the data,
//
//	E[x_0 | x] = Σ_k w_k y_k,  w = softmax(−(N+D)/2 · log(1+‖x−y_k‖²/r²)),
//
// what a perfectly trained network would say (Xu et al. 2023, arXiv:2302.04265, eq. 5). It predicts x0; [As]
// turns that into ε = (x−x0)/σ, which is also the velocity dx/dσ. It costs O(KN) a row and ignores the condition.
type PFGM struct {
	path   path.PFGM
	points ito.States
}

// NewPFGM binds the rows of points, of equal weight, to p. They are shared, not copied.
func NewPFGM(p path.PFGM, points ito.States) (*PFGM, error) {
	p, err := p.Resolve()
	if err != nil {
		return nil, err
	}
	if err := points.Check(); err != nil || points.N == 0 || points.D == 0 || points.FirstNonFinite() >= 0 {
		return nil, &ito.InputError{Where: "exact field on path pfgm", What: fmt.Sprintf("%d points of dimension %d",
			points.N, points.D), Do: "give finite points"}
	}
	return &PFGM{p, points}, nil
}

// Kind implements ito.Field.
func (*PFGM) Kind() ito.Prediction { return ito.PredX0 }

// OutDim implements ito.Field.
func (*PFGM) OutDim(d int) int { return d }

// Predict implements ito.Field. At σ = 0 the weights are their limit ‖x−y_k‖^{−(N+D)}, all on y_k at y_k.
func (f *PFGM) Predict(ctx context.Context, dst, x ito.States, t ito.Times, _ ito.Cond) error {
	if dst.N != x.N || dst.D != x.D || x.D != f.points.D {
		return shapeError("predictions", dst, x)
	}
	if len(t) != 1 && len(t) != x.N {
		return &ito.InputError{Where: "exact field on path pfgm", What: fmt.Sprintf("%d times for %d rows", len(t),
			x.N), Do: "give one time, or one for each row"}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w := make([]float64, f.points.N)
	power := -(float64(x.D) + f.path.Aug) / 2
	for i := range x.N {
		σ := t.At(i)
		r2 := math.Max(σ*σ*f.path.Aug, pointVariance)
		for k := range w {
			s := 0.0
			for j, y := range f.points.Row(k) {
				δ := x.Row(i)[j] - y
				s += float64(δ * δ)
			}
			w[k] = power * math.Log1p(s/r2)
		}
		softmax(w)
		row := dst.Row(i)
		clear(row)
		for k, g := range w {
			for j, y := range f.points.Row(k) {
				row[j] += float64(g * y)
			}
		}
	}
	return nil
}

// softmax turns log weights into weights that sum to 1.
func softmax(w []float64) {
	top, sum := math.Inf(-1), 0.0
	for _, v := range w {
		top = math.Max(top, v)
	}
	for k, v := range w {
		w[k] = math.Exp(v - top)
		sum += w[k]
	}
	for k := range w {
		w[k] /= sum
	}
}

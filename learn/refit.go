package learn

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// Refit is the closed-form update of a Schrödinger path from its simulated reversal. The zero value is not
// usable: D needs bounds.
type Refit struct {
	Zeta float64 // ζ, weight of the divergence; 1 is an exact half step of iterative proportional fitting
	// η in (0, …): the part of the way from A to its least-squares solution; more than 1 over-relaxes
	Eta        float64
	DMin, DMax float64 // bounds of the eigenvalues of D = I−2A
}

// Refitted says what an update did.
type Refitted struct {
	Modes     []float64 `json:"modes"`     // eigenvalues of the new A (of A_T for the logistic variant), increasing
	Change    float64   `json:"change"`    // Frobenius norm of the step
	Distance  float64   `json:"distance"`  // Frobenius norm of A_LS − A: how far from its fixed point
	Projected bool      `json:"projected"` // whether a bound of D was met
}

// Update returns the path with A replaced by Proj(A + η(A_LS − A)), where A_LS minimises
//
//	Γ_ζ(A) = Σ_t βh E[½‖A_t x‖² + (A_t x)·φ + ζ tr A_t],  φ = s − A_t^old x,
//
// over the path's family, x counted from μ. Nothing is drawn and nothing differentiated.
//
// constant: A_LS = −(Σβh E[φxᵀ] + ζ Σβh I)(Σβh E[xxᵀ])⁻¹. diagonal: the same entry by entry.
//
// logistic: A_T = −E[φxᵀ]E[xxᵀ]⁻¹ − ζI at the drawn end alone. A half step of iterative proportional
// fitting multiplies the reference by functions of its two ends, so its ∇log ψ_t solves the reference's
// backward equation: in the linear class dA/dB = A−A² from A_T, whatever A_T is. The iterates never
// leave the family and their end determines them, so least squares over all times has nothing to add
// but noise amplified by e^{B−b}; and at the end x is drawn from the prior itself, so no simulation
// and no step size enter. (E[xxᵀ] = I is known there and only the regression of φ uses the sample's.)
func (r Refit) Update(p path.Variational, rev *Reversal) (path.Variational, Refitted, error) {
	if p.Variant() == path.DiagonalOnly {
		return r.updateDiagonal(p, rev)
	}
	d := p.Dim()
	old := p.A(rev.T[0])
	ls, err := r.leastSquares(p, p.Variant(), rev)
	if err != nil {
		return nil, Refitted{}, err
	}
	symmetric := make([]float64, d*d)
	for i := range d {
		for j := range d {
			symmetric[i*d+j] = (ls[i*d+j] + ls[j*d+i]) / 2
		}
	}
	return r.step(p, old, symmetric, path.Project)
}

// updateDiagonal is Update for the diagonal variant, of which nothing but diagonals is looked at. O(ND).
func (r Refit) updateDiagonal(p path.Variational, rev *Reversal) (path.Variational, Refitted, error) {
	d := p.Dim()
	old, xx, phix, total := make([]float64, d), make([]float64, d), make([]float64, d), 0.0
	p.Coefficients(rev.T[0], old)
	for k, w := range rev.Weight {
		for i, v := range rev.SX[k] {
			phix[i] += float64(w * (v - float64(old[i]*rev.XX[k][i])))
			xx[i] += float64(w * rev.XX[k][i])
		}
		total += w
	}
	ls := make([]float64, d)
	for i := range d {
		ls[i] = -(phix[i] + float64(r.Zeta*total)) / xx[i]
	}
	return r.step(p, old, ls, path.ProjectDiagonal)
}

// step goes from A towards its least-squares solution, both in full or both diagonals.
func (r Refit) step(p path.Variational, old, ls []float64, project func(a []float64, dmin, dmax float64) ([]float64,
	error)) (path.Variational, Refitted, error) {
	info := Refitted{}
	next := make([]float64, len(ls))
	for i, v := range ls {
		info.Distance += (v - old[i]) * (v - old[i])
		next[i] = old[i] + r.Eta*(v-old[i])
	}
	info.Distance = math.Sqrt(info.Distance)
	projected, err := project(next, r.DMin, r.DMax)
	if err != nil {
		return nil, info, fmt.Errorf("updating A: %w", err)
	}
	for i, v := range projected {
		info.Change += (v - old[i]) * (v - old[i])
		info.Projected = info.Projected || math.Abs(v-next[i]) > 1e-12
	}
	info.Change = math.Sqrt(info.Change)
	q, err := p.WithA(projected)
	if err != nil {
		return nil, info, fmt.Errorf("updating A: %w", err)
	}
	info.Modes = q.Spectrum()
	return q, info, nil
}

func (r Refit) leastSquares(p path.Variational, variant string, rev *Reversal) ([]float64, error) {
	d := p.Dim()
	n := len(rev.T)
	if variant == path.Logistic {
		n = 1
	}
	xx, phix, total := mat.NewDense(d, d, nil), mat.NewDense(d, d, nil), 0.0
	for k := range n {
		w := rev.Weight[k]
		if variant == path.Logistic {
			w = 1
		}
		var φ mat.Dense
		φ.Mul(mat.NewDense(d, d, p.A(rev.T[k])), mat.NewDense(d, d, rev.XX[k]))
		for i, v := range rev.SX[k] {
			phix.Set(i/d, i%d, phix.At(i/d, i%d)+float64(w*(v-φ.At(i/d, i%d))))
			xx.Set(i/d, i%d, xx.At(i/d, i%d)+float64(w*rev.XX[k][i]))
		}
		total += w
	}
	out := make([]float64, d*d)
	if variant != path.Logistic {
		for i := range d {
			phix.Set(i, i, phix.At(i, i)+float64(r.Zeta*total))
		}
	}
	// A E[xxᵀ] = −M: with E[xxᵀ] symmetric, solve for Aᵀ.
	var at mat.Dense
	if err := at.Solve(xx, phix.T()); err != nil {
		return nil, &ito.InputError{Where: "updating A", What: "the simulated states do not span the space",
			Do: "simulate more paths a stage"}
	}
	for i := range d {
		for j := range d {
			out[i*d+j] = -at.At(j, i)
			if variant == path.Logistic && i == j {
				out[i*d+j] -= r.Zeta
			}
		}
	}
	return out, nil
}

package inverse

// IdentityMaker makes the operator that measures the state itself.
type IdentityMaker struct{}

// Kind implements Maker.
func (IdentityMaker) Kind() string { return "identity" }

// Make implements Maker.
func (IdentityMaker) Make(on Setting) (Operator, error) {
	f, err := frameOf(on.Shape)
	return identity{f.size(), on.Shape}, err
}

type identity struct {
	d     int
	shape []int
}

// Kind implements Operator.
func (identity) Kind() string { return "identity" }

// Dims implements Operator.
func (a identity) Dims() (d, m int) { return a.d, a.d }

// Shape implements Shaped.
func (a identity) Shape() []int { return a.shape }

// Apply implements Operator.
func (identity) Apply(y, x []float64) { copy(y, x) }

// VJP implements Operator.
func (identity) VJP(dx, _, w []float64) { copy(dx, w) }

// Adjoint implements Linear.
func (identity) Adjoint(dx, w []float64) { copy(dx, w) }

// SVD implements Spectral.
func (a identity) SVD() (SVD, error) { return newTight(a, 1), nil }

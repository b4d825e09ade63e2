package affine

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// Planner makes the coefficients of a run's updates. Every step of every solver here is affine in the
// states, predictions and noises that it has,
//
//	x' = μ + Σ_j C_j (u_j − μ if u_j is a point) ,
//
// where a state and a predicted x0 are points, the rest are vectors, and C_j is a number, one number for
// each mode in the path's basis, or a matrix [D,D] on a Linear path. What a solver decides is C.
type Planner struct {
	Path   ito.Path
	Kind   ito.Prediction // of the field
	Modes  *path.Modes    // nil on a Linear path, and on one that is TwoEnded only
	Linear ito.Linear     // the path where it is Linear and not Diagonal, else nil
	D      int            // of a Linear path, or of a path with many modes; 0 where one number serves every column
}

// New is a planner for a path and the kind of prediction of its field. A kind that the path cannot turn into a velocity
// is an *ito.UnsupportedError.
func New(p ito.Path, kind ito.Prediction) (*Planner, error) {
	pl := &Planner{Path: p, Kind: kind, D: p.Dim()}
	switch p := p.(type) {
	case ito.Diagonal:
		if kind > ito.PredVelocity {
			return nil, unsupported(p, kind)
		}
		pl.Modes = path.NewModes(p)
	case ito.Linear:
		if kind != ito.PredScore && kind != ito.PredVelocity {
			return nil, unsupported(p, kind)
		}
		pl.Linear = p
	case ito.TwoEnded: // the flow of a predicted velocity needs nothing of the path
		if kind != ito.PredVelocity {
			return nil, &ito.UnsupportedError{What: fmt.Sprintf("prediction %s on path %s", kind, p.Name()),
				Why: "between two data sets it does not give the velocity", Nearest: ito.PredVelocity.String()}
		}
	default:
		return nil, &ito.UnsupportedError{What: "sampling on path " + p.Name(),
			Why: "it is neither diagonal nor linear"}
	}
	return pl, nil
}

func unsupported(p ito.Path, kind ito.Prediction) error {
	return &ito.UnsupportedError{What: fmt.Sprintf("prediction %s on path %s", kind, p.Name()),
		Why: "the path cannot turn it into a velocity", Nearest: "score"}
}

// Affine returns P and R with which the prediction of another kind at t is P prediction + R y, mode by mode, on a
// Diagonal path.
func (pl *Planner) Affine(t float64, to ito.Prediction) (P, R []float64) {
	n := pl.Modes.Path.Modes()
	P, R = make([]float64, n), make([]float64, n)
	pl.Modes.At(t)
	pl.Modes.Affine(pl.Kind, to, P, R)
	return P, R
}

// Velocity returns P and R of the probability flow dy/dt = P prediction + R y at t.
func (pl *Planner) Velocity(t float64) (P, R []float64) {
	if pl.Kind == ito.PredVelocity {
		return []float64{1}, []float64{0}
	}
	if pl.Linear == nil {
		return pl.Affine(t, ito.PredVelocity)
	}
	P, R = make([]float64, pl.D*pl.D), make([]float64, pl.D*pl.D)
	pl.Linear.Drift(t, R, P)
	for i := range P {
		P[i] /= -2
	}
	return P, R
}

// Scaled returns c·a, plus the identity when one is set, in the shape of a.
func (pl *Planner) Scaled(a []float64, c, one float64) []float64 {
	out := make([]float64, len(a))
	step := 1
	if pl.Linear != nil && len(a) > 1 {
		step = pl.D + 1
	}
	for i, v := range a {
		out[i] = float64(c * v)
		if i%step == 0 {
			out[i] += one
		}
	}
	return out
}

// Update is one planned step, by Planner.Update, Vector or Combine.
type Update struct {
	Coef   [][]float64 // of each input: a number, one for each mode, or a matrix [D,D]
	point  []bool
	vector bool      // the result is a vector, not a point: without the μ in front
	shift  []float64 // μ − Σ C_j μ over the points [D], in the basis with a basis; nil for zero

	// Without a basis, and unless one number serves all: coefficients and shift coordinate by coordinate, repeated
	// to the same length, so that a loop over them is long in few dimensions too.
	tile      [][]float64
	shiftTile []float64
}

// tileSize is the least length of a tile.
const tileSize = 256

func (u *Update) lay(d int) {
	u.shiftTile = make([]float64, (tileSize+d-1)/d*d)
	for j, c := range u.Coef {
		u.tile = append(u.tile, make([]float64, len(u.shiftTile)))
		for i := range u.tile[j] {
			u.tile[j][i] = c[i%d%len(c)]
		}
	}
	for i := range u.shiftTile {
		if u.shift != nil {
			u.shiftTile[i] = u.shift[i%d]
		}
	}
}

// Update finishes a step's coefficients. Inputs are told apart by their marks: 'x' a state or another
// point, 'p' a prediction of the planned kind, 'n' a noise or another vector.
func (pl *Planner) Update(t float64, marks string, coef ...[]float64) (*Update, error) {
	return pl.finish(&Update{}, t, marks, coef)
}

// Vector is update for a result that is a vector.
func (pl *Planner) Vector(t float64, marks string, coef ...[]float64) (*Update, error) {
	return pl.finish(&Update{vector: true}, t, marks, coef)
}

func (pl *Planner) finish(u *Update, t float64, marks string, coef [][]float64) (*Update, error) {
	if len(coef) == 0 || len(coef) > maxInputs || len(marks) != len(coef) {
		return nil, &ito.InputError{Where: "path " + pl.Path.Name(),
			What: fmt.Sprintf("an update of %d inputs with %d "+
				"marks", len(coef), len(marks)), Do: fmt.Sprintf("give one to %d inputs, a mark each", maxInputs)}
	}
	u.Coef, u.point = coef, make([]bool, len(coef))
	for j, c := range coef {
		u.point[j] = marks[j] == 'x' || marks[j] == 'p' && pl.Kind == ito.PredX0
		for _, v := range c {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, &ito.InputError{Where: "path " + pl.Path.Name(),
					What: fmt.Sprintf("its schedule gives no finite step at t=%g", t), Do: "start or stop short of it"}
			}
		}
	}
	u.same(pl)
	if d := pl.D; pl.Modes != nil && d > 1 && len(u.Coef[0]) == d && d <= foldDim && !pl.Modes.Identity() {
		for j, c := range u.Coef {
			u.Coef[j] = pl.fold(c)
		}
	}
	u.center(pl)
	if n := len(u.Coef[0]); n == 1 && u.shift != nil {
		u.lay(len(u.shift))
	} else if n > 1 && n == pl.D && pl.Modes != nil && pl.Modes.Identity() {
		u.lay(n)
	}
	return u, nil
}

// foldDim is the largest dimension for which a number for each mode becomes the matrix Q diag(c) Qᵀ,
// which is quicker to apply than turning every row into the basis and back.
const foldDim = 16

func (pl *Planner) fold(c []float64) []float64 {
	d := pl.D
	m, e, w := make([]float64, d*d), make([]float64, d), make([]float64, d)
	for k := range d { // column k is Q (c ⊙ Qᵀ e_k)
		clear(e)
		e[k] = 1
		pl.Modes.Turn(w, e)
		for i := range w {
			w[i] *= c[i]
		}
		pl.Modes.Back(e, w)
		for i, v := range e {
			m[i*d+k] = v
		}
	}
	return m
}

// same gives all coefficients of a step one shape.
func (u *Update) same(pl *Planner) {
	n := 1
	for _, c := range u.Coef {
		n = max(n, len(c))
	}
	for j, c := range u.Coef {
		if len(c) == n {
			continue
		}
		wide := make([]float64, n)
		for i := range wide {
			if pl.Linear == nil || i%(pl.D+1) == 0 {
				wide[i] = c[0]
			}
		}
		u.Coef[j] = wide
	}
}

// center works out the shift. In the basis it is −Σ C_j Qᵀμ; μ itself is added after turning back.
func (u *Update) center(pl *Planner) {
	var mean []float64
	switch {
	case pl.Modes != nil:
		mean = pl.Modes.Path.Mean()
	case pl.Linear != nil:
		mean = pl.Linear.Mean()
	}
	if mean == nil {
		return
	}
	d := len(mean)
	n := len(u.Coef[0])
	turned := mean
	basis := pl.Modes != nil && !pl.Modes.Identity() && n == d && d > 1
	if basis {
		turned = make([]float64, d)
		pl.Modes.Turn(turned, mean)
	}
	u.shift = make([]float64, d)
	for i := range d {
		if !basis && !u.vector {
			u.shift[i] = mean[i]
		}
		for j, c := range u.Coef {
			switch {
			case !u.point[j]:
			case n == 1:
				u.shift[i] -= c[0] * mean[i]
			case n == d:
				u.shift[i] -= c[i] * turned[i]
			default:
				for k, μ := range mean {
					u.shift[i] -= c[i*d+k] * μ
				}
			}
		}
	}
}

// Plus adds constants to the result of an update with a number for each coordinate.
func (u *Update) Plus(c []float64) {
	shift := append([]float64(nil), c...)
	for i, v := range u.shift {
		shift[i] += v
	}
	u.shift, u.tile = shift, nil
	u.lay(len(c))
}

package simd

// MaxTerms is the most terms that a combination may have.
const MaxTerms = 8

// Combine64 sets dst[i] = Σ_j coef[j]·in[j][i], one chain of fused multiply-adds in the order of j whose first
// product is rounded. There are as many coefficients as inputs, at least one and at most MaxTerms; dst may be any
// of the inputs. All levels give the same bits, but the assembly takes denormal numbers for zeros.
func Combine64(dst, coef []float64, in [][]float64) {
	checkLen(len(coef) == len(in))
	c := combination{coef: coef}
	c.run(dst, in)
}

// Plane64 is a sum of 2×2 matrices times vectors, pair by pair: for even i, with A_j = coef[j],
//
//	dst[i]   = shift[0] + Σ_j A_j[0]·in[j][i]   + A_j[1]·in[j][i+1]
//	dst[i+1] = shift[1] + Σ_j A_j[3]·in[j][i+1] + A_j[2]·in[j][i]
//
// each one chain of fused multiply-adds in this order. dst has an even length; else it is as Combine64.
func Plane64(dst []float64, shift [2]float64, coef [][4]float64, in [][]float64) {
	checkLen(len(coef) == len(in) && len(dst)%2 == 0)
	c := combination{plane: true, shift: shift}
	for j, a := range coef {
		c.matrix[j] = [4]float64{a[0], a[3], a[1], a[2]}
	}
	c.run(dst, in)
}

// combination is a sum of terms with numbers or, for a plane, matrices as coefficients; the matrices in the order
// of the vector routines, the diagonal and then the rest.
type combination struct {
	plane  bool
	coef   []float64
	shift  [2]float64
	matrix [MaxTerms][4]float64
}

// combineWidth divides the length of what the vector routines are given.
const combineWidth = 8

// run goes part by part, each short enough for one call of assembly, the last padded to a whole width.
func (c *combination) run(dst []float64, in [][]float64) {
	checkLen(0 < len(in) && len(in) <= MaxTerms)
	for _, x := range in {
		checkLen(len(x) >= len(dst))
	}
	var part [MaxTerms][]float64
	whole := len(dst) &^ (combineWidth - 1)
	for from := 0; from < whole; from += chunk {
		end := min(from+chunk, whole)
		for j, x := range in {
			part[j] = x[from:end]
		}
		c.part(dst[from:end], part[:len(in)])
	}
	if rest := len(dst) - whole; rest > 0 {
		var padded [MaxTerms][combineWidth]float64
		for j, x := range in {
			copy(padded[j][:rest], x[whole:])
			part[j] = padded[j][:]
		}
		c.part(padded[0][:], part[:len(in)])
		copy(dst[whole:], padded[0][:rest])
	}
}

func (c *combination) portable(dst []float64, in [][]float64) {
	if c.plane {
		c.portablePlane(dst, in)
		return
	}
	for i := range dst {
		s := c.coef[0] * in[0][i]
		for j := 1; j < len(in); j++ {
			s = fma64(c.coef[j], in[j][i], s)
		}
		dst[i] = s
	}
}

func (c *combination) portablePlane(dst []float64, in [][]float64) {
	for i := 0; i+1 < len(dst); i += 2 {
		s, t := c.shift[0], c.shift[1]
		for j, u := range in {
			x, y, a := u[i], u[i+1], &c.matrix[j]
			s, t = fma64(a[0], x, s), fma64(a[1], y, t)
			s, t = fma64(a[2], y, s), fma64(a[3], x, t)
		}
		dst[i], dst[i+1] = s, t
	}
}

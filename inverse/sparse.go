package inverse

import "sync"

// sparse is a linear operator by the entries of its rows that are not zero.
type sparse struct {
	kind  string
	d     int
	shape []int // of the measurement
	from  []int // [M+1]: row i has entries from[i] … from[i+1]−1
	col   []int
	val   []float64
	svd   func() (SVD, error)
}

// newSparse makes an empty operator, whose rows are to be added.
func newSparse(kind string, d int) *sparse {
	s := &sparse{kind: kind, d: d, from: []int{0}}
	s.svd = sync.OnceValues(func() (SVD, error) { return newDenseSVD(s) })
	return s
}

// add adds an entry to the row that is being written, end ends it.
func (s *sparse) add(col int, v float64) {
	if v != 0 {
		s.col, s.val = append(s.col, col), append(s.val, v)
	}
}

func (s *sparse) end() { s.from = append(s.from, len(s.col)) }

// Kind implements Operator.
func (s *sparse) Kind() string { return s.kind }

// Dims implements Operator.
func (s *sparse) Dims() (d, m int) { return s.d, len(s.from) - 1 }

// Shape implements Shaped.
func (s *sparse) Shape() []int { return s.shape }

// Apply implements Operator.
func (s *sparse) Apply(y, x []float64) {
	for i := range y {
		v := 0.
		for k := s.from[i]; k < s.from[i+1]; k++ {
			v += float64(s.val[k] * x[s.col[k]])
		}
		y[i] = v
	}
}

// Adjoint implements Linear.
func (s *sparse) Adjoint(dx, w []float64) {
	clear(dx)
	for i, v := range w {
		for k := s.from[i]; k < s.from[i+1]; k++ {
			dx[s.col[k]] += float64(s.val[k] * v)
		}
	}
}

// VJP implements Operator.
func (s *sparse) VJP(dx, _, w []float64) { s.Adjoint(dx, w) }

// SVD implements Spectral, once, through the matrix.
func (s *sparse) SVD() (SVD, error) { return s.svd() }

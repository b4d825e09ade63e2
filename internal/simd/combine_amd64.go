package simd

//go:noinline
func (c *combination) part(dst []float64, in [][]float64) {
	wide := level == avx512
	switch {
	case level == portable:
		c.portable(dst, in)
	case c.plane && wide:
		plane64Z(&dst[0], &c.shift[0], &c.matrix[0][0], &in[0], len(in), len(dst))
	case c.plane:
		plane64Y(&dst[0], &c.shift[0], &c.matrix[0][0], &in[0], len(in), len(dst))
	case wide:
		combine64Z(&dst[0], &c.coef[0], &in[0], len(in), len(dst))
	default:
		combine64Y(&dst[0], &c.coef[0], &in[0], len(in), len(dst))
	}
}

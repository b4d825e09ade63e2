package simd

//go:noinline
func langevin(x, s, z []float64, c *[3]float64) {
	switch level {
	case avx512:
		langevin64Z(&x[0], &s[0], &z[0], &c[0], len(x))
	case avx2:
		langevin64Y(&x[0], &s[0], &z[0], &c[0], len(x))
	default:
		langevinPortable(x, s, z, c)
	}
}

package path

// Stencil is node j of the five-point first derivative at t, Σ_j weight_j f(t + offset_j h)/h: its spacing h,
// offset and weight. Near an end of [lo, hi] it looks inwards.
func Stencil(t, lo, hi float64, j int) (h, offset, weight float64) {
	central := [5]float64{1. / 12, -8. / 12, 0, 8. / 12, -1. / 12}
	inward := [5]float64{-25. / 12, 4, -3, 4. / 3, -1. / 4}
	if h = 1e-3 * t; h <= 0 {
		h = 1e-3 * (hi - lo)
	}
	switch {
	case t+2*h > hi:
		return -h, float64(j), inward[j]
	case t-2*h < lo:
		return h, float64(j), inward[j]
	}
	return h, float64(j - 2), central[j]
}

package simd

// rotateVec is the elements lo ≤ j < hi of r, a positive multiple of 8.
func rotateVec(r *Rotation, lo, hi int) {
	k := 0
	modes, wide := len(r.Alpha) > 1, level == avx512
	if modes {
		k = lo
	}
	n, α, σ, g := hi-lo, &r.Alpha[k], &r.Sigma[k], &r.Gain[k]
	x, mean, noise, variance, root := &r.X[lo], &r.Mean[lo], &r.Noise[lo], &r.Variance[lo], &r.Root[lo]
	target, weight := &r.Target[lo], &r.Weight[lo]
	if r.dst32 != nil {
		dst := &r.dst32[lo]
		switch {
		case modes && wide:
			rotateModes32Z(dst, x, target, weight, mean, noise, variance, root, α, σ, g, n)
		case modes:
			rotateModes32Y(dst, x, target, weight, mean, noise, variance, root, α, σ, g, n)
		case wide:
			rotate32Z(dst, x, target, weight, mean, noise, variance, root, α, σ, g, n)
		default:
			rotate32Y(dst, x, target, weight, mean, noise, variance, root, α, σ, g, n)
		}
		return
	}
	dst := &r.dst64[lo]
	switch {
	case modes && wide:
		rotateModes64Z(dst, x, target, weight, mean, noise, variance, root, α, σ, g, n)
	case modes:
		rotateModes64Y(dst, x, target, weight, mean, noise, variance, root, α, σ, g, n)
	case wide:
		rotate64Z(dst, x, target, weight, mean, noise, variance, root, α, σ, g, n)
	default:
		rotate64Y(dst, x, target, weight, mean, noise, variance, root, α, σ, g, n)
	}
}

// scalesVec and againVec are those elements of RotateScales and of RotateAgain32 and RotateAgain64.
func scalesVec(in, lift []float64, r *Rotation, lo, hi int) {
	if n := hi - lo; len(r.Alpha) > 1 {
		f := rotateScalesModesY
		if level == avx512 {
			f = rotateScalesModesZ
		}
		f(&in[lo], &lift[lo], &r.Weight[lo], &r.Variance[lo], &r.Root[lo], &r.Alpha[lo], &r.Sigma[lo], &r.Gain[lo], n)
	} else {
		f := rotateScalesY
		if level == avx512 {
			f = rotateScalesZ
		}
		f(&in[lo], &lift[lo], &r.Weight[lo], &r.Variance[lo], &r.Root[lo], &r.Alpha[0], &r.Sigma[0], &r.Gain[0], n)
	}
}

func againVec(r *Rotation, in, lift []float64, lo, hi int) {
	k := 0
	modes, wide := len(r.Alpha) > 1, level == avx512
	if modes {
		k = lo
	}
	n, α, σ := hi-lo, &r.Alpha[k], &r.Sigma[k]
	x, target, mean, noise, root := &r.X[lo], &r.Target[lo], &r.Mean[lo], &r.Noise[lo], &r.Root[lo]
	if r.dst32 != nil {
		dst := &r.dst32[lo]
		switch {
		case modes && wide:
			rotateAgainModes32Z(dst, x, target, mean, noise, root, &in[lo], &lift[lo], α, σ, n)
		case modes:
			rotateAgainModes32Y(dst, x, target, mean, noise, root, &in[lo], &lift[lo], α, σ, n)
		case wide:
			rotateAgain32Z(dst, x, target, mean, noise, root, &in[lo], &lift[lo], α, σ, n)
		default:
			rotateAgain32Y(dst, x, target, mean, noise, root, &in[lo], &lift[lo], α, σ, n)
		}
		return
	}
	dst := &r.dst64[lo]
	switch {
	case modes && wide:
		rotateAgainModes64Z(dst, x, target, mean, noise, root, &in[lo], &lift[lo], α, σ, n)
	case modes:
		rotateAgainModes64Y(dst, x, target, mean, noise, root, &in[lo], &lift[lo], α, σ, n)
	case wide:
		rotateAgain64Z(dst, x, target, mean, noise, root, &in[lo], &lift[lo], α, σ, n)
	default:
		rotateAgain64Y(dst, x, target, mean, noise, root, &in[lo], &lift[lo], α, σ, n)
	}
}

// cutSumsVec adds the terms of [CutSums64] to the first some of one row of sums, and perhaps to others.
func cutSumsVec(sums, x *[cutSide]float64, v []float64, bound float64, some int) {
	if level == avx512 {
		cutSums64Z(&sums[0], &x[0], &v[0], len(v), bound, some)
	} else {
		cutSums64Y(&sums[0], &x[0], &v[0], len(v), bound, some)
	}
}

package simd

func rotateVec(x []float64, target, weight []float32, mean, noise, variance, root, alpha, sigma, g []float64) {
	n, modes, wide := len(x), len(alpha) > 1, level == avx512
	switch {
	case modes && wide:
		rotateModes64Z(&x[0], &target[0], &weight[0], &mean[0], &noise[0], &variance[0], &root[0], &alpha[0],
			&sigma[0], &g[0], n)
	case modes:
		rotateModes64Y(&x[0], &target[0], &weight[0], &mean[0], &noise[0], &variance[0], &root[0], &alpha[0],
			&sigma[0], &g[0], n)
	case wide:
		rotate64Z(&x[0], &target[0], &weight[0], &mean[0], &noise[0], &variance[0], &root[0], &alpha[0], &sigma[0],
			&g[0], n)
	default:
		rotate64Y(&x[0], &target[0], &weight[0], &mean[0], &noise[0], &variance[0], &root[0], &alpha[0], &sigma[0],
			&g[0], n)
	}
}

package zoo

// The means of the mixtures of forty are the first numbers of other programs' generators at seed 0.

// fabMeans are (torch.rand((k, d)) − ½)·2·40 after torch.manual_seed(0), in float32: the lower 24 bits of
// the words of MT19937, row by row (fab-torch, fab/target_distributions/gmm.py).
func fabMeans(k, d int) [][]float64 {
	next := mt19937(0)
	return fill(k, d, func(int) float64 {
		u := float32(next()&(1<<24-1)) / (1 << 24)
		return float64((u - .5) * 2 * 40)
	})
}

// vsmMeans are jax.random.uniform(PRNGKey(0), (k, d), minval=-1, maxval=1)·40, in float32, with the generator as
// it was before jax_threefry_partitionable became the default (variational_sampling_methods, targets/gmm40.py).
func vsmMeans(k, d int) [][]float64 {
	bits := jaxBits(0, 0, k*d)
	return fill(k, d, func(i int) float64 {
		u := float32(bits[i]>>9) / (1 << 23)
		return float64((u*2 - 1) * 40)
	})
}

func fill(k, d int, f func(i int) float64) [][]float64 {
	means := make([][]float64, k)
	for i := range means {
		means[i] = make([]float64, d)
		for j := range means[i] {
			means[i][j] = f(i*d + j)
		}
	}
	return means
}

// mt19937 is the Mersenne twister of Matsumoto and Nishimura (1998), initialised by init_genrand.
func mt19937(seed uint32) func() uint32 {
	const n, m = 624, 397
	var s [n]uint32
	s[0] = seed
	for i := 1; i < n; i++ {
		s[i] = 1812433253*(s[i-1]^s[i-1]>>30) + uint32(i)
	}
	at := n
	return func() uint32 {
		if at == n {
			for i := range n {
				y := s[i]&0x80000000 | s[(i+1)%n]&0x7fffffff
				s[i] = s[(i+m)%n] ^ y>>1 ^ y&1*0x9908b0df
			}
			at = 0
		}
		y := s[at]
		at++
		y ^= y >> 11
		y ^= y << 7 & 0x9d2c5680
		y ^= y << 15 & 0xefc60000
		return y ^ y>>18
	}
}

// jaxBits are n words of jax.random.bits for a key: threefry of the counters 0 … n−1, whose halves are the two
// words of a block; an odd count is padded with a zero.
func jaxBits(k0, k1 uint32, n int) []uint32 {
	half := (n + 1) / 2
	out := make([]uint32, 2*half)
	for i := range half {
		hi := uint32(half + i)
		if half+i >= n {
			hi = 0
		}
		out[i], out[half+i] = threefry(k0, k1, uint32(i), hi)
	}
	return out[:n]
}

// threefry is Threefry-2x32 with 20 rounds (Salmon et al., SC 2011).
func threefry(k0, k1, x0, x1 uint32) (uint32, uint32) {
	ks := [3]uint32{k0, k1, k0 ^ k1 ^ 0x1bd11bda}
	rot := [8]int{13, 15, 26, 6, 17, 29, 16, 24}
	x0, x1 = x0+ks[0], x1+ks[1]
	for g := range 5 {
		for r := range 4 {
			s := rot[g%2*4+r]
			x0 += x1
			x1 = x1<<s | x1>>(32-s)
			x1 ^= x0
		}
		x0 += ks[(g+1)%3]
		x1 += ks[(g+2)%3] + uint32(g+1)
	}
	return x0, x1
}

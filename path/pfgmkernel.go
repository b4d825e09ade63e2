package path

import (
	"cmp"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// PFGMKernel draws the noise (x_t−x_0)/σ of a PFGM++ path, for those who draw much of it: what [PFGM.Perturb]
// draws, to nine digits, by a table of the quantiles of χ²_D in the place of an equation to solve for every row. It
// is immutable.
type PFGMKernel struct {
	d     float64
	nodes [kernelNodes + 1][2]float64 // log of the quantile of χ²_D/D at z, and its slope
}

const (
	kernelNodes = 1024
	kernelReach = 6.5 // |z| of the table; one row in 10¹⁰ is beyond
	kernelStep  = 2 * kernelReach / kernelNodes
)

// Kernel makes the table; it takes some milliseconds.
func (p PFGM) Kernel() *PFGMKernel {
	k := &PFGMKernel{d: cmp.Or(p.Aug, 2048)}
	for i := range k.nodes {
		z := -kernelReach + float64(i)*kernelStep
		x := chiSquare(k.d, z)
		k.nodes[i][0] = math.Log(x)
		if k.d > 1e6 { // of Wilson & Hilferty
			c := 2 / (9 * k.d)
			k.nodes[i][1] = 3 * math.Sqrt(c) / (1 - c + z*math.Sqrt(c))
			continue
		}
		// d log x/dz = φ(z)/(x p(x)), with p the density of χ²_D/D.
		a := k.d / 2
		lg, _ := math.Lgamma(a)
		k.nodes[i][1] = math.Exp(-z*z/2 - math.Log(2*math.Pi)/2 - a*math.Log(a*x) + a*x + lg)
	}
	return k
}

// chiSquare is the quantile of χ²_D/D at Φ(z), by cubic Hermite interpolation of its logarithm.
func (k *PFGMKernel) chiSquare(z float64) float64 {
	u := (z + kernelReach) / kernelStep
	if !(u >= 0 && u < kernelNodes) {
		return chiSquare(k.d, z)
	}
	i := int(u)
	s := u - float64(i)
	a, b := k.nodes[i], k.nodes[i+1]
	r := 1 - s
	return math.Exp(float64(r*r*(1+2*s)*a[0]) + float64(s*s*(3-2*s)*b[0]) +
		kernelStep*s*r*(float64(r*a[1])-float64(s*b[1])))
}

// Noise fills dst with g/√(χ²_D/D): g is the normal noise of a Gaussian path at the same address, and one normal
// more (sub 1) gives χ².
func (k *PFGMKernel) Noise(dst ito.States, n ito.Noise, p rng.Purpose, step uint32) {
	z := dst.Like(1)
	n.Normal(dst, p, step, 0)
	n.Normal(z, p, step, 1)
	for i := range dst.N {
		c := 1 / math.Sqrt(k.chiSquare(z.X[i]))
		row := dst.Row(i)
		for j := range row {
			row[j] *= c
		}
	}
}

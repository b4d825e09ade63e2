package mcmc

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/target"
)

// BlockPrior is a normal prior of independent coordinates and of blocks of coordinates, as a model file declares
// one: see [target.Normal]. A root and a density cost K² operations for a block of K coordinates.
type BlockPrior struct {
	single infer.Reference
	lone   []bool // coordinates outside of blocks
	blocks []placedPrior
}

type placedPrior struct {
	from, to int
	prior    DensePrior
}

// NewBlockPrior makes a prior of a normal distribution. Standard deviations that are not positive and blocks that
// overlap or end outside are an *ito.InputError.
func NewBlockPrior(n target.Normal) (BlockPrior, error) {
	d := len(n.Mean)
	bad := func(what string) (BlockPrior, error) {
		return BlockPrior{}, &ito.InputError{Where: "prior", What: what}
	}
	if len(n.SD) != d {
		return bad(fmt.Sprintf("%d means and %d standard deviations", d, len(n.SD)))
	}
	p := BlockPrior{single: infer.Reference{Mean: append([]float64(nil), n.Mean...), SD: append([]float64(nil),
		n.SD...)},
		lone: make([]bool, d)}
	for j := range p.lone {
		p.lone[j] = true
	}
	for _, b := range n.Blocks {
		if b.K < 1 || b.From < 0 || b.From+b.K > d || len(b.Lower) != b.K*b.K {
			return bad(fmt.Sprintf("a block of %d coordinates from %d on among %d", b.K, b.From, d))
		}
		for i := range b.K {
			if !p.lone[b.From+i] || !(b.Lower[i*b.K+i] > 0) {
				return bad(fmt.Sprintf("coordinate %d is in two blocks, or its block is not positive definite",
					b.From+i))
			}
			p.lone[b.From+i] = false
			p.single.SD[b.From+i] = 1
		}
		p.blocks = append(p.blocks, placedPrior{b.From, b.From + b.K,
			DensePrior{mean: p.single.Mean[b.From : b.From+b.K], lower: b.Lower}})
	}
	return p, p.single.Validate(d)
}

// Centre implements NormalPrior.
func (p BlockPrior) Centre(m []float64) { copy(m, p.single.Mean) }

// Root implements NormalPrior.
func (p BlockPrior) Root(dst, z []float64) {
	p.single.Root(dst, z)
	for _, b := range p.blocks {
		b.prior.Root(dst[b.from:b.to], z[b.from:b.to])
	}
}

// LogDensity implements NormalPrior, without the constant.
func (p BlockPrior) LogDensity(x []float64) float64 {
	l := 0.
	for j, v := range x {
		if p.lone[j] {
			z := (v - p.single.Mean[j]) / p.single.SD[j]
			l -= z * z / 2
		}
	}
	for _, b := range p.blocks {
		l += b.prior.LogDensity(x[b.from:b.to])
	}
	return l
}

// ValidatePrior implements NormalPrior.
func (p BlockPrior) ValidatePrior(d int, _ bool) error {
	if len(p.lone) != d {
		return &ito.InputError{Where: "prior", What: fmt.Sprintf("a prior of dimension %d for a target of dimension %d",
			len(p.lone), d), Do: "make it by NewBlockPrior"}
	}
	return nil
}

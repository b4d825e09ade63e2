package inverse

import "math"

// BicubicMaker makes fewer pixels by bicubic interpolation, with the kernel of Keys (1981, a = −½) widened by the
// factor against aliasing and the pixels at an edge continued beyond it.
type BicubicMaker struct {
	Factor int `json:"factor" default:"2" min:"2" max:"1024" help:"How many times fewer pixels along an edge."`
}

// Kind implements Maker.
func (BicubicMaker) Kind() string { return "bicubic" }

// Make implements Maker.
func (c BicubicMaker) Make(on Setting) (Operator, error) {
	f, err := frameOf(on.Shape)
	if err != nil {
		return nil, err
	}
	rows, err := smaller("bicubic", f, c.Factor)
	if err != nil {
		return nil, err
	}
	s := newSparse("bicubic", f.size())
	small := frame{f.H / rows, f.W / c.Factor, f.C}
	s.shape = small.like(on.Shape)
	up, across := cubicRows(f.H, rows), cubicRows(f.W, c.Factor)
	for _, u := range up {
		for _, a := range across {
			for k := range f.C {
				for i, p := range u {
					for j, q := range a {
						s.add((i*f.W+j)*f.C+k, p*q)
					}
				}
				s.end()
			}
		}
	}
	return s, nil
}

// cubicRows are the weights of n pixels in each of n/factor.
func cubicRows(n, factor int) [][]float64 {
	out := make([][]float64, n/factor)
	for k := range out {
		out[k] = make([]float64, n)
		if factor == 1 {
			out[k][k] = 1
			continue
		}
		centre, width, sum := (float64(k)+.5)*float64(factor)-.5, float64(factor), 0.
		for i := int(centre - 2*width); i <= int(centre+2*width)+1; i++ {
			w := cubic((float64(i) - centre) / width)
			out[k][min(max(i, 0), n-1)] += w
			sum += w
		}
		divide(out[k], sum)
	}
	return out
}

// cubic is Keys' kernel with a = −½.
func cubic(x float64) float64 {
	switch x = math.Abs(x); {
	case x <= 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

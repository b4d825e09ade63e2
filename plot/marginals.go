package plot

import (
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// Marginals draws the density of each quantity: all draws as a grey histogram, and each chain as a smooth line,
// which lie over each other when the chains agree. A chain that does not move is an upright line and
// is not in the histogram.
func Marginals(quantities ...Chains) (Figure, error) {
	if err := checkChains(quantities); err != nil {
		return Figure{}, err
	}
	f := Figure{Cols: columnsOf(quantities, 4), Width: 165, Height: 110}
	for _, q := range quantities {
		pool := moving(q.X)
		r := middle(slices.Clone(pool))
		edges := binEdges(pool, r)
		all := Steps{Edges: edges, Height: density(pool, edges), Color: Grey}
		p := Panel{Title: q.Name, XRange: r, YTicks: []Tick{}, Layers: []Layer{all}}
		if len(q.X) > 1 {
			for c, x := range q.X {
				line := smooth(x, r)
				if slices.Min(x) == slices.Max(x) {
					line = Curve{X: []float64{x[0], x[0]}, Y: []float64{0, slices.Max(all.Height)}}
				}
				line.Name, line.Color, line.Width = chainName(c, len(q.X)), series(c), 1.1
				p.Layers = append(p.Layers, line)
			}
		}
		f.Panels = append(f.Panels, p)
	}
	return f, nil
}

// moving is all draws of the chains that are not one number, or, when all are, of all.
func moving(chains [][]float64) []float64 {
	var v []float64
	for _, x := range chains {
		if slices.Min(x) < slices.Max(x) {
			v = append(v, x...)
		}
	}
	if v == nil {
		return slices.Concat(chains...)
	}
	return v
}

// middle is the range of all but the outermost thousandth of v at each end, with a margin: a heavy tail must not
// shrink what there is to see. Ends that are near are whole.
func middle(v []float64) [2]float64 {
	slices.Sort(v)
	k := len(v) / 1000
	lo, hi := v[k], v[len(v)-1-k]
	if wide := .25 * (hi - lo); v[0] > lo-wide && v[len(v)-1] < hi+wide {
		lo, hi = v[0], v[len(v)-1]
	}
	e, err := ends(span{lo, hi}, [2]float64{}, false, "x")
	if err != nil { // only given ends can be wrong
		return [2]float64{}
	}
	return [2]float64{e.lo, e.hi}
}

// smooth is the kernel estimate of the density of x over a range, with Silverman's width .9·min(sd, IQR/1.34)·n^(−1/5).
// Where a density ends abruptly, with more than 3 % of the draws within one width of their end, the draws are
// mirrored there, so that the estimate does not sink.
func smooth(x []float64, r [2]float64) Curve {
	const cells, points, crowd = 1024, 200, .03
	v := slices.Clone(x)
	slices.Sort(v)
	n := float64(len(v))
	lo, hi := v[0], v[len(v)-1]
	width := .9 * min(deviation(v), (v[len(v)*3/4]-v[len(v)/4])/1.34) * math.Pow(n, -.2)
	if !(width > 0) {
		width = max((hi-lo)/50, (r[1]-r[0])/200)
	}
	low, _ := slices.BinarySearch(v, lo+width)
	high, _ := slices.BinarySearch(v, hi-width)
	wide := hi-lo > 4*width
	mirrorLow, mirrorHigh := wide && float64(low) > crowd*n, wide && float64(len(v)-high) > crowd*n
	// The draws are counted in cells first: their number does not matter to the cost then.
	step := max(hi-lo, width) / cells
	weight := make([]float64, cells+1)
	for _, a := range v {
		weight[min(int((a-lo)/step+.5), cells)]++
	}
	c := Curve{X: make([]float64, points), Y: make([]float64, points)}
	kernel := func(z float64) float64 {
		if z < -6 || z > 6 {
			return 0
		}
		return math.Exp(-z * z / 2)
	}
	for i := range points {
		at := r[0] + (r[1]-r[0])*float64(i)/(points-1)
		c.X[i] = at
		if mirrorLow && at < lo || mirrorHigh && at > hi {
			continue
		}
		sum := 0.0
		for k, w := range weight {
			if w == 0 {
				continue
			}
			b := lo + float64(k)*step
			sum += w * kernel((at-b)/width)
			if mirrorLow {
				sum += w * kernel((at-2*lo+b)/width)
			}
			if mirrorHigh {
				sum += w * kernel((at-2*hi+b)/width)
			}
		}
		c.Y[i] = sum / (n * width * math.Sqrt(2*math.Pi))
	}
	return c
}

func deviation(v []float64) float64 {
	mean := 0.0
	for _, x := range v {
		mean += x / float64(len(v))
	}
	s := 0.0
	for _, x := range v {
		s += (x - mean) * (x - mean) / float64(len(v))
	}
	return math.Sqrt(s)
}

// mostPairs is the number of quantities that DrawPairs takes: more have panels too small to see.
const mostPairs = 6

// DrawPairs draws every pair of at most six quantities below a diagonal of histograms, all chains together, and
// over them the divergent draws [chain][draw] (nil: none): where they gather, the sampler does not get through.
func DrawPairs(divergent [][]bool, quantities ...Chains) (Figure, error) {
	if err := checkChains(quantities); err != nil {
		return Figure{}, err
	}
	k := min(len(quantities), mostPairs)
	if k < 2 {
		return Figure{}, &ito.InputError{Where: "pairs", What: "there is one quantity", Do: "draw its density"}
	}
	side := 110.
	if k < 4 {
		side = 150
	}
	f := Figure{Cols: k, Width: side, Height: side}
	all, bad := make([][]float64, k), make([][]float64, k)
	ranges := make([][2]float64, k)
	for i, q := range quantities[:k] {
		all[i], bad[i] = split(q.X, divergent)
		if len(all[i])+len(bad[i]) != len(all[0])+len(bad[0]) {
			return Figure{}, &ito.InputError{Where: named("draws of", q.Name), What: "it has not as many draws as " +
				named("draws of", quantities[0].Name)}
		}
		ranges[i] = middle(slices.Concat(q.X...))
	}
	for i := range k {
		for j := range k {
			p := Panel{X: quantities[j].Name, Y: quantities[i].Name, XRange: ranges[j], YRange: ranges[i]}
			switch {
			case i == j:
				v := slices.Concat(quantities[i].X...)
				edges := binEdges(v, ranges[i])
				p = Panel{X: quantities[i].Name, XRange: ranges[i], YTicks: []Tick{},
					Layers: []Layer{Steps{Edges: edges, Height: density(v, edges)}}}
			case j > i:
				p = Panel{}
			default:
				if len(all[j]) > 0 {
					p.Layers = append(p.Layers, Points{Name: "draws", X: all[j], Y: all[i]})
				}
				if len(bad[j]) > 0 {
					p.Layers = append(p.Layers, Points{Name: "divergent", X: bad[j], Y: bad[i], Color: Palette[1],
						Radius: 1.4, Alpha: .85})
				}
			}
			f.Panels = append(f.Panels, p)
		}
	}
	return f, nil
}

// split divides draws into those that are not marked and those that are.
func split(x [][]float64, marked [][]bool) (plain, bad []float64) {
	for c := range x {
		for i, v := range x[c] {
			if c < len(marked) && i < len(marked[c]) && marked[c][i] {
				bad = append(bad, v)
			} else {
				plain = append(plain, v)
			}
		}
	}
	return plain, bad
}

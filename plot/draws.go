package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/seed9a7962a8/ito"
)

// Chains are the draws of one quantity, one slice a chain, in the order in which they were drawn.
type Chains struct {
	Name string
	X    [][]float64
}

// tracePoints is the number of draws of a chain that a trace has room for.
const tracePoints = 1500

// Traces draws each quantity against the number of the draw, a colour a chain: good chains are one
// band of noise. divergent marks draws [chain][draw] at the foot of the panels; nil marks none. Of chains
// longer than 1500 that many draws are shown, evenly, and every divergent one.
func Traces(divergent [][]bool, quantities ...Chains) (Figure, error) {
	if err := checkChains(quantities); err != nil {
		return Figure{}, err
	}
	f := Figure{Cols: columnsOf(quantities, 2), Width: 330, Height: 100}
	for _, q := range quantities {
		p := Panel{Title: q.Name, X: "draw"}
		for c, x := range q.X {
			at := count(len(x))
			p.Layers = append(p.Layers, Curve{Name: chainName(c, len(q.X)), X: thin(at, tracePoints),
				Y: thin(x, tracePoints), Color: series(c), Width: .6, Alpha: .75})
		}
		if m := marks(divergent); len(m) > 0 {
			p.Layers = append(p.Layers, Rug{Name: "divergent", X: m, Color: ink})
		}
		f.Panels = append(f.Panels, p)
	}
	return f, nil
}

// marks are the numbers of the draws that are marked in any chain, from 1.
func marks(m [][]bool) []float64 {
	var at []float64
	for _, chain := range m {
		for i, is := range chain {
			if is {
				at = append(at, float64(i+1))
			}
		}
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// rankBins is the number of bins of a rank histogram, the custom of the posterior package.
const rankBins = 20

// Ranks draws how the ranks of each chain's draws among all draws are distributed, over what is expected of chains
// that agree: 1. The band holds 95 % of the bins of independent draws; those of a chain that stays in one place
// leave it (Vehtari et al. 2021, §5). The axis ends at 3: a chain that leaves the panel is far from the others.
func Ranks(quantities ...Chains) (Figure, error) {
	if err := checkChains(quantities); err != nil {
		return Figure{}, err
	}
	f := Figure{Cols: columnsOf(quantities, 4), Width: 165, Height: 110}
	for _, q := range quantities {
		total := 0
		for _, x := range q.X {
			total += len(x)
		}
		bins := max(min(rankBins, total/(4*len(q.X))), 1)
		p := Panel{Title: q.Name, X: "rank / all draws", Y: "share / expected", XRange: [2]float64{0, 1},
			YRange: [2]float64{0, 3}}
		shares := rankShares(q.X, bins)
		if len(q.X) > 1 {
			n := float64(len(q.X[0]))
			expected := n / float64(bins)
			// Of the draws of a bin, a chain has a share like a sample without replacement.
			sd := math.Sqrt(expected*(1-1/float64(bins))*(1-n/float64(total))) / expected
			p.Layers = append(p.Layers, Band{Name: "95 % of independent draws", Lo: 1 - 1.96*sd, Hi: 1 + 1.96*sd})
		}
		for c, s := range shares {
			line := stairs(s)
			line.Name, line.Color, line.Width, line.Alpha = chainName(c, len(q.X)), series(c), 1, .9
			p.Layers = append(p.Layers, line)
		}
		f.Panels = append(f.Panels, p)
	}
	return f, nil
}

// rankShares is the number of a chain's draws in each bin of ranks over a chain's share of all draws. Ties have
// their mean rank.
func rankShares(chains [][]float64, bins int) [][]float64 {
	type place struct {
		x     float64
		chain int
	}
	var all []place
	for c, x := range chains {
		for _, v := range x {
			all = append(all, place{v, c})
		}
	}
	slices.SortFunc(all, func(a, b place) int { return cmp.Compare(a.x, b.x) })
	out := make([][]float64, len(chains))
	for c := range out {
		out[c] = make([]float64, bins)
	}
	for i := 0; i < len(all); {
		j := i + 1
		for j < len(all) && all[j].x == all[i].x {
			j++
		}
		middle := float64(i+j) / 2 // in 0 … len(all)
		bin := min(int(middle/float64(len(all))*float64(bins)), bins-1)
		for _, a := range all[i:j] {
			out[a.chain][bin] += float64(bins) / float64(len(chains[a.chain]))
		}
		i = j
	}
	return out
}

// stairs is the line of a histogram over 0 to 1.
func stairs(h []float64) Curve {
	var c Curve
	for i, v := range h {
		c.X = append(c.X, float64(i)/float64(len(h)), float64(i+1)/float64(len(h)))
		c.Y = append(c.Y, v, v)
	}
	return c
}

// chainName is in the legend when there are several chains.
func chainName(c, chains int) string {
	if chains == 1 || c >= len(Palette) {
		return ""
	}
	return "chain " + strconv.Itoa(c+1)
}

// columnsOf is the number of columns for some quantities, at most the given.
func columnsOf(q []Chains, most int) int { return min(len(q), most) }

// checkChains refuses quantities that cannot be drawn.
func checkChains(quantities []Chains) error {
	if len(quantities) == 0 {
		return &ito.InputError{Where: "picture", What: "there are no draws"}
	}
	for _, q := range quantities {
		if err := q.Check(); err != nil {
			return err
		}
	}
	return nil
}

// Check says why q cannot be drawn: no draws, or one that is not finite.
func (q Chains) Check() error {
	where := named("draws of", q.Name)
	if len(q.X) == 0 {
		return &ito.InputError{Where: where, What: "there are no chains"}
	}
	for c, x := range q.X {
		if len(x) == 0 {
			return &ito.InputError{Where: where, What: fmt.Sprintf("chain %d has no draws", c+1)}
		}
		for i, v := range x {
			if !drawable(v) {
				return &ito.InputError{Where: where, What: fmt.Sprintf("draw %d of chain %d is %g, which cannot be "+
					"drawn", i+1, c+1, v)}
			}
		}
	}
	return nil
}

package advise

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Switch is what chains differ in that agree but for the order of exchangeable components, as those of a mixture:
// label switching.
type Switch struct {
	Names  []string // the parameters whose first index is the component
	Orders [][]int  // [infer.Chains][Components] the component of the first chain that each is
}

func (w Switch) String() string {
	other := 0
	for _, o := range w.Orders {
		if !slices.IsSorted(o) {
			other++
		}
	}
	return fmt.Sprintf("label switching: the chains agree but for the order of the components of %s, which is "+
		"another in %d of %d than in the first", strings.Join(w.Names, ", "), other, len(w.Orders))
}

// mixedLimit is R̂² − 1, of the means of whole chains, from which chains differ: R̂ = 1.1.
const mixedLimit = .21

// FindSwitch looks for label switching in draws by their columns, named as CmdStan names them (mu.1, mu.2, or
// mu.1.1 of a matrix with a component a row). Of the parameters that differ between chains, those of equally many
// components take part; each component of a chain is the one of the first chain whose means are nearest in units of
// the standard deviations within chains. It is a switch where that is a permutation in every chain, not the same in
// all, and the reordered chains differ no longer (R̂ below 1.1 for every column). Chains that switch on their way,
// all of them often, differ in nothing and are not seen. O(draws).
func FindSwitch(columns []string, draws func(column int) [][]float64) (Switch, bool) {
	var order []string
	parameters := map[string]*vector{}
	for i, name := range columns {
		base, rest, indexed := strings.Cut(name, ".")
		first, _, _ := strings.Cut(rest, ".")
		k, err := strconv.Atoi(first)
		if !indexed || err != nil || k < 1 || strings.HasSuffix(base, "__") {
			continue
		}
		v := parameters[base]
		if v == nil {
			v = &vector{}
			parameters[base], order = v, append(order, base)
		}
		v.add(k-1, draws(i))
	}
	sizes := map[int][]string{}
	var most []int
	for _, base := range order {
		if v := parameters[base]; len(v.parts) > 1 && v.differs(nil) {
			k := len(v.parts)
			if sizes[k] == nil {
				most = append(most, k)
			}
			sizes[k] = append(sizes[k], base)
		}
	}
	for _, k := range most {
		var vs []*vector
		for _, base := range sizes[k] {
			vs = append(vs, parameters[base])
		}
		if orders, ok := reorder(vs, k); ok {
			return Switch{sizes[k], orders}, true
		}
	}
	return Switch{}, false
}

// vector is the chains' moments of a parameter.
type vector struct{ parts [][]summary } // [Components][columns of each]

// summary is one column: means and variances by chain.
type summary struct{ mean, variance []float64 }

func (v *vector) add(k int, chains [][]float64) {
	for len(v.parts) <= k {
		v.parts = append(v.parts, nil)
	}
	var c summary
	for _, x := range chains {
		m, ss := 0., 0.
		for _, y := range x {
			m += y / float64(len(x))
		}
		for _, y := range x {
			ss += (y - m) * (y - m) / float64(len(x))
		}
		c.mean, c.variance = append(c.mean, m), append(c.variance, ss)
	}
	v.parts[k] = append(v.parts[k], c)
}

// complete reports components of equally many columns.
func (v *vector) complete() bool {
	return !slices.ContainsFunc(v.parts, func(p []summary) bool { return len(p) == 0 || len(p) != len(v.parts[0]) })
}

// differs reports a column whose chains have not mixed when each chain has its components in an order; nil as they are.
func (v *vector) differs(orders [][]int) bool {
	if !v.complete() {
		return false
	}
	chains := len(v.parts[0][0].mean)
	for k := range v.parts {
		for c := range v.parts[k] {
			mean, within := make([]float64, chains), 0.
			total := 0.
			for a := range mean {
				at := k
				if orders != nil {
					at = slices.Index(orders[a], k)
				}
				mean[a] = v.parts[at][c].mean[a]
				within += v.parts[at][c].variance[a] / float64(chains)
				total += mean[a] / float64(chains)
			}
			between := 0.
			for _, m := range mean {
				between += (m - total) * (m - total) / float64(chains-1)
			}
			if !(between <= mixedLimit*within) {
				return true
			}
		}
	}
	return false
}

// reorder finds the components of the first chain that those of the others are.
func reorder(vs []*vector, k int) ([][]int, bool) {
	chains := len(vs[0].parts[0][0].mean)
	orders, changed := make([][]int, chains), false
	for a := range orders {
		for from := range k {
			best, least := 0, 0.
			for to := range k {
				far := 0.
				for _, v := range vs {
					for c := range v.parts[from] {
						p, q := v.parts[from][c], v.parts[to][c]
						δ := p.mean[a] - q.mean[0]
						far += δ * δ / (p.variance[a] + q.variance[0])
					}
				}
				if to == 0 || far < least {
					best, least = to, far
				}
			}
			if slices.Contains(orders[a], best) {
				return nil, false
			}
			orders[a] = append(orders[a], best)
		}
		changed = changed || !slices.IsSorted(orders[a])
	}
	for _, v := range vs {
		if v.differs(orders) {
			return nil, false
		}
	}
	return orders, changed
}

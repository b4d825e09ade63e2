package nn

import "github.com/seed9a7962a8/ito/ad"

func graphCases() []layerCase {
	some := func(s *Scope) ad.Value { return ad.Rows(s.Graph().Const(s.DType(), []float64{1, 1, 0, 1, 1}, 5)) }
	all := func(s *Scope) ad.Value { return ad.Value{} }
	var cases []layerCase
	for what, mask := range map[string]func(*Scope) ad.Value{"": all, "_masked": some} {
		cases = append(cases,
			layerCase{"graph_conv" + what, traced(func(s *Scope, in Inputs) []ad.Value {
				return []ad.Value{s.GraphConv("conv", in.X[0], in.X[1], mask(s), 4)}
			}), between([]int{5, 4}, []int{5, 3}, []int{5, 5}), positiveFrom(15)},
			layerCase{"messages" + what, traced(func(s *Scope, in Inputs) []ad.Value {
				h, _ := s.Messages("pass", in.X[0], in.X[1], mask(s), 4)
				return []ad.Value{h}
			}), between([]int{5, 3}, []int{5, 3}, []int{5, 5, 2}), nil},
			layerCase{"equivariant" + what, traced(func(s *Scope, in Inputs) []ad.Value {
				x, h := s.Equivariant("layer", in.X[0], in.X[1], mask(s), 6)
				return []ad.Value{ad.Concat(1, x, h)}
			}), between([]int{5, 7}, []int{5, 3}, []int{5, 4}), nil})
	}
	return cases
}

// positiveFrom makes the numbers of a row from one on positive.
func positiveFrom(from int) func(row []float64) {
	return func(row []float64) {
		for i := from; i < len(row); i++ {
			row[i] = row[i]*row[i] + .1
		}
	}
}

package nn

import "github.com/seed9a7962a8/ito/ad"

func filmCases() []layerCase {
	shape := []int{4, 6}
	return []layerCase{
		{"film", traced(func(s *Scope, in Inputs) []ad.Value {
			return []ad.Value{s.FiLM("film", in.X[0], in.X[1])}
		}), between(shape, shape, []int{5}), nil},
		{"ada_ln_zero", traced(func(s *Scope, in Inputs) []ad.Value {
			return []ad.Value{s.AdaLNZero("layer", in.X[0], in.X[1], 5, "gelu", 0, Attention{Heads: 2})}
		}), between(shape, shape, []int{3}), nil},
	}
}

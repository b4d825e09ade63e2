package nn

import "github.com/seed9a7962a8/ito/ad"

// Embedding is the row of "name.weight" [levels,width] for each int32 token [...], as PyTorch's Embedding: [...,width].
// Initial weights are uniform with variance 1/width. A token outside 0 … levels−1 is an error at run time that names
// the row.
func (s *Scope) Embedding(name string, tokens ad.Value, levels, width int) ad.Value {
	if tokens.DType() != ad.I32 {
		s.Refuse("layer %s: embeddings are of tokens, and %v are numbers; give a part with levels", s.prefix+name,
			tokens.Shape())
	}
	table := s.Param(name+".weight", uniform(width), levels, width)
	return ad.GatherNamed("layer "+s.prefix+name, table, tokens)
}

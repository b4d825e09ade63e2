package nn

import "github.com/seed9a7962a8/ito/ad"

// sequence is the one part that a network of sequences reads and writes: positions of channels, the leading axes being
// one row of positions.
type sequence struct {
	x      ad.Value // [L,C], or int32 tokens [L]
	length int
	levels int // > 0: tokens
	out    int // channels of the output
}

// sequenceOf lays the part flat: [L] is L positions of one number, [H,W,C] are H·W positions, tokens of any shape are
// as many positions.
func (s *Scope) sequenceOf(kind string, in Inputs) sequence {
	if len(in.X) != 1 || len(in.Ports.Out) != 1 {
		s.Refuse("%s reads one part and writes one, not %v and %v; take another network", kind, in.Ports.X,
			in.Ports.Out)
	}
	p, out := in.Ports.X[0], in.Ports.Out[0]
	q := sequence{levels: p.Levels, length: p.Size()}
	if p.Levels == 0 && len(p.Shape) > 1 {
		q.length /= p.Shape[len(p.Shape)-1]
	}
	if out.Size()%q.length != 0 || out.Size() < q.length {
		s.Refuse("%s writes as many positions as it reads: %v of %v are not %d positions", kind, out.Name, out.Shape,
			q.length)
	}
	q.out = out.Size() / q.length
	if q.levels > 0 {
		q.x = ad.Flatten(in.X[0])
	} else {
		q.x = ad.Reshape(ad.Cast(in.X[0], s.DType()), q.length, -1)
	}
	return q
}

// embed are the positions as width channels: the Linear "in" of numbers, the Embedding "in" of tokens.
func (q sequence) embed(s *Scope, width int) ad.Value {
	if q.levels > 0 {
		return s.Embedding("in", q.x, q.levels, width)
	}
	return s.Linear("in", q.x, width)
}

// head writes the output of channels h [L,W] by the Linear "out".
func (q sequence) head(s *Scope, h ad.Value, in Inputs) []ad.Value {
	return []ad.Value{ad.Reshape(s.Head("out", h, q.out), in.Ports.Out[0].Shape...)}
}

// flipped is x [L,...] from its last position to its first.
func flipped(s *Scope, x ad.Value) ad.Value {
	n := x.Shape()[0]
	at := make([]float64, n)
	for i := range at {
		at[i] = float64(n - 1 - i)
	}
	return ad.Gather(x, s.Graph().Const(ad.I32, at, n))
}

// later is x [L,C] one position later, with first [C] in front.
func later(x, first ad.Value) ad.Value {
	n, c := x.Shape()[0], x.Shape()[1]
	if n == 1 {
		return ad.Reshape(first, 1, c)
	}
	return ad.Concat(0, ad.Reshape(first, 1, c), ad.Slice(x, 0, 0, n-1))
}

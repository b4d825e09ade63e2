package nn

import "github.com/seed9a7962a8/ito/ad"

// Equivariant is a layer over nodes in space (Satorras et al. 2021, arXiv:2102.09844, eqs. 3 to 6): of positions
// x [n,d] and features h [n,C], with the messages m_ij of [Scope.Messages] whose e_ij is |x_i−x_j|²,
//
//	x_i ← x_i + 1/(n−1) Σ_{j≠i} (x_i−x_j)/(1+|x_i−x_j|) φ(m_ij),   h_i ← h_i + ψ(h_i, Σ_j m_ij).
//
// φ are the Linears "name.move.0" and "name.move.1" with SiLU between them, the second without a bias and with small
// initial weights. Turning, mirroring and moving the positions turns, mirrors and moves the result, and leaves h;
// another order of the nodes is another order of the result. n counts the nodes that mask [n] leaves; the others stay.
func (s *Scope) Equivariant(name string, x, h, mask ad.Value, hidden int) (positions, features ad.Value) {
	n, d := s.nodesOf(name, x), x.Shape()[1]
	delta := ad.Sub(ad.BroadcastTo(ad.Reshape(x, n, 1, d), n, n, d), ad.BroadcastTo(ad.Reshape(x, 1, n, d), n, n, d))
	square := ad.Sum(ad.Square(delta), -1)
	h, m := s.Messages(name, h, ad.Reshape(square, n, n, 1), mask, hidden)
	φ := ad.SiLU(s.Linear(name+".move.0", m, hidden))
	w := s.Param(name+".move.1.weight", Init{Bound: .001}, 1, hidden)
	by := ad.Reshape(ad.MatMulT(φ, w, false, true), n, n)
	by = ad.Mul(by, s.between(n, mask))
	by = ad.Div(by, ad.Shift(ad.Sqrt(ad.Shift(square, tiny)), 1))
	move := ad.Sum(perRow(delta, by), 1)
	if mask.IsZero() {
		return ad.Add(x, ad.Scale(move, 1/float64(max(n-1, 1)))), h
	}
	others := ad.Shift(ad.Sum(mask), -1)
	others = ad.Max(others, ad.BroadcastTo(s.Graph().Scalar(s.DType(), 1), others.Shape()...))
	return ad.Add(x, ad.Div(move, ad.BroadcastTo(others, n, d))), h
}

// tiny keeps the derivative of a distance finite where it is 0.
const tiny = 1e-8

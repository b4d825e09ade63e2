package ad

// Operations counts the arithmetic of a row: an element made or added up is one operation, a product of matrices
// [m,k]·[k,n] is 2mkn, a Cholesky factor or a triangular solve k for each element, and a loop its body as often as
// it runs. Values that all rows share are not counted. It depends on the trace alone, neither on the machine nor on
// a measurement, and says how programs compare, not how long they take.
func (p *Program) Operations() float64 { return p.operations }

// operations of a row of what the outputs of g need.
func operations(g *Graph) float64 {
	need := map[*node]bool{}
	for _, o := range g.outs {
		need[o.n] = true
	}
	sum := 0.
	for i := len(g.nodes) - 1; i >= 0; i-- {
		n := g.nodes[i]
		if !need[n] {
			continue
		}
		for _, m := range n.reads() {
			need[m] = true
		}
		if n.shared && n.op != opBatchSum && n.op != opBatchMax {
			continue
		}
		sum += operationsOf(n)
	}
	return sum
}

func operationsOf(n *node) float64 {
	most := n.size()
	for _, m := range n.in {
		if !m.shared {
			most = max(most, m.size())
		}
	}
	switch {
	case isAlias(n), isView(n), n.op == opInput, n.op == opConst, n.op == opPick:
		return 0
	case n.op == opConv, n.op == opConvInput, n.op == opConvKernel:
		return 2 * convProducts(n)
	case n.op == opMatMul:
		return 2 * float64(n.size()) * float64(productOf(n).k)
	case n.op == opAttention:
		return n.attr.(attention).operations()
	case n.op == opAttentionGrad:
		return 2 * n.attr.(attentionPart).operations() / 3 // a product made again, and one of its own
	case n.op == opLSTM, n.op == opLSTMGrad:
		if a := n.attr.(lstmPart); a.part == lstmStates {
			return a.operations()
		}
		return 0 // made beside the states
	case n.op == opCholesky, n.op == opCholeskyGrad, n.op == opSolve, n.op == opLinearSolve, n.op == opEigh,
		n.op == opExpm:
		return float64(n.size()) * float64(n.in[0].shape[len(n.in[0].shape)-1])
	case n.op == opLoop:
		a := n.attr.(*loopAttr)
		return float64(a.trips) * operations(a.body)
	}
	return float64(most)
}

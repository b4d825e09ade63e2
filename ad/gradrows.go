package ad

// GradRows is the gradient of a shared scalar, such as a mean over the batch, with respect to shared values, taken
// apart by rows: each is per-sample, and [BatchSum] of it is what [Grad] gives. It is made for each row of a block at a
// time, as large as the value. The scalar must be a sum over rows: what depends on several rows at once, such as a
// quotient of two sums, is not taken apart.
func GradRows(y Value, wrt ...Value) []Value {
	if y.Size() != 1 || !y.n.shared {
		fail("grad_rows", "needs a shared scalar, got %s", describe(y.n))
	}
	g := y.n.g.root.current
	r := newReverse(g, wrt, false)
	r.push(g.here(y.n, "grad_rows"), full(y, 1))
	grads := r.run()
	for i, x := range grads {
		if x.IsZero() {
			x = Zeros(wrt[i])
		}
		grads[i] = Rows(x)
	}
	return grads
}

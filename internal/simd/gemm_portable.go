package simd

// The portable bodies add in the same order as the vector routines, and round each product before the sum:
// the conversion keeps the compiler from fusing the two on machines where it would.

// portableNN computes C = A·B, or C += A·B, two rows by four columns at a time.
func (s *strip[T]) portableNN() {
	i := 0
	for ; i+2 <= s.m; i += 2 {
		c0, c1 := s.c[i*s.ldc:][:s.n], s.c[(i+1)*s.ldc:][:s.n]
		a0, a1 := s.rowA(i), s.rowA(i+1)
		j := 0
		for ; j+4 <= s.n; j += 4 {
			var x00, x01, x02, x03, x10, x11, x12, x13 T
			if s.acc {
				x00, x01, x02, x03 = c0[j], c0[j+1], c0[j+2], c0[j+3]
				x10, x11, x12, x13 = c1[j], c1[j+1], c1[j+2], c1[j+3]
			}
			for p, y0 := range a0 {
				y1 := a1[p]
				b := s.b[p*s.ldb+j:][:4:4]
				x00 += T(y0 * b[0])
				x01 += T(y0 * b[1])
				x02 += T(y0 * b[2])
				x03 += T(y0 * b[3])
				x10 += T(y1 * b[0])
				x11 += T(y1 * b[1])
				x12 += T(y1 * b[2])
				x13 += T(y1 * b[3])
			}
			c0[j], c0[j+1], c0[j+2], c0[j+3] = x00, x01, x02, x03
			c1[j], c1[j+1], c1[j+2], c1[j+3] = x10, x11, x12, x13
		}
		s.portableRow(c0, a0, j)
		s.portableRow(c1, a1, j)
	}
	if i < s.m {
		s.portableRow(s.c[i*s.ldc:][:s.n], s.rowA(i), 0)
	}
}

// rowA returns the k elements of row i; A may be cut off behind its last element, or be empty when k is 0.
func (s *strip[T]) rowA(i int) []T {
	if s.k == 0 {
		return nil
	}
	return s.a[i*s.lda:][:s.k]
}

// portableRow computes one row from column j on.
func (s *strip[T]) portableRow(c, a []T, j int) {
	for ; j < s.n; j++ {
		var x T
		if s.acc {
			x = c[j]
		}
		for p, y := range a {
			x += T(y * s.b[p*s.ldb+j])
		}
		c[j] = x
	}
}

// portableTN computes C = Aᵀ·B, or C += Aᵀ·B, four terms of all sums at a time.
func (s *strip[T]) portableTN() {
	if !s.acc {
		for i := range s.m {
			clear(s.c[i*s.ldc:][:s.n])
		}
	}
	p := 0
	for ; p+4 <= s.k; p += 4 {
		b0 := s.rowB(p)
		b1, b2, b3 := s.rowB(p + 1)[:len(b0)], s.rowB(p + 2)[:len(b0)], s.rowB(p + 3)[:len(b0)]
		a1, a2, a3 := s.a[(p+1)*s.lda:][:s.m], s.a[(p+2)*s.lda:][:s.m], s.a[(p+3)*s.lda:][:s.m]
		for i, y0 := range s.a[p*s.lda:][:s.m] {
			y1, y2, y3 := a1[i], a2[i], a3[i]
			c := s.c[i*s.ldc:][:len(b0)]
			for j, x := range c {
				x += T(y0 * b0[j])
				x += T(y1 * b1[j])
				x += T(y2 * b2[j])
				x += T(y3 * b3[j])
				c[j] = x
			}
		}
	}
	for ; p < s.k; p++ {
		b := s.rowB(p)
		for i, y := range s.a[p*s.lda:][:s.m] {
			c := s.c[i*s.ldc:][:s.n]
			for j, x := range b {
				c[j] += T(y * x)
			}
		}
	}
}

// rowB returns the n elements of term p.
func (s *strip[T]) rowB(p int) []T { return s.b[p*s.ldb:][:s.n] }

// portablePanels is portableNN of panels of A that lie lda elements apart.
func (s *strip[T]) portablePanels() {
	h := panelRows()
	rows := make([]T, h*s.k)
	for i := 0; i < s.m; i += h {
		transposePortable(rows, s.k, s.a[i/h*s.lda:], h, s.k, h)
		block := *s
		block.c, block.a, block.lda, block.m = s.c[i*s.ldc:], rows, s.k, min(h, s.m-i)
		block.portableNN()
	}
}

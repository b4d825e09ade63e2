package ad

import "github.com/seed9a7962a8/ito/internal/simd"

// solveBlocked solves L X = B or Lᵀ X = B [d,m] in place.
func solveBlocked(x, l []float64, d, m int, trans bool) {
	if m == 1 {
		solveVector(x, l, d, trans)
		return
	}
	w := borrow(nb*nb + 2*nb*max(m, d))
	defer give(w)
	inv, tmp, neg := (*w)[:nb*nb], (*w)[nb*nb:nb*nb+nb*m], (*w)[nb*nb+nb*max(m, d):]
	first, step, end := 0, nb, (d+nb-1)/nb*nb
	if trans {
		first, step, end = (d-1)/nb*nb, -nb, -nb
	}
	for from := first; from != end; from += step {
		b := min(nb, d-from)
		rows := x[from*m : (from+b)*m]
		switch {
		case !trans && from > 0:
			negated(neg, l[from*d:], d, b, from)
			simd.GemmNN64(rows, m, neg, from, x, m, b, m, from, true)
		case trans && from+b < d:
			rest := d - from - b
			n := borrow(rest * b)
			negated(*n, l[(from+b)*d+from:], d, rest, b)
			simd.GemmTN64(rows, m, *n, b, x[(from+b)*m:], m, rest, m, b, true)
			give(n)
		}
		invertLower(inv, l[from*d+from:], d, b)
		copy(tmp, rows)
		if trans {
			simd.GemmTN64(rows, m, inv, b, tmp, m, b, m, b, false)
		} else {
			simd.GemmNN64(rows, m, inv, b, tmp, m, b, m, b, false)
		}
	}
}

// solveVector solves for one column, along the rows of L either way.
func solveVector(x, l []float64, d int, trans bool) {
	if trans {
		for i := d - 1; i >= 0; i-- {
			row := l[i*d : i*d+i]
			v := x[i] / l[i*d+i]
			x[i] = v
			for j, c := range row {
				x[j] -= c * v
			}
		}
		return
	}
	for i := range d {
		row := l[i*d : i*d+i]
		var s [4]float64
		k := 0
		for ; k+4 <= len(row); k += 4 {
			s[0] += row[k] * x[k]
			s[1] += row[k+1] * x[k+1]
			s[2] += row[k+2] * x[k+2]
			s[3] += row[k+3] * x[k+3]
		}
		for ; k < len(row); k++ {
			s[0] += row[k] * x[k]
		}
		x[i] = (x[i] - (s[0] + s[1]) - (s[2] + s[3])) / l[i*d+i]
	}
}

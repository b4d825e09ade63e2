package simd

// cutSide is the number of sums that vector code takes side by side.
const cutSide = 32

// CutSums64 replaces every number x of sums by
//
//	Σ_k max(−bound, min(bound, x − v_k)),
//
// summed in the order of k; a NaN stays one. All levels give the same bits.
func CutSums64(sums, v []float64, bound float64) {
	for i := 0; i < len(sums); i += cutSide {
		some := sums[i:min(i+cutSide, len(sums))]
		if level == portable || len(some) == 1 {
			cutSums(some, v, bound)
			continue
		}
		var x, row [cutSide]float64
		copy(x[:], some)
		for part := newCut(len(v), cutPart); part.next(); {
			if part.len() > 0 {
				cutSumsVec(&row, &x, v[part.from:part.end], bound, len(some))
			}
		}
		copy(some, row[:])
	}
}

// cutPart is the most differences that one call of vector code takes.
const cutPart = 1 << 12

// cutSums has four sums side by side: one alone waits for its additions.
func cutSums(sums, v []float64, bound float64) {
	i := 0
	for ; i+4 <= len(sums); i += 4 {
		x := (*[4]float64)(sums[i:])
		var a [4]float64
		for _, l := range v {
			a[0] += within(x[0]-l, bound)
			a[1] += within(x[1]-l, bound)
			a[2] += within(x[2]-l, bound)
			a[3] += within(x[3]-l, bound)
		}
		*x = a
	}
	for ; i < len(sums); i++ {
		a := 0.0
		for _, l := range v {
			a += within(sums[i]-l, bound)
		}
		sums[i] = a
	}
}

// within is v between −bound and bound.
func within(v, bound float64) float64 {
	if v > bound {
		return bound
	}
	if v < -bound {
		return -bound
	}
	return v
}

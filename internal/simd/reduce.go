package simd

// Sums run in four groups of lanes, 16 of float32 or 8 of float64 each: element i goes to lane i modulo the 64 or
// 32 of them. The groups are then joined, (0+1)+(2+3), and the halves of what is left, down to one lane. All levels
// give the same bits. Vectors longer than reduceChunk are summed in pieces of that length, whose sums are added in
// order.

const (
	// reduceChunk bounds the elements of one call of assembly, at some 0.1 ns each.
	reduceChunk = 1 << 16
	reduceBytes = 256 // all lanes together
)

// Sum32 returns Σ x[i].
func Sum32(x []float32) float32 {
	var total float32
	for {
		n := min(len(x), reduceChunk)
		total += sum32(x[:n])
		if x = x[n:]; len(x) == 0 {
			return total
		}
	}
}

// Sum64 is [Sum32] for float64.
func Sum64(x []float64) float64 {
	var total float64
	for {
		n := min(len(x), reduceChunk)
		total += sum64(x[:n])
		if x = x[n:]; len(x) == 0 {
			return total
		}
	}
}

// SumRows32 sets dst[r] to the sum of row r of x [rows,cols], len(dst) rows: the bits of [Sum32] of it.
func SumRows32(dst, x []float32, cols int) { sumRows(dst, x, cols) }

// SumRows64 is [SumRows32] for float64.
func SumRows64(dst, x []float64, cols int) { sumRows(dst, x, cols) }

func sumRows[T real](dst, x []T, cols int) {
	checkLen(cols >= 0 && len(x) == len(dst)*cols)
	switch {
	case cols == 0:
		clear(dst)
		return
	case cols > reduceChunk:
		for r := range dst {
			dst[r] = sumLong(x[r*cols : (r+1)*cols])
		}
		return
	}
	// A short row takes as long as some sixty numbers of a long one.
	step := max(1, reduceChunk/4/(cols+64))
	for r := 0; r < len(dst); r += step {
		n := min(step, len(dst)-r)
		sumRowsOnce(dst[r:r+n], x[r*cols:(r+n)*cols], cols)
	}
}

func sumLong[T real](x []T) T {
	switch x := any(x).(type) {
	case []float32:
		return T(Sum32(x))
	case []float64:
		return T(Sum64(x))
	}
	return 0
}

// ColMaxAcc32 sets acc[j] to the largest of itself and x[r·ld+j] for the rows 0 … rows−1, for the columns 0 … cols−1. A
// NaN in x is passed over, and one in acc stays. len(acc) ≥ cols, ld ≥ cols.
func ColMaxAcc32(acc, x []float32, rows, cols, ld int) { columns(acc, x, rows, cols, ld, true) }

// ColMaxAcc64 is [ColMaxAcc32] for float64.
func ColMaxAcc64(acc, x []float64, rows, cols, ld int) { columns(acc, x, rows, cols, ld, true) }

// ColSumAcc32 adds Σ_r x[r·ld+j] to acc[j] for the rows 0 … rows−1 and the columns 0 … cols−1, in the order
// of r. len(acc) ≥ cols, ld ≥ cols.
func ColSumAcc32(acc, x []float32, rows, cols, ld int) { columns(acc, x, rows, cols, ld, false) }

// ColSumAcc64 is [ColSumAcc32] for float64.
func ColSumAcc64(acc, x []float64, rows, cols, ld int) { columns(acc, x, rows, cols, ld, false) }

func columns[T real](acc, x []T, rows, cols, ld int, largest bool) {
	if rows <= 0 || cols <= 0 {
		return
	}
	checkLen(ld >= cols && len(acc) >= cols && len(x) >= (rows-1)*ld+cols)
	wide := min(cols, reduceChunk/4)
	step := max(1, reduceChunk/4/wide)
	for j := 0; j < cols; j += wide {
		m := min(wide, cols-j)
		for r := 0; r < rows; r += step {
			n := min(step, rows-r)
			from := r*ld + j
			if largest {
				colMaxAccOnce(acc[j:j+m], x[from:from+(n-1)*ld+m], n, ld)
			} else {
				colSumAccOnce(acc[j:j+m], x[from:from+(n-1)*ld+m], n, ld)
			}
		}
	}
}

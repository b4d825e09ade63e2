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

// ColSumAcc32 adds Σ_r x[r·ld+j] to acc[j] for the rows 0 … rows−1 and the columns 0 … cols−1, in the order
// of r. len(acc) ≥ cols, ld ≥ cols.
func ColSumAcc32(acc, x []float32, rows, cols, ld int) { colSumAcc(acc, x, rows, cols, ld) }

// ColSumAcc64 is [ColSumAcc32] for float64.
func ColSumAcc64(acc, x []float64, rows, cols, ld int) { colSumAcc(acc, x, rows, cols, ld) }

func colSumAcc[T real](acc, x []T, rows, cols, ld int) {
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
			colSumAccOnce(acc[j:j+m], x[from:from+(n-1)*ld+m], n, ld)
		}
	}
}

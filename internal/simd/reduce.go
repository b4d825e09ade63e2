package simd

import "math"

// Sums, scalar products and maxima run in four groups of lanes, 16 of float32 or 8 of float64 each: element i
// goes to lane i modulo the 64 or 32 of them. The groups are then joined, (0+1)+(2+3), and the halves of what
// is left, down to one lane. All levels give the same bits. Vectors longer than reduceChunk are reduced in
// pieces of that length, whose results are joined in order.

const (
	// reduceChunk bounds the elements of one call of assembly, at some 0.1 ns each.
	reduceChunk = 1 << 16
	reduceBytes = 256 // all lanes together
)

// Sum32 returns Σ x[i].
func Sum32(x []float32) float32 { return reduceRow(sums32, x) }

// Sum64 returns Σ x[i].
func Sum64(x []float64) float64 { return reduceRow(sums64, x) }

// RowSums32 sets dst[r] = [Sum32] of x[r·cols : (r+1)·cols] for rows rows.
func RowSums32(dst, x []float32, rows, cols int) { reduceRows(sums32, dst, x, rows, cols) }

// RowSums64 sets dst[r] = [Sum64] of x[r·cols : (r+1)·cols] for rows rows.
func RowSums64(dst, x []float64, rows, cols int) { reduceRows(sums64, dst, x, rows, cols) }

// MaxReduce32 returns the largest x[i], NaN when one is NaN, −∞ when there is none. Of zeros of both signs it
// returns either.
func MaxReduce32(x []float32) float32 { return reduceRow(maxes32, x) }

// MaxReduce64 is [MaxReduce32] for float64.
func MaxReduce64(x []float64) float64 { return reduceRow(maxes64, x) }

// Dot32 returns Σ a[i]·b[i], each product rounded together with its sum.
func Dot32(a, b []float32) float32 {
	checkLen(len(a) == len(b))
	var total float32
	for {
		n := min(len(a), reduceChunk)
		total += dot32(a[:n], b[:n])
		if a, b = a[n:], b[n:]; len(a) == 0 {
			return total
		}
	}
}

// Dot64 is [Dot32] for float64.
func Dot64(a, b []float64) float64 {
	checkLen(len(a) == len(b))
	var total float64
	for {
		n := min(len(a), reduceChunk)
		total += dot64(a[:n], b[:n])
		if a, b = a[n:], b[n:]; len(a) == 0 {
			return total
		}
	}
}

// SumSq32 returns Σ x[i]², as [Dot32] of x with itself.
func SumSq32(x []float32) float32 { return Dot32(x, x) }

// SumSq64 returns Σ x[i]², as [Dot64] of x with itself.
func SumSq64(x []float64) float64 { return Dot64(x, x) }

// ColSumAcc32 adds Σ_r x[r·ld+j] to acc[j] for the rows 0 … rows−1 and the columns 0 … cols−1, in the order
// of r. len(acc) ≥ cols, ld ≥ cols.
func ColSumAcc32(acc, x []float32, rows, cols, ld int) { colSumAcc(colSums32, acc, x, rows, cols, ld) }

// ColSumAcc64 is [ColSumAcc32] for float64.
func ColSumAcc64(acc, x []float64, rows, cols, ld int) { colSumAcc(colSums64, acc, x, rows, cols, ld) }

// reduction names a routine, because a function value would make its arguments escape.
type reduction uint8

const (
	sums32 reduction = iota
	sums64
	maxes32
	maxes64
	colSums32
	colSums64
)

// join puts the result of a further piece to a total.
func (k reduction) isMax() bool { return k == maxes32 || k == maxes64 }

func reduceRow[T real](k reduction, x []T) T {
	var dst [1]T
	reduceRows(k, dst[:], x, 1, len(x))
	return dst[0]
}

func reduceRows[T real](k reduction, dst, x []T, rows, cols int) {
	checkLen(rows >= 0 && cols >= 0 && len(dst) == rows && len(x) == rows*cols)
	if cols > reduceChunk {
		var piece [1]T
		for r := range dst {
			row := x[r*cols : (r+1)*cols]
			reduceRowsOnce(k, dst[r:r+1], row[:reduceChunk], reduceChunk)
			for row = row[reduceChunk:]; len(row) > 0; row = row[min(len(row), reduceChunk):] {
				reduceRowsOnce(k, piece[:], row[:min(len(row), reduceChunk)], min(len(row), reduceChunk))
				if k.isMax() {
					dst[r] = max(dst[r], piece[0])
				} else {
					dst[r] += piece[0]
				}
			}
		}
		return
	}
	if cols == 0 {
		empty := T(0)
		if k.isMax() {
			empty = T(math.Inf(-1))
		}
		for r := range dst {
			dst[r] = empty
		}
		return
	}
	for step := max(1, reduceChunk/max(cols, reduceBytes/8)); rows > 0; {
		n := min(rows, step)
		reduceRowsOnce(k, dst[:n], x[:n*cols], cols)
		dst, x, rows = dst[n:], x[n*cols:], rows-n
	}
}

func colSumAcc[T real](k reduction, acc, x []T, rows, cols, ld int) {
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
			colSumAccOnce(k, acc[j:j+m], x[from:from+(n-1)*ld+m], n, ld)
		}
	}
}

package simd

import "unsafe"

func sumPortable[T real](x []T) T {
	var lane [reduceBytes / 4]T
	lanes := reduceBytes / int(unsafe.Sizeof(lane[0]))
	for i, v := range x {
		lane[i%lanes] += v
	}
	return joinLanes(lane[:lanes])
}

// joinLanes adds the four groups of lanes and then the halves of what is left.
func joinLanes[T real](lane []T) T {
	group := len(lane) / 4
	for i := range group {
		lane[i] = (lane[i] + lane[group+i]) + (lane[2*group+i] + lane[3*group+i])
	}
	for n := group / 2; n > 0; n /= 2 {
		for i := range n {
			lane[i] += lane[n+i]
		}
	}
	return lane[0]
}

func colSumAccPortable[T real](acc, x []T, rows, ld int) {
	for r := range rows {
		for j, v := range x[r*ld : r*ld+len(acc)] {
			acc[j] += v
		}
	}
}

func colMaxAccPortable[T real](acc, x []T, rows, ld int) {
	for r := range rows {
		for j, v := range x[r*ld : r*ld+len(acc)] {
			if v > acc[j] {
				acc[j] = v
			}
		}
	}
}

func sumRowsPortable[T real](dst, x []T, cols int) {
	for r := range dst {
		dst[r] = sumPortable(x[r*cols : (r+1)*cols])
	}
}

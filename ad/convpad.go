package ad

// PadMode is what an image is continued with beyond its edges.
type PadMode uint8

// The modes of padding.
const (
	PadZero     PadMode = iota // zeros
	PadReflect                 // the image mirrored at its first and last pixel, which are not repeated
	PadCircular                // the image once more
)

func (m PadMode) String() string { return [...]string{"zero", "reflect", "circular"}[m] }

// padding is how a padded image [len(rows),len(cols),c] is read from an image [h,w,c]: where each row and each column
// comes from, −1 for zeros.
type padding struct {
	rows, cols []int
	left, w, c int
	h          int
	mode       PadMode
}

func (a convAttr) padding(c int) *padding {
	if a.pad == [2][2]int{} {
		return nil
	}
	return &padding{rows: padSources(a.h, a.pad[0], a.mode), cols: padSources(a.w, a.pad[1], a.mode),
		left: a.pad[1][0], h: a.h, w: a.w, c: c, mode: a.mode}
}

func padSources(n int, pad [2]int, mode PadMode) []int {
	at := make([]int, pad[0]+n+pad[1])
	for i := range at {
		j := i - pad[0]
		switch {
		case j >= 0 && j < n:
		case mode == PadReflect && j < 0:
			j = -j
		case mode == PadReflect:
			j = 2*(n-1) - j
		case mode == PadCircular:
			j = (j + n) % n
		default:
			j = -1
		}
		at[i] = j
	}
	return at
}

// size is the number of elements of the padded image.
func (p *padding) size() int { return len(p.rows) * len(p.cols) * p.c }

// pad writes the padded image.
func pad2[T float32 | float64](dst, src []T, p *padding) {
	wide, row := len(p.cols)*p.c, p.w*p.c
	for i, y := range p.rows {
		d := dst[i*wide : (i+1)*wide]
		if y < 0 {
			clear(d)
			continue
		}
		s := src[y*row : (y+1)*row]
		copy(d[p.left*p.c:], s)
		if p.mode == PadZero {
			clear(d[:p.left*p.c])
			clear(d[p.left*p.c+row:])
			continue
		}
		for j, x := range p.cols {
			if j < p.left || j >= p.left+p.w {
				copy(d[j*p.c:(j+1)*p.c], s[x*p.c:])
			}
		}
	}
}

// fold2 is the adjoint of pad2: what lies on the padding is added where it was read from, row by row.
func fold2[T float32 | float64](dst, src []T, p *padding) {
	wide, row := len(p.cols)*p.c, p.w*p.c
	if p.mode == PadZero {
		for i, y := range p.rows {
			if y >= 0 {
				copy(dst[y*row:(y+1)*row], src[i*wide+p.left*p.c:])
			}
		}
		return
	}
	clear(dst[:p.h*row])
	for i, y := range p.rows {
		d, s := dst[y*row:(y+1)*row], src[i*wide:(i+1)*wide]
		addTo(d, s[p.left*p.c:][:row])
		for j, x := range p.cols {
			if j < p.left || j >= p.left+p.w {
				addTo(d[x*p.c:(x+1)*p.c], s[j*p.c:(j+1)*p.c])
			}
		}
	}
}

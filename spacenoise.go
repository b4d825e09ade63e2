package ito

import (
	"github.com/seed9a7962a8/ito/rng"
)

// Noise is n seen in the space: its normals are projected. Where the space has a mask, c holds that of the rows
// with the given ids, and noise for other rows is left as it is.
func (s Space) Noise(n Noise, ids []uint64, c Cond) Noise {
	if s.Free() {
		return n
	}
	out := spaceNoise{Noise: n, space: s, cond: c}
	if s.Mask != nil {
		out.row = make(map[uint64]int, len(ids))
		for i, id := range ids {
			out.row[id] = i
		}
	}
	return out
}

type spaceNoise struct {
	Noise
	space Space
	cond  Cond
	row   map[uint64]int // of an id in cond, where there is a mask
}

// Normal implements Noise. Rows of another dimension are left as they are.
func (s spaceNoise) Normal(dst States, p rng.Purpose, step, sub uint32) {
	s.Noise.Normal(dst, p, step, sub)
	if dst.D != s.space.Dim() {
		return
	}
	for i, id := range dst.ID {
		c := s.cond
		if s.row != nil {
			k, known := s.row[id]
			if !known {
				continue
			}
			c = s.cond.Slice(k, k+1)
		}
		_ = s.space.Project(dst.Slice(i, i+1), c) // the widths were checked with the rows
	}
}

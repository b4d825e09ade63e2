package nn

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito/ad"
)

// UNet are the settings that U-Nets over images and over sequences share: the architecture of DDPM (Ho et al. 2020,
// arXiv:2006.11239, appendix B) with the residual blocks of ADM (Dhariwal & Nichol 2021, arXiv:2105.05233). At every
// level stand Blocks residual blocks on the way down and Blocks + 1 on the way up, each of which reads what the way
// down wrote at its place; between levels axes are halved and doubled. Every zero value is its default.
type UNet struct {
	// channels of the first level; 0 means 32
	Base int `json:"base,omitempty" default:"32" min:"1" max:"65536" help:"Channels of the first level."`
	// what the channels of each level are a multiple of Base by, level by level; "" means 1-2-2
	Mult string `json:"mult,omitempty" default:"1-2-2" help:"Channels of each level in multiples of base, joined by -."`
	// residual blocks of a level on the way down; 0 means 1
	Blocks int `json:"blocks,omitempty" default:"1" min:"1" max:"100" help:"Residual blocks of a level."`
	// levels whose blocks have attention, from 0, the finest; "" means the coarsest alone
	Attention string `json:"attention,omitempty" help:"Levels with attention from 0 (finest), joined by -, none or all; default the coarsest."`
	// heads of attention; 0 means 1
	Heads int `json:"heads,omitempty" default:"1" min:"1" max:"65536" help:"Heads of attention."`
	// groups of channels of the norms; 0 means 8
	Groups  int     `json:"groups,omitempty" default:"8" min:"1" max:"65536" help:"Groups of channels of the norms."`
	Dropout float64 `json:"dropout,omitempty" min:"0" below:"1" help:"Share of numbers that a step of training leaves out."`
}

// resolve fills the defaults in and checks what does not depend on the states.
func (c UNet) resolve() (UNet, error) {
	c.Base, c.Blocks = cmp.Or(c.Base, 32), cmp.Or(c.Blocks, 1)
	c.Heads, c.Groups, c.Mult = cmp.Or(c.Heads, 1), cmp.Or(c.Groups, 8), cmp.Or(c.Mult, "1-2-2")
	for _, f := range []struct {
		name   string
		v, max int
	}{{"base", c.Base, 1 << 16}, {"blocks", c.Blocks, 100}, {"heads", c.Heads, 1 << 16},
		{"groups", c.Groups, 1 << 16}} {
		if f.v < 1 || f.v > f.max {
			return c, &ConfigError{f.name, fmt.Sprintf("%d is not between 1 and %d", f.v, f.max)}
		}
	}
	if !(c.Dropout >= 0 && c.Dropout < 1) {
		return c, &ConfigError{"dropout", fmt.Sprintf("%g is not 0 or more and less than 1", c.Dropout)}
	}
	mult, err := numbersOf("mult", c.Mult, 1, 1<<10)
	if err != nil {
		return c, err
	}
	if len(mult) > 16 {
		return c, &ConfigError{"mult", fmt.Sprintf("%d levels; there can be 16", len(mult))}
	}
	if c.Attention == "" {
		c.Attention = strconv.Itoa(len(mult) - 1)
	}
	levels, err := c.attends()
	if err != nil {
		return c, err
	}
	for i, m := range mult {
		switch ch := m * c.Base; {
		case ch > 1<<20:
			return c, &ConfigError{"mult", fmt.Sprintf("%d times %d channels at level %d; there can be %d", m, c.Base,
				i, 1<<20)}
		case ch%c.Groups != 0:
			return c, &ConfigError{"groups", fmt.Sprintf("%d do not divide the %d channels of level %d; give groups "+
				"that do, or a base that is a multiple of them", c.Groups, ch, i)}
		case (slices.Contains(levels, i) || i == len(mult)-1) && ch%c.Heads != 0:
			return c, &ConfigError{"heads", fmt.Sprintf("%d do not divide the %d channels of level %d; give heads "+
				"that do", c.Heads, ch, i)}
		}
	}
	return c, nil
}

// numbersOf reads whole numbers joined by -.
func numbersOf(field, text string, least, most int) ([]int, error) {
	var out []int
	for w := range strings.SplitSeq(text, "-") {
		n, err := strconv.Atoi(w)
		if err != nil || n < least || n > most {
			return nil, &ConfigError{field, fmt.Sprintf("%q holds %q where whole numbers between %d and %d are joined "+
				"by -; write it as 1-2-2", text, w, least, most)}
		}
		out = append(out, n)
	}
	return out, nil
}

// mult are the multiples of a resolved config.
func (c UNet) mult() []int {
	m, _ := numbersOf("mult", c.Mult, 1, 1<<10)
	return m
}

// attends are the levels whose blocks have attention; the one between the two ways has it always.
func (c UNet) attends() ([]int, error) {
	mult := c.mult()
	switch c.Attention {
	case "none":
		return nil, nil
	case "all":
		var all []int
		for i := range mult {
			all = append(all, i)
		}
		return all, nil
	}
	return numbersOf("attention", c.Attention, 0, len(mult)-1)
}

// trace traces the network over x [L,C] or [H,W,C] to as many channels as out says.
func (c UNet) trace(s *Scope, x, emb ad.Value, out int) ad.Value {
	mult := c.mult()
	attends, err := c.attends()
	if err != nil {
		s.Refuse("%v", err)
	}
	c.checkSize(s, x, len(mult))
	block := func(r *Scope, name string, h ad.Value, level int, attend bool) ad.Value {
		h = r.ResBlock(name, h, emb, ResBlock{Out: c.Base * mult[level], Groups: c.Groups, Dropout: c.Dropout})
		if attend {
			h = c.attend(r.Within("%s", name), h)
		}
		return h
	}
	h := s.convolve("in", x, c.Base, Conv{})
	kept := []ad.Value{h}
	for i := range mult {
		r := s.Within("down%d", i)
		for b := range c.Blocks {
			h = block(r, strconv.Itoa(b), h, i, slices.Contains(attends, i))
			kept = append(kept, h)
		}
		if i < len(mult)-1 {
			h = r.Downsample("downsample", h)
			kept = append(kept, h)
		}
	}
	last := len(mult) - 1
	m := s.Within("middle")
	h = block(m, "0", h, last, c.Attention != "none")
	h = block(m, "1", h, last, false)
	for i := last; i >= 0; i-- {
		r := s.Within("up%d", i)
		for b := range c.Blocks + 1 {
			k := len(kept) - 1
			h = ad.Concat(h.Rank()-1, h, kept[k])
			kept = kept[:k]
			h = block(r, strconv.Itoa(b), h, i, slices.Contains(attends, i))
		}
		if i > 0 {
			h = r.Upsample("upsample", h)
		}
	}
	return s.convolve("out", ad.SiLU(s.GroupNorm("norm", h, c.Groups)), out, Conv{Zero: true})
}

// attend adds what attention over all pixels makes of h, normalised.
func (c UNet) attend(s *Scope, h ad.Value) ad.Value {
	shape := h.Shape()
	ch := shape[len(shape)-1]
	flat := ad.Reshape(s.GroupNorm("norm", h, c.Groups), -1, ch)
	return ad.Add(h, ad.Reshape(s.Attention("attn", flat, Attention{Heads: c.Heads}), shape...))
}

// checkSize refuses axes that cannot be halved at every level.
func (c UNet) checkSize(s *Scope, x ad.Value, levels int) {
	by := int(math.Exp2(float64(levels - 1)))
	for _, n := range x.Shape()[:x.Rank()-1] {
		if n%by != 0 {
			s.Refuse("%s are halved %d times by %d levels, and %d is no multiple of %d; give fewer levels in mult, or "+
				"states of such a size", sizeText(x.Shape()), levels-1, levels, n, by)
		}
	}
}

// onePart is the part that a network of convolutions reads, with so many axes, and the channels that it writes. One
// axis less is one channel, and a last axis of 1 that is one too many, as files of three axes have, is left out.
func onePart(s *Scope, in Inputs, axes int, kind, what string) (x ad.Value, out int) {
	if len(in.X) != 1 || len(in.Ports.Out) != 1 || in.Ports.X[0].Levels > 0 {
		s.Refuse("%s reads and writes one part of numbers, %s, not %d parts to %d; give the state one part without "+
			"levels", kind, what, len(in.X), len(in.Ports.Out))
	}
	for _, p := range in.Ports.Cond {
		if p.Name == "mask" {
			s.Refuse("%s has no place for a mask; give the state no mask, or take a network over nodes", kind)
		}
	}
	x = in.X[0]
	shape, to := x.Shape(), in.Ports.Out[0].Shape
	fit := func(shape []int) []int {
		switch n := len(shape); {
		case n == axes-1:
			return append(slices.Clone(shape), 1)
		case n == axes+1 && shape[axes] == 1:
			return shape[:axes]
		}
		return shape
	}
	shape, to = fit(shape), fit(to)
	if len(shape) != axes || len(to) != axes || !slices.Equal(shape[:axes-1], to[:axes-1]) {
		s.Refuse("%s reads %s and writes the same with any channels, not %v to %v; give states of such a shape", kind,
			what, x.Shape(), in.Ports.Out[0].Shape)
	}
	return ad.Reshape(x, shape...), to[axes-1]
}

package advise

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// Beginning is what [Cover] decides, and why.
type Beginning struct {
	Extent    Extent
	Reference infer.Reference // from which the method begins
	Why       string
	Warning   string // when modes lie where the method begins without mass
}

// Cover looks whether the normal from which the method begins on a target has mass at the modes that a [Survey]
// finds. Where it has not, and the settings give no scale, smc and ais begin from one that covers the modes, which
// s.Reference then holds; and where it finds at most one mode, and the settings give neither scale nor whitening,
// pdds begins from a mean-field fit, which s.Whiten then says. What is given stays, and so do pis and dds, and pdds
// of several modes, which a wide normal makes harder to train or to run, and the methods that always begin from
// N(0, I): these have a warning, and so have a mean-field fit of several modes and modes that are too narrow for
// the normal that covers them. Methods that begin otherwise have the zero Beginning.
func Cover(ctx context.Context, m infer.Method, t ito.Target, s *infer.Settings) (Beginning, error) {
	var b Beginning
	if !m.FromNormal() {
		return b, nil
	}
	var err error
	if b.Extent, err = Survey(ctx, t, s.Seed); err != nil {
		return b, err
	}
	if s.Whiten == "meanfield" { // its fit decides the beginning, near one of the modes
		if b.Extent.Modes > 1 {
			b.Warning = fmt.Sprintf("%v, and a mean-field fit holds one or a few of them: modes can be missed; use "+
				"`whiten=none`, or pt", b.Extent)
		}
		return b, nil
	}
	given := s.Scale > 0 && m.Start != infer.UnitNormal
	if m.MeanField && b.Extent.Modes < 2 && !given && (s.Whiten == "" || s.Whiten == "auto") {
		s.Whiten = "meanfield"
		b.Why = fmt.Sprintf("%v: %s begins from a mean-field fit (`whiten=none`, from N(0, I))", b.Extent, m.Name)
		return b, nil
	}
	if given {
		b.Reference = infer.Reference{SD: []float64{s.Scale * cmp.Or(m.Unit, 1)}}
	}
	if m.Start == infer.AnyNormal && !given {
		if err := b.Extent.Roam(ctx, t, s.Seed); err != nil {
			return b, err
		}
	}
	const little = "has too little mass: modes can be missed"
	covered := b.Extent.Covered(b.Reference)
	switch {
	case covered && m.Start == infer.ScaleNormal && given && b.Extent.Modes > 1 && narrowFor(m, b.Extent, s.Scale):
		b.Warning = fmt.Sprintf("%v, one of sd %.2g, too narrow for %s to reach from the normal of `scale=%g`: log Z "+
			"and shares can be far off; use smc or pt", b.Extent, b.Extent.Least, m.Name, s.Scale)
	case covered && (m.Start != infer.AnyNormal || !b.Extent.Narrow(b.Reference)):
	case m.Start == infer.AnyNormal && !given:
		b.Reference = b.Extent.Reference()
		s.Reference = &b.Reference
		b.Why = fmt.Sprintf("%v: %s begins from a normal fitted to them, %v", b.Extent, m.Name, b.Reference)
	case m.Start == infer.AnyNormal && covered:
		b.Warning = fmt.Sprintf("%v, where the density is wider than the normal of `scale=%g`: log Z can be too low; "+
			"leave `scale` out and a normal is fitted", b.Extent, s.Scale)
	case m.Start == infer.AnyNormal:
		b.Warning = fmt.Sprintf("%v, where the normal of `scale=%g` %s; leave `scale` out and a normal is fitted",
			b.Extent, s.Scale, little)
	case m.Start == infer.ScaleNormal:
		b.Warning = fmt.Sprintf("%v, where the normal from which %s begins %s; %s", b.Extent, m.Name, little,
			remedy(m, b.Extent, *s))
	default:
		b.Warning = fmt.Sprintf("%v, where N(0, I), from which %s begins, %s; use smc, pt or dilation, or other units",
			b.Extent, m.Name, little)
	}
	return b, nil
}

// remedy is what to do where the normal of a method that can be told its scale does not cover the modes.
func remedy(m infer.Method, e Extent, s infer.Settings) string {
	scale := scaleFor(m, e)
	switch {
	case e.Modes == 1:
		return "`whiten=meanfield` begins from a normal fitted there, as smc does by itself"
	case narrowFor(m, e, scale):
		return fmt.Sprintf("one has sd %.2g, too narrow for %s from a normal that covers all: use smc or pt, which "+
			"find their own", e.Least, m.Name)
	case slices.Contains(m.Settings(), "Potential") && s.Potential != "learned":
		return fmt.Sprintf("`scale=%.3g` with `potential=learned` covers them, and smc and pt find their own", scale)
	}
	return fmt.Sprintf("`scale=%.3g` covers them, and smc and pt find their own", scale)
}

// narrowFor says that modes are too narrow beside the normal of a scale for a method that has to find them all from
// there: its steps are as long as that normal's variance asks, and the variance of the narrowest mode is a small
// fraction of it. The bounds lie between what was seen to work and to fail on normal mixtures in 2 and 5
// dimensions: a learned potential has log Z within .04 at 64 and loses everything at 250, trained controls of dds
// and pis are within .1 at 250 and lost at 4000. (The naive potential loses 4 nats in two dimensions at 64 and 37
// in five.)
func narrowFor(m infer.Method, e Extent, scale float64) bool {
	scale *= cmp.Or(m.Unit, 1)
	return scale*scale > cmp.Or(m.Reach, 300)*e.Least*e.Least
}

// scaleFor is the setting with which the method's normal covers the modes.
func scaleFor(m infer.Method, e Extent) float64 {
	return e.Scale() / cmp.Or(m.Unit, 1)
}

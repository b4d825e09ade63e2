package frame

import (
	"fmt"
	"maps"
	"slices"
)

// bestTime is the layout that fits most cells, the first of them.
func (t *tally) bestTime() *trial {
	var best *trial
	for i := range t.tried {
		if r := &t.tried[i]; r.fits > 0 && (best == nil || r.fits > best.fits) {
			best = r
		}
	}
	return best
}

func newTrial(layout string) trial { return newTally("").trial(layout) }

func (t *tally) trial(layout string) trial {
	r := t.tried[0]
	r.layout, r.zones = layout, map[string]int{}
	return r
}

// asTime fills layout, zone, bounds and lattice.
func (t *tally) asTime(c *Column, r *trial) {
	c.Kind, c.Layout, c.Low, c.High = Time, r.layout, r.low, r.high
	c.Step, c.Origin = r.lat.found()
	c.MostPlaces = -1
	c.Reason = "written " + r.layout
	if zoned(r.layout) {
		switch len(r.zones) {
		case 1:
			c.Zone = slices.Collect(maps.Keys(r.zones))[0]
			c.Reason += ", zone " + c.Zone
		default:
			c.Reason += fmt.Sprintf(", of %d zones: samples are in UTC", len(r.zones))
		}
	}
	for i := range t.tried {
		o := &t.tried[i]
		if o.layout != r.layout && o.fits == r.fits && (o.low != r.low || o.high != r.high) {
			c.Reason += fmt.Sprintf("; %s fits as well, `types=%s=time:%s` says so", o.layout, t.name, o.layout)
			break
		}
	}
	c.Reason += fmt.Sprintf(", from %s to %s", c.appendTime(nil, c.Low), c.appendTime(nil, c.High))
}

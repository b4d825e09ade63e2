package encode

import "github.com/seed9a7962a8/ito/path"

// Blocks says where levels stand in a state, for [path.Mixed]: those of levelled columns, or of their digits, whether a
// number is missing, and days of the week. Tables with constraints have them of what stands in the state instead.
func (t *Table) Blocks() path.MixedConfig {
	c := path.MixedConfig{D: t.dim}
	for i := range t.Parts {
		p, at := &t.Parts[i], t.starts[i]
		levels := func(l *Levels) {
			if l == nil {
				return
			}
			m := l.corners()
			for range l.digits() {
				if m > 1 {
					c.At, c.Corners = append(c.At, float64(at)), append(c.Corners, float64(m))
					c.Scale = append(c.Scale, l.Scale)
				}
				at += m - 1
			}
		}
		number := func(n *Number) {
			if n != nil {
				at += n.dim()
			}
		}
		if k := p.Column; t.isBound(k) {
			switch combo := t.bound.combo[k]; {
			case combo < 0: // its number stands last
				s := &t.Slots[t.bound.slot[k]]
				levels(s.Gap)
				levels(s.Days)
			case t.Combos[combo].Columns[0] == k:
				levels(t.Combos[combo].Levels)
			}
			continue
		}
		levels(p.Levels)
		levels(p.Gap)
		number(p.Number)
		number(p.Weeks)
		number(p.Months)
		levels(p.Days)
		number(p.Clock)
	}
	return c
}

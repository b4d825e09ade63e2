package diffusion

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
)

// groups puts the windows of a call into groups: each by itself, or those of one origin, which must be the series of
// the panel, all of them.
func (d *drawer) groups(ws []forecast.Window) ([]group, error) {
	if d.joint == nil {
		out := make([]group, len(ws))
		for i, w := range ws {
			out[i] = group{[]forecast.Window{w}, []int{i}, w.Address}
		}
		return out, nil
	}
	var out []group
	byTime := map[int64]int{}
	for i, w := range ws {
		at := w.Begins().UnixNano()
		k, ok := byTime[at]
		if !ok {
			k = len(out)
			byTime[at] = k
			out = append(out, group{windows: make([]forecast.Window, len(d.joint)), at: make([]int, len(d.joint))})
		}
		place := slices.Index(d.joint, w.ID)
		switch {
		case place < 0:
			return nil, &ito.InputError{Where: "series " + w.ID, What: "the model draws " +
				strings.Join(d.joint, ", ") + " together, and this is none of them",
				Do: "leave it out, or train with it"}
		case out[k].windows[place].Series != nil:
			return nil, &ito.InputError{Where: "series " + w.ID, What: "it is there twice with one origin"}
		}
		out[k].windows[place], out[k].at[place] = w, i
	}
	for k := range out {
		for i, w := range out[k].windows {
			if w.Series == nil {
				return nil, &ito.InputError{Where: "series " + d.joint[i], What: "the model draws it together with " +
					"others, and it is missing", Do: "give all series of the panel with one end"}
			}
			if w.Horizon != out[k].windows[0].Horizon {
				return nil, &ito.InputError{Where: "series " + w.ID, What: "series that are drawn together have one " +
					"horizon"}
			}
		}
		out[k].address = forecast.PanelAddress(out[k].windows)
	}
	return out, nil
}

// panel checks that the series of a set stand side by side, and returns their names.
func panel(d *forecast.Set) ([]string, error) {
	var ids []string
	for _, s := range d.Series {
		if first := d.Series[0]; !s.Start.Equal(first.Start) || s.Len() != first.Len() {
			return nil, &ito.InputError{Where: "series " + s.ID,
				What: fmt.Sprintf("it begins at %s with %d steps, and %s "+
					"at %s with %d: series that are learnt together stand side by side",
					s.Start.Format("2006-01-02T15:04"), s.Len(), first.ID,
					first.Start.Format("2006-01-02T15:04"), first.Len()),
				Do: "give series of one beginning and end, or leave out joint"}
		}
		ids = append(ids, s.ID)
	}
	return ids, nil
}

// members are the series of a place: its own, or all of the panel.
func members(d *forecast.Set, joint []string, p forecast.Place) []*forecast.Series {
	if joint == nil {
		return []*forecast.Series{p.Series}
	}
	return d.Series
}

// leader is the set whose windows are those of a panel: its first series.
func leader(d *forecast.Set, joint []string) *forecast.Set {
	if joint == nil {
		return d
	}
	c := *d
	c.Series = d.Series[:1]
	return &c
}

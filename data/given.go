package data

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/path"
)

// ParseGiven reads the tokens that are known of a sample, as 0=a,3=c, by their place: the level of each. On a path with
// a mask a sampler that starts with them draws the others given them. Other models have no such samples.
func ParseGiven(m *ito.Model, text string) (map[int]float64, error) {
	if text == "" {
		return nil, nil
	}
	bad := func(what, do string) (map[int]float64, error) {
		return nil, &ito.InputError{Where: "`given`", What: what, Do: do}
	}
	j, ok := m.Path.(ito.Jump)
	if !ok || path.Mask(j) < 0 {
		return bad("a model on path "+m.Path.Name()+" draws all of a sample anew",
			"train on path absorbing, or leave it out")
	}
	out := map[int]float64{}
	d := m.Space.Dim()
	for more := true; more; {
		var name, value string
		var err error
		if name, value, text, more, err = frame.NextWhere(text); err != nil {
			return bad("it is not PLACE=TOKEN", `write, for example, 0=a,3=","`)
		}
		place, err := strconv.Atoi(name)
		if err != nil || place < 0 || place >= d {
			return bad(fmt.Sprintf("%q is no place of a token", name), fmt.Sprintf("give one from 0 to %d", d-1))
		}
		if _, twice := out[place]; twice {
			return bad(fmt.Sprintf("place %d is given twice", place), "give it once")
		}
		level := slices.Index(vocabulary(m).Tokens, value)
		if u := vocabulary(m).Unit; u == ito.Bytes || u == ito.IDs {
			if level, err = strconv.Atoi(value); err != nil || level >= j.Data() {
				level = -1
			}
		}
		if level < 0 {
			return bad(fmt.Sprintf("the model has no token %q", value), "give one that it was trained on")
		}
		out[place] = float64(level)
	}
	return out, nil
}

// vocabulary is that of a model, of ids where it has none.
func vocabulary(m *ito.Model) ito.Vocabulary {
	if m.Vocabulary != nil {
		return *m.Vocabulary
	}
	return ito.Vocabulary{Unit: ito.IDs}
}

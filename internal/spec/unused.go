package spec

import (
	"slices"
	"strings"
)

// Unused names the first setting of the configuration that p points to that changes nothing for a kind of thing, though
// somebody set it: its tag lists, in words between commas, the kinds that have it, and kind is none of them. Set is
// what given names, a flag or a key of a file, and whatever is neither the default nor zero. has are the kinds that
// have the setting; name is "" where there is none such.
func Unused(p any, tag, kind string, given []string) (name string, has []string) {
	all := fields(structOf(p), "", false)
	var defs []field
	for i := range all {
		f := &all[i]
		kinds, only := f.tag.Lookup(tag)
		if has = strings.Split(kinds, ","); !only || slices.Contains(has, kind) {
			continue
		}
		if defs == nil {
			defs = defaultsOf(p)
		}
		if slices.Contains(given, f.name) || !f.v.IsZero() && text(f) != text(&defs[i]) {
			return f.name, has
		}
	}
	return "", nil
}

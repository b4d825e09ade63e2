package nn

import "github.com/seed9a7962a8/ito/ad"

// beside takes what stands beside each of l places from the front of the conditions, width numbers of a place, place
// behind place: [L,width]. What is left stays a condition.
func (s *Scope) beside(kind string, in Inputs, l, width int) (channels ad.Value, rest Inputs) {
	all := in.Ports.CondWidth()
	if all < l*width {
		s.Refuse("%s reads %d numbers beside each of %d places: its condition begins with them, %d numbers, and has "+
			"%d; give them, or take beside=0", kind, width, l, l*width, all)
	}
	var flat []ad.Value
	for _, v := range in.Cond {
		flat = append(flat, ad.Flatten(ad.Cast(v, s.DType())))
	}
	cond := flat[0]
	if len(flat) > 1 {
		cond = ad.Concat(0, flat...)
	}
	rest = Inputs{Ports: in.Ports, X: in.X, Time: in.Time}
	rest.Ports.Cond = nil
	if all > l*width {
		rest.Ports.Cond = []Port{{Name: "rest", Shape: []int{all - l*width}}}
		rest.Cond = []ad.Value{ad.Slice(cond, 0, l*width, all)}
	}
	return ad.Reshape(ad.Slice(cond, 0, 0, l*width), l, width), rest
}

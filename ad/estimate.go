package ad

// estimate is a rough cost of a row in nanoseconds: it decides whether workers are woken, never a result.
func (l *layout) estimate() float64 {
	ns := 0.0
	for _, li := range l.c.block {
		for _, in := range li.code {
			ns += costOf(in, l.c)
		}
	}
	return ns
}

func costOf(in instr, c *planner) float64 {
	if in.loop != nil {
		s := 0.0
		for _, i := range in.loop.c.body.code {
			s += costOf(i, in.loop.c)
		}
		return s * float64(in.loop.attr.trips)
	}
	if in.cost > 0 {
		return in.cost
	}
	out := 0
	for _, n := range in.writes {
		out += n.size()
	}
	read := 0
	for _, n := range in.reads {
		if !n.shared {
			read = max(read, n.size())
		}
	}
	switch in.name {
	case "gemm":
		return float64(read) * float64(out) / 60
	case opBatchSum.name:
		if len(in.reads) == 2 {
			return float64(in.reads[0].size()*in.reads[1].size()) / 60
		}
	case "random":
		return 2 * float64(out)
	}
	return .3 * float64(max(out, read))
}

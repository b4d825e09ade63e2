package draws

// mostValues is how many draws are in memory when a journal is summed up, unless one column has more.
const mostValues = 8 << 20

// Summarise is the Summary of all rows, computed from a few columns at a time: the memory does not grow with the number of
// columns, and the journal is read once for each part of them. m is that of the run, with its adaptation.
func (j *Journal) Summarise(m *Meta) (Summary, error) { return j.summarise(m, mostValues) }

func (j *Journal) summarise(m *Meta, values int) (Summary, error) {
	out := Summary{Model: m.Model, Method: m.Method, Chains: m.Chains, Draws: int(j.rows)}
	var weights []int
	for k, name := range m.Columns[:m.Stats] {
		if name == LogWeight || name == Ancestor {
			weights = append(weights, k)
		}
	}
	for k := range m.Stats {
		if weights != nil {
			break
		}
		s, err := j.Columns(m, []int{k})
		if err != nil {
			return out, err
		}
		out.Sampler = out.Sampler.with(s.sampler())
	}
	var f findings
	per := max(1, values/max(1, m.Chains*int(j.rows)))
	for at := m.Stats; at < len(m.Columns); at += per {
		columns := append([]int(nil), weights...)
		for k := at; k < min(at+per, len(m.Columns)); k++ {
			columns = append(columns, k)
		}
		s, err := j.Columns(m, columns)
		if err != nil {
			return out, err
		}
		w := s.weights()
		out.Parameters = append(out.Parameters, s.table(w)...)
		if w != nil && at == m.Stats {
			out.Particles = s.particles(w)
		}
		f.look(s)
	}
	out.judge(&f)
	return out, nil
}

// Columns reads some columns into memory, statistics before parameters. m is that of the run.
func (j *Journal) Columns(m *Meta, columns []int) (*Set, error) {
	meta := *m
	meta.Columns, meta.Stats = nil, 0
	for _, k := range columns {
		meta.Columns = append(meta.Columns, m.Columns[k])
		meta.Stats += btoi(k < m.Stats)
	}
	s := newSet(meta, int(j.rows))
	for chain := range j.chains {
		err := j.scan(chain, func(first int, rows []float64) error {
			for i := range len(rows) / j.cols {
				for to, k := range columns {
					s.Chain(to, chain)[first+i] = rows[i*j.cols+k]
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// with adds to s what b knows of other statistics; either may be nil.
func (s *Sampler) with(b *Sampler) *Sampler {
	if s == nil || b == nil {
		if s == nil {
			return b
		}
		return s
	}
	out := *s
	for _, p := range []struct{ to, from *Numbers }{{&out.Accept, &b.Accept}, {&out.StepSize, &b.StepSize}, {&out.Leapfrogs, &b.Leapfrogs}, {&out.EBFMI, &b.EBFMI}} {
		if *p.to == nil {
			*p.to = *p.from
		}
	}
	for _, p := range []struct{ to, from *[]int }{{&out.Divergent, &b.Divergent}, {&out.Saturated, &b.Saturated}} {
		if *p.to == nil {
			*p.to = *p.from
		}
	}
	return &out
}

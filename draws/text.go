package draws

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito/internal/table"
)

// Text is how a summary is written for people.
type Text struct {
	// Most is the number of parameters in the table; 0 means 40, negative all. Of more, those with one number are
	// there first, then the worst.
	Most int
}

// Write writes the table, what the sampler's statistics say, the warnings and the advice.
func (t Text) Write(w io.Writer, s *Summary) error {
	var b strings.Builder
	what := counted(s.Chains, "chain", "chains") + " of " + counted(s.Draws, "draw", "draws")
	if s.Particles != nil {
		what = counted(s.Chains, "group", "groups") + " of " + counted(s.Draws, "particle", "particles")
	}
	if s.Point {
		what = "a point estimate"
	}
	fmt.Fprintf(&b, "%s, %s: %s\n\n", printable(cmp.Or(s.Model, "model")), printable(cmp.Or(s.Method, "sampler")), what)
	left := t.table(&b, s)
	if left > 0 {
		tail := " with R̂ and ESS that are no worse"
		if s.Point {
			tail = ""
		}
		fmt.Fprintf(&b, "and %s%s\n", counted(left, "parameter more", "parameters more"), tail)
	}
	b.WriteByte('\n')
	if s.Sampler != nil {
		s.Sampler.write(&b)
	}
	if s.Particles != nil {
		s.Particles.write(&b)
	}
	for _, v := range s.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", v)
	}
	fmt.Fprintln(&b, s.Advice)
	_, err := io.WriteString(w, b.String())
	return err
}

// table writes the rows that are shown and returns how many are not.
func (t Text) table(b *strings.Builder, s *Summary) int {
	rows := [][]string{{"parameter", "mean", "MCSE", "sd", "5%", "50%", "95%", "R̂", "ESS bulk", "ESS tail"}}
	particles := s.Particles != nil
	switch {
	case particles:
		rows[0] = rows[0][:7]
	case s.Point:
		rows[0] = []string{"parameter", "estimate", "standard error"}
	}
	most := t.Most
	if most == 0 {
		most = 40
	}
	shown := s.Foremost(most)
	for _, k := range shown {
		r := s.Parameters[k]
		if s.Point {
			rows = append(rows, []string{r.Name, short(r.Mean), short(r.SD)})
			continue
		}
		cells := []string{r.Name, short(r.Mean), short(r.MCSE), short(r.SD), short(r.Q5), short(r.Median), short(r.Q95)}
		if !particles {
			cells = append(cells, fixed(r.RHat, 3), fixed(r.ESSBulk, 0), fixed(r.ESSTail, 0))
		}
		rows = append(rows, cells)
	}
	table.Write(b, rows)
	return len(s.Parameters) - len(shown)
}

// Foremost chooses n parameters to look at, in their order: those that are one number first, then those with the
// worst R̂ and ESS. Negative n means all.
func (s *Summary) Foremost(n int) []int {
	all := make([]int, len(s.Parameters))
	for i := range all {
		all[i] = i
	}
	if n < 0 || len(all) <= n {
		return all
	}
	slices.SortStableFunc(all,
		func(a, b int) int { return cmp.Compare(s.Parameters[b].badness(), s.Parameters[a].badness()) })
	all = all[:n]
	slices.Sort(all)
	return all
}

// badness orders parameters by how much there is to see.
func (r *Row) badness() float64 {
	if !strings.Contains(r.Name, "[") {
		return math.Inf(1)
	}
	v := 1 / max(min(r.ESSBulk, r.ESSTail), 1)
	switch {
	case math.IsNaN(v):
		return -1 // a constant: nothing is wrong with it
	case r.RHat > greatestRHat:
		return v + r.RHat
	}
	return v
}

func (p *Sampler) write(b *strings.Builder) {
	var rows [][]string
	put := func(name string, cells []string) {
		if cells != nil {
			rows = append(rows, append([]string{name}, cells...))
		}
	}
	texts := func(n Numbers, f func(float64) string) (out []string) {
		for _, v := range n {
			out = append(out, f(v))
		}
		return out
	}
	counts := func(n []int) (out []string) {
		for _, v := range n {
			out = append(out, fmt.Sprint(v))
		}
		return out
	}
	put("acceptance", texts(p.Accept, func(v float64) string { return fixed(v, 2) }))
	put("step size", texts(p.StepSize, short))
	put("leapfrogs a draw", texts(p.Leapfrogs, func(v float64) string { return fixed(v, 1) }))
	put("E-BFMI", texts(p.EBFMI, func(v float64) string { return fixed(v, 2) }))
	put("divergences", counts(p.Divergent))
	put("greatest depth", counts(p.Saturated))
	writeByChain(b, "chain", rows)
}

func (p *Particles) write(b *strings.Builder) {
	var rows [][]string
	e, k, some := []string{"weight ESS"}, []string{"Pareto k̂"}, false
	if p.Resampled {
		e[0] += " before resampling"
	}
	for g, v := range p.ESS {
		e, k, some = append(e, fixed(v, 0)), append(k, fixed(p.KHat[g], 2)), some || !math.IsNaN(v)
	}
	if some {
		rows = append(rows, e, k)
	}
	if len(p.Weight) > 1 {
		w := []string{"weight"}
		for _, v := range p.Weight {
			w = append(w, fixed(v, 3))
		}
		rows = append(rows, w)
	}
	if p.Ancestors != nil {
		a := []string{"unique ancestors"}
		for _, v := range p.Ancestors {
			a = append(a, fmt.Sprint(v))
		}
		rows = append(rows, a)
	}
	writeByChain(b, "group", rows)
}

// writeByChain writes rows with a value a chain; of more than twelve chains the first twelve.
func writeByChain(b *strings.Builder, what string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	const most = 12
	head := []string{what}
	for c := range min(len(rows[0])-1, most) {
		head = append(head, fmt.Sprint(c+1))
	}
	if len(rows[0])-1 > most {
		head = append(head, fmt.Sprintf("… %d", len(rows[0])-1))
	}
	for i := range rows {
		rows[i] = rows[i][:min(len(rows[i]), most+1)]
	}
	table.Write(b, append([][]string{head}, rows...))
	b.WriteByte('\n')
}

// short writes four digits, and "-" for what is not defined.
func short(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	return strings.Replace(fmt.Sprintf("%.4g", v), "e-0", "e-", 1)
}

func fixed(v float64, digits int) string {
	if math.IsNaN(v) {
		return "-"
	}
	return fmt.Sprintf("%.*f", digits, v)
}

package encode

import (
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
)

// Balance is a request of one row asked for every level of a column in turn: sample i has level i modulo their number,
// in their order. A set that the request has for the column restricts them; missing is no level.
func (q *Request) Balance(name string) (*Request, error) {
	t := q.table
	bad := func(what, do string) (*Request, error) {
		return nil, &ito.InputError{Where: "`balance` " + name, What: what, Do: do}
	}
	k, err := t.find(name)
	if err != nil {
		if in, ok := err.(*ito.InputError); ok {
			in.Where = "`balance`"
		}
		return nil, err
	}
	p := &t.Parts[t.Given[k]]
	switch {
	case len(q.rows) != 1:
		return bad("every sample has its own row of conditions", "give one of the two")
	case p.Levels == nil:
		return bad("it has more than a few values, and no levels", "ask for ranges one by one with `where`")
	case q.rows[0].there[k]:
		return bad("`where` asks for one value of it", "leave one of the two out, or give a set")
	}
	var tests []test
	var among func(float64) bool
	for _, c := range q.rows[0].tests {
		if c.given == k {
			among = c.meets
		} else {
			tests = append(tests, c)
		}
	}
	codes := slices.Sorted(slices.Values(p.Levels.Codes))
	out := &Request{table: t, whole: q.whole}
	for _, code := range codes {
		v := p.cell(code)
		if code < 0 || among != nil && !among(v) {
			continue
		}
		w := wanted{cells: slices.Clone(q.rows[0].cells), there: slices.Clone(q.rows[0].there), tests: tests}
		w.cells[k], w.there[k] = v, true
		out.rows = append(out.rows, w)
	}
	if len(out.rows) == 0 {
		return bad("`where` leaves no level of it", fmt.Sprintf("ask for levels that there are, as %s",
			frame.QuoteWhere(string(t.column(t.Given[k]).Append(nil, p.cell(codes[len(codes)-1]), 0)), `,"`)))
	}
	return out, nil
}

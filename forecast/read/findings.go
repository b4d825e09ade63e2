package read

import (
	"fmt"

	"github.com/seed9a7962a8/ito/internal/lines"
)

// findings counts what was found, by kind, in the order of the first.
type findings struct {
	list []*Finding
}

// add counts n of a kind; where is told of the first. thing is counted, done what is done about it.
func (f *findings) add(kind string, n int, where, thing, done string) {
	if n == 0 {
		return
	}
	for _, g := range f.list {
		if g.What == kind {
			g.Count += n
			g.Text = describe(g, thing, done)
			return
		}
	}
	g := &Finding{What: kind, Count: n, First: where}
	g.Text = describe(g, thing, done)
	f.list = append(f.list, g)
}

func describe(g *Finding, thing, done string) string {
	s := lines.Count(g.Count, thing)
	if done != "" {
		s += " " + done
	}
	if g.First != "" {
		s += fmt.Sprintf(" (first: %s)", g.First)
	}
	return s
}

func (f *findings) all() []Finding {
	var out []Finding
	for _, g := range f.list {
		out = append(out, *g)
	}
	return out
}

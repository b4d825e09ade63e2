package frame

import (
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// Fault is one thing that is wrong with a table.
type Fault struct {
	Column string // "": of the file
	Lines  []int  // of the first offenders, as an editor counts them; of a file without lines its rows
	Count  int    // of all offenders
	What   string
	Do     string
}

// Faults is everything that is wrong with a table. It matches ito.ErrInput.
type Faults struct {
	Name string // of the table
	List []Fault
}

// Is implements errors.Is.
func (p *Faults) Is(target error) bool { return target == ito.ErrInput }

// shownProblems are written in words.
const shownProblems = 20

func (p *Faults) Error() string {
	var b strings.Builder
	if len(p.List) == 1 {
		fmt.Fprintf(&b, "%s: %s", p.Name, p.List[0])
		return b.String()
	}
	fmt.Fprintf(&b, "%s: %d problems", p.Name, len(p.List))
	for i, q := range p.List {
		if i == shownProblems {
			fmt.Fprintf(&b, "\n  … and %d more", len(p.List)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %s", q)
	}
	return b.String()
}

// String is the problem in words.
func (p Fault) String() string {
	var b strings.Builder
	if p.Column != "" {
		fmt.Fprintf(&b, "column %s: ", p.Column)
	}
	b.WriteString(p.What)
	if len(p.Lines) > 0 {
		b.WriteString(" (line")
		if len(p.Lines) > 1 {
			b.WriteString("s")
		}
		for i, l := range p.Lines {
			if i > 0 {
				b.WriteString(",")
			}
			fmt.Fprintf(&b, " %d", l)
		}
		if p.Count > len(p.Lines) {
			fmt.Fprintf(&b, " and %d more", p.Count-len(p.Lines))
		}
		b.WriteString(")")
	}
	if p.Do != "" {
		b.WriteString("; " + p.Do)
	}
	return b.String()
}

// problems collects.
type problems struct{ list []Fault }

func (p *problems) add(q Fault) { p.list = append(p.list, q) }

// err is what was collected, nil if nothing.
func (p *problems) err(name string) error {
	if len(p.list) == 0 {
		return nil
	}
	return &Faults{Name: name, List: p.list}
}

// offenders collects the lines of cells that are wrong in one way.
type offenders struct {
	lines []int
	first string
	count int
}

// shownLines of offenders are kept.
const shownLines = 5

func (o *offenders) add(line int, cell string) {
	if o.count++; o.count == 1 {
		o.first = strings.Clone(cell)
	}
	if len(o.lines) < shownLines {
		o.lines = append(o.lines, line)
	}
}

package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// pager lays out a manual page.
type pager struct {
	w     *bufio.Writer
	begun bool
}

func newPager(w io.Writer) *pager { return &pager{w: bufio.NewWriter(w)} }

func (p *pager) flush() error { return p.w.Flush() }

func (p *pager) blank() { p.w.WriteByte('\n') }

func (p *pager) head(title string) {
	if p.begun {
		p.blank()
	}
	p.begun = true
	fmt.Fprintln(p.w, title)
}

func (p *pager) text(s string) { p.wrap(s, 4, 4) }

// entry writes a term, and what it means beside it or, where it is long, below it.
func (p *pager) entry(term, meaning string) {
	const column = 26
	n := utf8.RuneCountInString(term)
	if n+6 > column {
		fmt.Fprintf(p.w, "    %s\n", term)
		p.wrap(meaning, column, column)
		return
	}
	fmt.Fprintf(p.w, "    %s%s", term, strings.Repeat(" ", column-4-n))
	p.wrap(meaning, 0, column)
}

func (p *pager) entries(rows [][2]string) {
	for _, r := range rows {
		p.entry(r[0], sentence(strings.ToUpper(r[1][:1])+r[1][1:]))
	}
}

func (p *pager) examples(rows [][2]string) {
	for i, r := range rows {
		if i > 0 {
			p.blank()
		}
		p.text(r[1])
		fmt.Fprintf(p.w, "        %s\n", r[0])
	}
}

// wrap breaks s into lines; first and rest are the indents of the first line and of the others. The first
// line is taken to stand at the indent of the rest.
func (p *pager) wrap(s string, first, rest int) {
	at := rest
	p.w.WriteString(strings.Repeat(" ", first))
	for i, word := range strings.Fields(s) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+n > helpWidth:
			fmt.Fprintf(p.w, "\n%s", strings.Repeat(" ", rest))
			at = rest
		default:
			p.w.WriteByte(' ')
			at++
		}
		p.w.WriteString(word)
		at += n
	}
	p.blank()
}

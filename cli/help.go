package cli

import (
	"bufio"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// page is what a command's manual says besides its flags.
type page struct {
	synopsis string      // after the name
	text     []string    // paragraphs
	files    [][2]string // files read and written, and what they are
	examples [][2]string // a command line, and what it does
}

// documented is a command with a manual page.
type documented interface{ manual() page }

const helpWidth = 88

// dataHelp says what DATA may be, for every command that takes it.
const dataHelp = "DATA is a CSV or npy file of rows (a header is optional, gzip is understood), - for standard " +
	"input, or a built-in " +
	"set: spiral, checkerboard, moons, swissroll, pinwheel, rings, gaussians. A file that has the name of a built-in " +
	"set is written ./NAME."

var exitHelp = [][2]string{
	{"0", "done"},
	{"1", "it failed: a full disk, training that is not finite"},
	{"2", "bad usage or bad input; the message says where and what to do"},
	{"3", "a verdict against the samples, or the forecasts, where --verdict asks"},
	{"130", "ctrl-C; what can be resumed was saved first (143: terminated)"},
}

// writeProgramHelp writes the manual page of the program.
func writeProgramHelp(w io.Writer, root *kong.Node) error {
	p := newPager(w)
	p.head("NAME")
	p.text("ito - learn a distribution from samples, sample it, and say how well that went")
	p.head("SYNOPSIS")
	p.text("ito COMMAND [ARGUMENT…] [--FLAG VALUE…]")
	p.text("ito COMMAND --help")
	p.head("COMMANDS")
	var rows [][2]string
	for _, n := range root.Children {
		rows = append(rows, [2]string{n.Name, n.Help})
	}
	p.entries(rows)
	p.head("FLAGS OF ALL COMMANDS")
	for _, f := range root.Flags {
		p.entry(flagForm(f), sentence(helpOf(f.Value)))
	}
	p.head("DATA")
	p.text(dataHelp)
	p.head("SAME BYTES")
	p.text("The same program with the same seed gives the same bytes on processors of the same vector level, " +
		"whatever the number of " +
		"workers, the size of the batch, or how often it was killed and resumed.")
	p.head("ENVIRONMENT")
	p.entries([][2]string{
		{"ITO_SIMD", "one of portable, avx2 and avx512: the vector code to use instead of the best"},
		{"GOMAXPROCS", "the number of processors to use"},
		{"SOURCE_DATE_EPOCH", "the time that models record as their birth, in seconds since 1970"},
	})
	p.head("EXIT STATUS")
	p.entries(exitHelp)
	p.head("EXAMPLES")
	p.examples([][2]string{
		{"ito demo", "A minute or two: trains five networks and says who won."},
		{"ito train load.csv --out load.safetensors", "Learns the rows of a file."},
		{"ito sample load.safetensors -n 1000 --out more.csv", "Draws a thousand new ones."},
		{"ito eval more.csv --against load.csv", "Says whether they can be told from the file."},
	})
	return p.flush()
}

// writeCommandHelp writes the manual page of a command.
func writeCommandHelp(w io.Writer, n *kong.Node) error {
	doc := n.Target.Addr().Interface().(documented).manual()
	p := newPager(w)
	p.head("NAME")
	p.text("ito " + n.Path() + " - " + strings.ToLower(n.Help[:1]) + n.Help[1:])
	p.head("SYNOPSIS")
	p.text("ito " + n.Path() + " " + doc.synopsis)
	p.head("DESCRIPTION")
	for i, t := range doc.text {
		if i > 0 {
			p.blank()
		}
		p.text(t)
	}
	if len(n.Children) > 0 {
		p.head("COMMANDS")
		var rows [][2]string
		for _, c := range n.Children {
			rows = append(rows, [2]string{c.Name, c.Help})
		}
		p.entries(rows)
	}
	if len(n.Positional) > 0 {
		p.head("ARGUMENTS")
		for _, v := range n.Positional {
			p.entry(strings.ToUpper(v.Name), sentence(helpOf(v)))
		}
	}
	group := ""
	for i, f := range inOrder(n.Flags) {
		title := "FLAGS"
		if f.Group != nil {
			title = strings.ToUpper(f.Group.Title)
		}
		if i == 0 || title != group {
			p.head(title)
			group = title
		}
		p.entry(flagForm(f), sentence(helpOf(f.Value))+defaultOf(f))
	}
	p.head("FLAGS OF ALL COMMANDS")
	for root := n; root != nil; root = root.Parent {
		if root.Parent == nil {
			for _, f := range root.Flags {
				p.entry(flagForm(f), sentence(helpOf(f.Value)))
			}
		}
	}
	if len(doc.files) > 0 {
		p.head("FILES")
		p.entries(doc.files)
	}
	p.head("EXIT STATUS")
	p.entries(exitHelp)
	p.head("EXAMPLES")
	p.examples(doc.examples)
	return p.flush()
}

// inOrder puts a flag with the tag after:"NAME" behind the flag of that name: a command's own flags stand among
// those of the configuration that it embeds.
func inOrder(flags []*kong.Flag) []*kong.Flag {
	var out []*kong.Flag
	for _, f := range flags {
		if f.Tag.Get("after") == "" {
			out = append(out, f)
		}
	}
	for _, f := range flags {
		if name := f.Tag.Get("after"); name != "" {
			i := slices.IndexFunc(out, func(o *kong.Flag) bool { return o.Name == name })
			out = slices.Insert(out, i+1, f)
		}
	}
	return out
}

func helpOf(v *kong.Value) string {
	return strings.ReplaceAll(v.OrigHelp, "${enum}", strings.ReplaceAll(v.Tag.Enum, ",", ", "))
}

func sentence(s string) string {
	if s != "" && !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// flagForm is a flag as it is typed: "-n, --n INT", "--json", "--[no-]centre".
func flagForm(f *kong.Flag) string {
	name := "--" + f.Name
	if f.Tag.Negatable != "" {
		name = "--[no-]" + f.Name
	}
	if f.Short != 0 {
		name = fmt.Sprintf("-%c", f.Short)
		if f.Name != string(f.Short) {
			name += ", --" + f.Name
		}
	}
	if f.IsBool() {
		return name
	}
	return name + " " + valueForm(f)
}

func valueForm(f *kong.Flag) string {
	list := f.Target.Type().Kind() == reflect.Slice
	if f.PlaceHolder != "" {
		if list && !strings.Contains(f.PlaceHolder, ",") {
			return f.PlaceHolder + ",…"
		}
		return f.PlaceHolder
	}
	if f.Tag.Enum != "" {
		return "WORD"
	}
	t := f.Target.Type()
	if list {
		return typeForm(t.Elem()) + ",…"
	}
	return typeForm(t)
}

// typeForm stands for a value of a type that has no word of its own.
func typeForm(t reflect.Type) string {
	switch t.String() {
	case "time.Duration":
		return "TIME"
	case "float64":
		return "X"
	case "string":
		return "TEXT"
	}
	return "N"
}

func defaultOf(f *kong.Flag) string {
	zero := f.Default == "" || f.Default == "false" || f.Default == "0" && strings.Contains(f.OrigHelp, "0:")
	switch {
	case f.Required:
		return " Required."
	case zero:
		return ""
	}
	return " Default: " + f.Default + "."
}

// pager lays out a manual page.
type pager struct {
	w     *bufio.Writer
	begun bool
}

func newPager(w io.Writer) *pager { return &pager{w: bufio.NewWriter(w)} }

func (p *pager) flush() error { return p.w.Flush() }
func (p *pager) blank()       { p.w.WriteByte('\n') }

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

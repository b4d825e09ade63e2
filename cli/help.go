package cli

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

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

// dataHelp describes what DATA may be, for every command that takes it.
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

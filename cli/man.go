package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// manCmd is "ito man".
type manCmd struct{}

func (*manCmd) manual() page {
	return page{
		synopsis: "> ito.1",
		text:     []string{"Prints the manual of all commands, as ito COMMAND --help has it, for man."},
		examples: [][2]string{
			{"ito man > ~/.local/share/man/man1/ito.1", "From now on man ito."},
			{"ito man | man -l -", "To read it at once."},
		},
	}
}

// Run implements the command.
func (*manCmd) Run(a *app) error {
	parser, err := kong.New(&commands{}, parserOptions()...)
	if err != nil {
		return err
	}
	return writeManual(a.stdout, parser.Model.Node)
}

// writeManual writes the manual pages of the program and of its commands as one page of man.
func writeManual(w io.Writer, root *kong.Node) error {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH ITO 1 \"\" \"ito %s\" \"ito manual\"\n", roff(version()))
	var text strings.Builder
	if err := writeProgramHelp(&text, root); err != nil {
		return err
	}
	roffPage(&b, text.String(), ".SH ", "")
	nodes := append([]*kong.Node(nil), root.Children...)
	for len(nodes) > 0 {
		n := nodes[0]
		nodes = append(append([]*kong.Node(nil), n.Children...), nodes[1:]...)
		text.Reset()
		if err := writeCommandHelp(&text, n); err != nil {
			return err
		}
		roffPage(&b, text.String(), ".SS ", "ITO "+strings.ToUpper(n.Path()))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// roffPage writes the text of a help page, whose titles stand at the margin. With a name it is a part of the manual.
func roffPage(b *strings.Builder, text, title, name string) {
	if name != "" {
		fmt.Fprintf(b, ".SH %s\n", roff(name))
	}
	open := false // lines that stand as they are
	end := func() {
		if open {
			b.WriteString(".EE\n.RE\n")
		}
		open = false
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "":
			end()
			b.WriteString(".PP\n")
		case !strings.HasPrefix(line, " "):
			end()
			fmt.Fprintf(b, "%s%s\n", title, roff(line))
		default:
			if !open {
				b.WriteString(".RS 4\n.EX\n")
			}
			open = true
			b.WriteString(roff(strings.TrimPrefix(line, "    ")) + "\n")
		}
	}
	end()
}

// roff escapes a line.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

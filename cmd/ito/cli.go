package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/seed9a7962a8/ito/internal/config"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// commands is the command line: one field a command, one file a field.
type commands struct {
	Demo    demoCmd    `cmd:"" help:"Train five networks on a spiral and show who wins"`
	Train   trainCmd   `cmd:"" help:"Learn a distribution from samples"`
	Sample  sampleCmd  `cmd:"" help:"Draw samples from a model"`
	Eval    evalCmd    `cmd:"" help:"Measure how far samples are from data"`
	Compare compareCmd `cmd:"" help:"Say which solver and grid sample a model best"`
	Solvers solversCmd `cmd:"" help:"List the solvers and grids"`
	Plot    plotCmd    `cmd:"" help:"Draw samples, trajectories, losses, spectra"`
	Info    infoCmd    `cmd:"" help:"Say what a model holds, or what this program is"`
	Run     runCmd     `cmd:"" help:"Run a published experiment by name"`
}

// run parses a command line and runs the command.
func (a *app) run(ctx context.Context, args []string) error {
	var c commands
	parser, err := kong.New(&c, kong.Name("ito"), kong.NoDefaultHelp(), kong.FlagNamer(config.FlagName),
		kong.WithHyphenPrefixedParameters(true), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(a))
	if err != nil {
		return err
	}
	if len(args) > 0 && args[0] == "help" {
		args = append(slices.Clone(args[1:]), "--help")
	}
	before, _, _ := cut(args, "--")
	switch {
	case len(args) == 0:
		writeProgramHelp(a.stderr, parser.Model.Node)
		return &usageError{what: "no command", do: "try ito demo"}
	case args[0] == "--version" || args[0] == "version":
		_, err := fmt.Fprintln(a.stdout, "ito "+version())
		return err
	case slices.Contains(before, "--help") || slices.Contains(before, "-h"):
		return a.help(parser.Model.Node, before)
	}
	// The words of an enum are checked by config, which knows the nearest; kong does not.
	for _, node := range parser.Model.Children {
		for _, v := range node.Values() {
			v.Enum, v.Tag.Enum = "", ""
		}
	}
	if err := knownCommand(parser.Model.Node, args[0]); err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return explain(err)
	}
	for _, p := range parsed.Path {
		if p.Flag != nil {
			a.given = append(a.given, p.Flag.Name)
		}
	}
	if err := config.Check(parsed.Selected().Target.Addr().Interface()); err != nil {
		return err
	}
	return parsed.Run()
}

// cut splits args at the first sep.
func cut(args []string, sep string) (before, after []string, found bool) {
	if i := slices.Index(args, sep); i >= 0 {
		return args[:i], args[i+1:], true
	}
	return args, nil, false
}

// help writes the manual page of the command that args name, or of the program.
func (a *app) help(root *kong.Node, args []string) error {
	if strings.HasPrefix(args[0], "-") {
		return writeProgramHelp(a.stdout, root)
	}
	if err := knownCommand(root, args[0]); err != nil {
		return err
	}
	return writeCommandHelp(a.stdout, command(root, args[0]))
}

func command(root *kong.Node, name string) *kong.Node {
	for _, n := range root.Children {
		if n.Name == name {
			return n
		}
	}
	return nil
}

func knownCommand(root *kong.Node, name string) error {
	if strings.HasPrefix(name, "-") {
		return &usageError{what: "the command comes first, before " + name, do: "see ito --help"}
	}
	if command(root, name) != nil {
		return nil
	}
	var names []string
	for _, n := range root.Children {
		names = append(names, n.Name)
	}
	do := "the commands are " + strings.Join(names, ", ")
	if near := suggest.Nearest(name, names); near != "" {
		do = fmt.Sprintf("did you mean %q?", near)
	}
	return &usageError{what: fmt.Sprintf("unknown command %q", name), do: do}
}

var (
	unknownFlag  = regexp.MustCompile(`^unknown flag (-\S+?),?( did you mean.*)?$`)
	missingFlags = regexp.MustCompile(`^missing flags: (.*)$`)
)

// explain turns an error of the parser into a usageError that says what to do.
func explain(err error) error {
	var p *kong.ParseError
	if !errors.As(err, &p) {
		return err
	}
	e := &usageError{what: p.Error()}
	var node *kong.Node
	if p.Context != nil {
		node = p.Context.Selected()
	}
	if node == nil {
		e.do = "see ito --help"
		return e
	}
	e.do = "see ito " + node.Name + " --help"
	if m := missingFlags.FindStringSubmatch(e.what); m != nil {
		e.what = fmt.Sprintf("ito %s: %s is missing", node.Name, strings.ReplaceAll(m[1], "=", " "))
	}
	if m := unknownFlag.FindStringSubmatch(e.what); m != nil {
		e.what = fmt.Sprintf("ito %s: unknown flag %s", node.Name, m[1])
		var names []string
		for _, f := range node.Flags {
			names = append(names, f.Name)
		}
		if near := suggest.Nearest(strings.TrimLeft(m[1], "-"), names); near != "" {
			e.do = fmt.Sprintf("did you mean --%s? See ito %s --help", near, node.Name)
		}
	}
	return e
}

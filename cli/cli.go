package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/alecthomas/kong"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// commands is the command line: one field a command, one file a field.
type commands struct {
	Demo     demoCmd     `cmd:"" help:"Train five networks on a spiral and show who wins"`
	Train    trainCmd    `cmd:"" help:"Learn a distribution from samples"`
	Schema   schemaCmd   `cmd:"" help:"Say what the columns of a table are"`
	Sample   sampleCmd   `cmd:"" help:"Draw samples from a model"`
	Modes    modesCmd    `cmd:"" help:"Find the modes of the density that a model has learnt"`
	Impute   imputeCmd   `cmd:"" help:"Fill the missing cells of a table by a model of it"`
	Restore  restoreCmd  `cmd:"" help:"Draw images or rows given a measurement of them"`
	Eval     evalCmd     `cmd:"" help:"Measure how far samples are from data"`
	Serve    serveCmd    `cmd:"" help:"Answer requests for samples over HTTP"`
	Compare  compareCmd  `cmd:"" help:"Say which solver and grid sample a model best"`
	Tune     tuneCmd     `cmd:"" help:"Search how to sample a model with few network calls"`
	Forecast forecastCmd `cmd:"" help:"Forecast series, with honest quantiles"`
	Solvers  solversCmd  `cmd:"" help:"List the solvers and grids"`
	Bench    benchCmd    `cmd:"" help:"Measure solvers and samplers on problems whose truth is known"`
	Plot     plotCmd     `cmd:"" help:"Draw samples, trajectories, losses, spectra"`
	Info     infoCmd     `cmd:"" help:"Say what a model holds, or what this program is"`
	Infer    inferCmd    `cmd:"" help:"Draw from a density that you can write down, and estimate its evidence"`
	Model    modelCmd    `cmd:"" help:"Check model files, predict from them, compare and calibrate them"`
	Diagnose diagnoseCmd `cmd:"" help:"Say what draws tell and whether to believe them"`
	Zoo      zooCmd      `cmd:"" help:"List the densities to try samplers on"`
	Import   importCmd   `cmd:"" help:"Make a model of weights that another program trained"`
	Merge    mergeCmd    `cmd:"" help:"Put a delta on its model"`
	Distil   distilCmd   `cmd:"" help:"Make a model one of few steps"`
	Quantise quantiseCmd `cmd:"" help:"Make a model one of bytes, a quarter as large"`
	Run      runCmd      `cmd:"" help:"Run a published experiment by name"`
	Job      jobCmd      `cmd:"" help:"Do a command in shards that any number of machines compute"`
	Worker   workerCmd   `cmd:"" help:"Compute shards of jobs that a broker distributes"`
	Broker   brokerCmd   `cmd:"" help:"Distribute the shards of jobs to workers"`

	Completion completionCmd `cmd:"" help:"Print a script that completes commands and flags in a shell"`
	Man        manCmd        `cmd:"" help:"Print the manual of all commands for man"`

	Quiet bool `name:"quiet" help:"No progress and no remarks, only results and errors"`
	Force bool `name:"force" help:"On a terminal: replace files without a question. Into a folder: replace tables that ito did not write"`
}

// grammar is what args are read by: the command that they begin with, alone, or all of them. Programs begin twice as
// fast where only one command's flags are looked at.
func grammar(args []string) any {
	all := reflect.TypeFor[commands]()
	var one, everywhere []reflect.StructField
	for i := range all.NumField() {
		f := all.Field(i)
		if _, ok := f.Tag.Lookup("cmd"); !ok {
			everywhere = append(everywhere, f)
		} else if len(args) > 0 && strings.ToLower(f.Name) == args[0] {
			one = append(one, f)
		}
	}
	if len(one) == 0 {
		return &commands{}
	}
	return reflect.New(reflect.StructOf(append(one, everywhere...))).Interface()
}

// allFlags are the names of the flags of all commands: what is wrong in ito sample may be to do otherwise in ito train.
var allFlags = sync.OnceValue(func() map[string]bool {
	parser, err := kong.New(&commands{}, parserOptions()...)
	if err != nil {
		panic(err) // a test parses every command
	}
	names := map[string]bool{}
	for _, f := range parser.Model.Flags {
		names[f.Name] = true
	}
	for _, n := range parser.Model.Leaves(false) {
		for _, f := range n.Flags {
			names[f.Name] = true
		}
	}
	return names
})

// parserOptions are those of every parser of the command line.
func parserOptions() []kong.Option {
	return []kong.Option{
		kong.Name("ito"), kong.NoDefaultHelp(), kong.FlagNamer(spec.FlagName), kong.WithHyphenPrefixedParameters(true),
		kong.KindMapper(reflect.Int, kong.MapperFunc(wholeNumber)), kong.KindMapper(reflect.Int64,
			kong.MapperFunc(wholeNumber)),
		kong.KindMapper(reflect.Uint64, kong.MapperFunc(wholeNumber)),
	}
}

// wholeNumber takes the value of a flag, in decimals: 1000000, or 1e6. The beginning 0 of 010 means nothing.
func wholeNumber(ctx *kong.DecodeContext, target reflect.Value) error {
	token, err := ctx.Scan.PopValue("whole number")
	if err != nil {
		return err
	}
	text := fmt.Sprint(token.Value)
	signed, unsigned := int64(0), uint64(0)
	if target.CanInt() {
		signed, err = strconv.ParseInt(text, 10, target.Type().Bits())
	} else {
		unsigned, err = strconv.ParseUint(text, 10, 64)
	}
	if err != nil {
		x, e := strconv.ParseFloat(text, 64)
		negative := !target.CanInt() && x < 0
		if e == nil && math.Abs(x) > 1<<53 && !math.IsInf(x, 0) || errors.Is(err, strconv.ErrRange) {
			return fmt.Errorf("%q is too large", text)
		}
		if e != nil || x != math.Trunc(x) || math.IsInf(x, 0) || negative || strings.ContainsAny(text, "xX_") {
			return fmt.Errorf("expected a whole number%s, not %q", map[bool]string{false: "",
				true: " that is not negative"}[!target.CanInt()], text)
		}
		signed, unsigned = int64(x), uint64(max(x, 0))
	}
	if target.CanInt() {
		target.SetInt(signed)
	} else {
		target.SetUint(unsigned)
	}
	return nil
}

// run parses a command line and runs the command.
func (a *app) run(ctx context.Context, args []string) error {
	if len(args) > 0 && (args[0] == "--version" || args[0] == "version") {
		_, err := fmt.Fprintln(a.stdout, "ito "+describedVersion())
		return err
	}
	if len(args) > 0 && args[0] == "help" {
		args = append(slices.Clone(args[1:]), "--help")
	}
	parser, err := kong.New(grammar(args), append(parserOptions(), kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(a))...)
	if err != nil {
		return err
	}
	before, _, _ := cut(args, "--")
	switch {
	case len(args) == 0:
		writeProgramHelp(a.stderr, parser.Model.Node)
		return &usageError{what: "no command", do: "try ito demo"}
	case slices.Contains(before, "--help") || slices.Contains(before, "-h"):
		return a.help(parser.Model.Node, before)
	}
	// The words of an enum are checked by spec, which has the nearest; kong has not.
	for _, node := range parser.Model.Leaves(false) {
		for _, v := range node.Values() {
			v.Enum, v.Tag.Enum = "", ""
		}
	}
	if node, err := selectedCommand(parser.Model.Node, args); err != nil {
		return err
	} else if len(node.Children) > 0 {
		return &usageError{what: "ito " + node.Path() + ": no command", do: "see ito " + node.Path() + " --help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return explain(err)
	}
	for _, p := range parsed.Path {
		if p.Flag == nil {
			continue
		}
		if slices.Contains(a.given, p.Flag.Name) && !p.Flag.IsCumulative() {
			return &usageError{what: fmt.Sprintf("ito %s: --%s is given twice", parsed.Selected().Path(), p.Flag.Name),
				do: "give it once" + inOne(p.Flag)}
		}
		a.given = append(a.given, p.Flag.Name)
		if empty(p.Flag) {
			return &usageError{what: fmt.Sprintf("ito %s: --%s is given, and empty", parsed.Selected().Path(),
				p.Flag.Name), do: "leave it out, or give it a value"}
		}
	}
	a.quiet, a.force = slices.Contains(a.given, "quiet"), slices.Contains(a.given, "force")
	if err := spec.Check(parsed.Selected().Target.Addr().Interface()); err != nil {
		return err
	}
	return parsed.Run()
}

// empty reports a flag without a value, which asks for nothing; a variable of a shell that is not set, more often than
// not. Where nothing is a value, its tag is empty:"allowed".
func empty(f *kong.Flag) bool {
	switch v := f.Target; v.Kind() {
	case reflect.String, reflect.Slice:
		return v.Len() == 0 && !f.Tag.Has("empty")
	}
	return false
}

// inOne tells how one flag takes what several would say.
func inOne(f *kong.Flag) string {
	if f.Name == "where" {
		return ", with commas between the conditions: --where label=3,size=2.5"
	}
	return ""
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
	node, err := selectedCommand(root, args)
	if err != nil {
		return err
	}
	return writeCommandHelp(a.stdout, node)
}

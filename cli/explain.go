package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// selectedCommand is the command that the first of args names, or the one in its group that the second names.
func selectedCommand(root *kong.Node, args []string) (*kong.Node, error) {
	node := root
	for i, name := range args {
		if len(node.Children) == 0 || i > 0 && strings.HasPrefix(name, "-") {
			break
		}
		if err := knownCommand(node, name); err != nil {
			return nil, err
		}
		node = command(node, name)
	}
	return node, nil
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
	what := fmt.Sprintf("unknown command %q", name)
	if root.Parent != nil {
		what = fmt.Sprintf("ito %s: %s", root.Path(), what)
	}
	return &usageError{what: what, do: suggest.Among(name, names)}
}

// Forms of errors of the parser.
const (
	unknownFlag  = `^unknown flag (-\S+?),?( did you mean.*)?$`
	missingFlags = `^missing flags: (.*)$`
)

// explain turns an error of the parser into a usageError that describes what to do.
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
	e.do = "see ito " + node.Path() + " --help"
	if m := regexp.MustCompile(missingFlags).FindStringSubmatch(e.what); m != nil {
		e.what = fmt.Sprintf("ito %s: %s is missing", node.Path(), strings.NewReplacer("=", " ", ",...", ",…").Replace(
			m[1]))
	}
	if m := regexp.MustCompile(unknownFlag).FindStringSubmatch(e.what); m != nil {
		e.what = fmt.Sprintf("ito %s: unknown flag %s", node.Path(), m[1])
		var names []string
		for _, f := range node.Flags {
			names = append(names, f.Name)
		}
		if near := suggest.Nearest(strings.TrimLeft(m[1], "-"), names); near != "" {
			e.do = fmt.Sprintf("did you mean --%s? See ito %s --help", near, node.Path())
		}
	}
	return e
}

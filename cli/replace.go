package cli

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito/task"
)

// replaces asks a person before a file of the name out is replaced, since a model may be hours of training and a name
// is mistyped in a moment. It asks on a terminal only: scripts and programs said what they wanted, and go on as
// compilers do. What goes on from a file does not replace it.
func (a *app) replaces(out string, resume bool) error {
	if !a.asks || a.force || resume || out == "-" || !task.Exists(out) {
		return nil
	}
	fmt.Fprintf(a.stderr, "%s is there already: replace it? (--force does not ask) [y/N] ", printable(out))
	line, _ := bufio.NewReader(a.stdin).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return &usageError{what: out + " is there already", do: "name another output, or give --force"}
}

package cli

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/seed9a7962a8/ito/task"
)

// env is what a task has of the world around the command; its progress goes to m, if that is not nil.
func (a *app) env(m *meter) task.Env {
	e := task.Env{
		Stdin: a.stdin, Stdout: a.stdout, Now: a.now, Version: version(),
		Note: func(line string) { fmt.Fprintln(a.stderr, printable(a.flagged(line))) },
	}
	if m != nil {
		e.Progress = m.event
	}
	return e
}

// quoted is the name of a setting in a message of a library, which knows no flags.
var quoted = regexp.MustCompile("`([a-z][a-z0-9-]*)`")

// flagged writes the settings that a text names as this command's flags: `steps` as --steps.
func (a *app) flagged(text string) string {
	return quoted.ReplaceAllStringFunc(text, func(s string) string {
		name := s[1 : len(s)-1]
		switch {
		case !slices.Contains(a.flags, name):
			return s
		case len(name) == 1:
			return "-" + name
		}
		return "--" + name
	})
}

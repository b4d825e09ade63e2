package cli

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/seed9a7962a8/ito/data"
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

// open opens rows. Columns that are named in words may be words, where the rows have them; those in text must be there.
// What the reader decided is told.
func (a *app) open(name string, r task.Reading, text, words []string) (*data.Table, error) {
	env := a.env(nil)
	return env.Rows(name, r, text, words)
}

// quoted is a setting in a message of a library, which knows no flags, alone or with a value.
var quoted = regexp.MustCompile("`([a-z][a-z0-9-]*)(?:=([^`]*))?`")

// flagged writes the settings that a text names as flags: `steps` as --steps, `solver=heun` as --solver heun.
func (a *app) flagged(text string) string {
	return quoted.ReplaceAllStringFunc(text, func(s string) string {
		part := quoted.FindStringSubmatch(s)
		if !slices.Contains(a.flags, part[1]) {
			return s
		}
		flag := "--" + part[1]
		if len(part[1]) == 1 {
			flag = "-" + part[1]
		}
		if part[2] != "" {
			flag += " " + shellWord(part[2])
		}
		return flag
	})
}

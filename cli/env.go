package cli

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/seed9a7962a8/ito/task"
)

// env is what a task has of the world around the command; its progress goes to m, if that is not nil.
func (a *app) env(m *meter) task.Env {
	e := task.Env{
		Stdin: a.stdin, Stdout: a.stdout, Now: a.now, Version: version(),
		Force: a.force,
		Note:  func(line string) { fmt.Fprintln(a.stderr, printable(a.flagged(line))) },
	}
	if a.quiet {
		e.Note = nil
		return e
	}
	if m != nil {
		e.Progress = m.event
	}
	return e
}

// quoted is a setting in a message of a library, which knows no flags, alone or with a value.
var quoted = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("`([a-z][a-z0-9-]*)(?:=([^`]*))?`") })

// flagged writes the settings that a text names as flags: `steps` as --steps, `solver=heun` as --solver heun.
func (a *app) flagged(text string) string {
	if !strings.Contains(text, "`") {
		return text
	}
	return quoted().ReplaceAllStringFunc(text, func(s string) string {
		part := quoted().FindStringSubmatch(s)
		if !allFlags()[part[1]] {
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

package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/seed9a7962a8/ito/task"

	"github.com/seed9a7962a8/ito/internal/table"
)

// printJSON writes v as one JSON object.
func (a *app) printJSON(v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(append(b, '\n'))
	return err
}

// resumeHint tells how to go on from a checkpoint, if there is one.
func resumeHint(checkpoints ...string) string {
	for _, c := range checkpoints {
		if c != "" && task.Exists(c) {
			return "the same command with --resume goes on from " + c
		}
	}
	return ""
}

// shellWord writes an argument as a shell takes it.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r > unicode.MaxASCII && unicode.IsPrint(r) || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' &&
			r <= 'z' || strings.ContainsRune("_-./,=:+%@", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// facts writes names with values beside them; what has no value is left out.
func facts(w io.Writer, rows [][2]string) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, r := range rows {
		if r[1] != "" {
			fmt.Fprintf(t, "%s\t%s\n", r[0], table.Plain(r[1]))
		}
	}
	return t.Flush()
}

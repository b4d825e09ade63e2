package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
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

// besideModel is the name of the checkpoint from which a command that writes the model out goes on; "" where out is a device.
func besideModel(out, suffix string) (checkpoint string, err error) {
	if out == "-" {
		return "", &ito.InputError{Where: "--out", What: "a model is not written to standard output", Do: "give the name of a file"}
	}
	device, err := task.Place("out", out)
	if device || err != nil {
		return "", err
	}
	return out + suffix, nil
}

// checkpointIn is the place of that name for checkpoints; "" is none.
func checkpointIn(name string) store.Checkpoints {
	if name == "" {
		return nil
	}
	return store.CheckpointFile(name)
}

// resumeHint tells how to go on from a checkpoint, if there is one.
func resumeHint(checkpoint string) string {
	if checkpoint == "" || !task.Exists(checkpoint) {
		return ""
	}
	return "the same command with --resume goes on from " + checkpoint
}

// removeIfThere removes a file; "" is none.
func removeIfThere(name string) error {
	if name == "" {
		return nil
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// orNull is a number for JSON, which has neither NaN nor infinities: they are null.
func orNull(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// shellWord writes an argument as a shell takes it.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r > unicode.MaxASCII && unicode.IsPrint(r) || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("_-./,=:+%@", r)
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
			fmt.Fprintf(t, "%s\t%s\n", r[0], r[1])
		}
	}
	return t.Flush()
}

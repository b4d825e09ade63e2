package serve

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"

	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/infer"
)

func copyFile(w io.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// writeJSON writes the draws with what is known of them.
func (q *inferring) writeJSON(w io.Writer, report *infer.Report, notes []string) error {
	file := report.Files[0]
	meta, err := draws.Describe(file)
	if err != nil {
		return err
	}
	task.Words(&report, plain)
	head, err := json.Marshal(struct {
		Model   string   `json:"model"`
		File    string   `json:"model_digest"`
		Digest  string   `json:"digest"`
		Columns []string `json:"columns"`
		Notes   []string `json:"notes,omitempty"`
		Report  any      `json:"report"`
	}{q.model.name, q.model.digest, strings.Trim(q.etag, `"`), meta.Columns, notes, struct {
		*infer.Report
		Files   []string `json:"files,omitempty"`   // which are not the client's
		Seconds float64  `json:"seconds,omitempty"` // another each time
	}{Report: report}})
	if err != nil {
		return err
	}
	if _, err := w.Write(append(bytes.TrimSuffix(head, []byte("}")), `,"draws":`...)); err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := nulls(w, f); err != nil {
		return err
	}
	_, err = io.WriteString(w, "}\n")
	return err
}

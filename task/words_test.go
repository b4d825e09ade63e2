package task_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/task"
)

type cell struct {
	Name   string
	Reason string `says:"settings"`
}

type inner struct {
	Warnings []string `says:"settings"`
	Columns  []string
}

type report struct {
	*inner
	Inner   *inner
	Cells   []cell
	Verdict string `says:"settings"`
	None    *inner
}

// Texts for people are rewritten wherever they stand in a report, and nothing else is, such as the names of columns.
func TestWords(t *testing.T) {
	make := func(s string) *report {
		in := func() *inner { return &inner{[]string{s, s}, []string{"`steps`"}} }
		return &report{nil, in(), []cell{{"`steps`", s}}, s, nil}
	}
	got := make("give `steps`")
	task.Words(got, func(s string) string { return strings.ReplaceAll(s, "`steps`", "--steps") })
	if want := make("give --steps"); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	task.Words(nil, nil)
	task.Words((*report)(nil), nil)
}

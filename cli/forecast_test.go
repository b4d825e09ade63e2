package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestForecastExamples runs the commands of the README of examples/forecast, with few steps of training.
func TestForecastExamples(t *testing.T) {
	text, err := os.ReadFile("../examples/forecast/README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"rps.json", "sales.csv", "plan.csv"} {
		b, err := os.ReadFile(filepath.Join("../examples/forecast", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	n := 0
	for _, line := range regexp.MustCompile(`(?m)^ito .*$`).FindAllString(string(text), -1) {
		args := strings.Fields(strings.ReplaceAll(line, "steps=600", "steps=4,width=4"))[1:]
		var out, log strings.Builder
		a := &app{stdin: strings.NewReader(""), stdout: &output{w: &out}, stderr: &log, now: time.Now}
		if code := a.main(t.Context(), args); code != 0 {
			t.Errorf("%s: exit code %d\n%s%s", line, code, &out, &log)
		}
		n++
	}
	if n != 4 {
		t.Errorf("%d commands, want 4", n)
	}
	rows, err := os.ReadFile("sales-next.csv")
	if err != nil || strings.Count(string(rows), "\n") != 1+3*14 {
		t.Errorf("rows of the sales: %d, %v", strings.Count(string(rows), "\n"), err)
	}
	for _, file := range []string{"rps.csv", "rps.png", "shop.safetensors"} {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
}

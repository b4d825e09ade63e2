package zoo

import (
	"testing"

	"github.com/seed9a7962a8/ito/task"
)

// The list has every density once, with its dimension, and an integral where one is known.
func TestRun(t *testing.T) {
	r, err := Run(t.Context(), Config{}, task.Env{})
	if err != nil {
		t.Fatal(err)
	}
	seen, known := map[string]bool{}, 0
	for _, l := range r.Targets {
		if seen[l.Name] || l.D < 1 || l.Name == "" || l.Hard == "" {
			t.Errorf("%+v", l)
		}
		seen[l.Name] = true
		if l.LogZ != nil {
			known++
		}
	}
	if !seen["gmm40"] || known == 0 {
		t.Errorf("%d densities, %d with an integral", len(seen), known)
	}
}

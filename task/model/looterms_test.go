package model

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/target/model"
)

// Cells that impute made parameters, and what is observed of parameters, are no observations of leave-one-out.
func TestObservationsAreData(t *testing.T) {
	m, err := model.Compile("m.star", `
m = param("m", prior = normal(0, 1)); v = param("v", shape = 2, prior = normal(0, 1))
observe(normal(m, 1), v)
y = impute("cell", data["y"])
observe(normal(m, 1), y)
observe(multi_normal(m, cov = eye(2)), [[1, 2], [3, 4]])
`, model.Data{"y": []any{1., nil, 3., nil}}, model.CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	terms, err := m.Terms()
	if err != nil {
		t.Fatal(err)
	}
	at, warnings := observedOf(terms)
	if !slices.Equal(at, []int{2, 4, 6, 7}) {
		t.Errorf("observed: %v", at)
	}
	text := strings.Join(warnings, "; ")
	if !strings.Contains(text, "observation 1, normal") || !strings.Contains(text, "2 missing cells") {
		t.Errorf("warnings: %s", text)
	}
	if got := without([]float64{1, 2, 3, 4}, terms[1].Y); !slices.Equal(got, []float64{1, 3}) {
		t.Errorf("without missing: %v", got)
	}
}

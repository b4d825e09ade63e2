package spec

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

type smallConfig struct {
	Tol     float64   `default:"0" min:"0"`
	Columns []string  `placeholder:"COL,…"`
	Levels  []float64 `placeholder:"Q,…"`
}

// A number that is read as zero and is none is refused: zero often stands for a default.
func TestNumbersThatVanish(t *testing.T) {
	for _, text := range []string{"1e-400", "0.001e-330", "4.9E-999"} {
		c := New[smallConfig]()
		for _, err := range []error{Decode("body", []byte(`{"tol": `+text+`}`), &c),
			Decode("body", []byte(`{"levels": [1, `+text+`]}`), &c), DecodeQuery(map[string][]string{"tol": {text}}, &c)} {
			if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), "would be 0") {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
	for _, text := range []string{"0", "0.0", "0e5", "1e-300", "5e-324"} {
		c := New[smallConfig]()
		if err := errors.Join(Decode("body", []byte(`{"tol": `+text+`}`), &c), DecodeQuery(map[string][]string{"tol": {
			text}}, &c)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What is no list is told how one is written.
func TestExamplesOfLists(t *testing.T) {
	c := New[smallConfig]()
	for body, want := range map[string]string{`{"columns": 3}`: `"columns": ["COL"]`, `{"levels": 3}`: `"levels": [0]`} {
		if err := Decode("body", []byte(body), &c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

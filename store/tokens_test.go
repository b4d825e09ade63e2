package store

import (
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

func tokenModel(t *testing.T) *ito.Model {
	t.Helper()
	s := ito.Space{Parts: []ito.Part{{Name: "text", Shape: []int{4}, Levels: 3}}}
	p, err := path.Parse("absorbing:levels=3,schedule=cosine")
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.New(nn.MLP{Width: 5, Depth: 1}, learn.CrossEntropy{}.Ports(s, 0, false), 2)
	if err != nil {
		t.Fatal(err)
	}
	w, err := wrap.NewTokens(p.(ito.Jump), 4)
	if err != nil {
		t.Fatal(err)
	}
	f, err := field.NewNet(w, net, ito.PredLogits)
	if err != nil {
		t.Fatal(err)
	}
	return &ito.Model{Path: p, Field: f, Space: s, Vocabulary: &ito.Vocabulary{Unit: ito.Characters,
		Tokens: []string{"a", "b", "\n"}}}
}

// A model of text comes back with its vocabulary, and one whose parts do not fit each other is refused.
func TestTokens(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m.safetensors")
	m := tokenModel(t)
	if err := SaveModel(file, m); err != nil {
		t.Fatal(err)
	}
	got, err := LoadModel(file)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Space, m.Space) || !reflect.DeepEqual(got.Vocabulary, m.Vocabulary) ||
		got.Field.Kind() != ito.PredLogits || got.Field.(*field.Net).Wrap.Kind() != "tokens" {
		t.Errorf("%v and %v came back", got.Space, got.Vocabulary)
	}
	for name, change := range map[string]func(*ito.Model){
		"other levels":      func(m *ito.Model) { m.Space.Parts[0].Levels = 4 },
		"numbers":           func(m *ito.Model) { m.Space.Parts[0].Levels = 0 },
		"no space":          func(m *ito.Model) { m.Space = ito.Space{} },
		"a short list":      func(m *ito.Model) { m.Vocabulary.Tokens = []string{"a"} },
		"a token twice":     func(m *ito.Model) { m.Vocabulary.Tokens[1] = "a" },
		"other length":      func(m *ito.Model) { m.Space.Parts[0].Shape = []int{5} },
		"no unit":           func(m *ito.Model) { m.Vocabulary.Unit = "" },
		"a prior of number": func(m *ito.Model) { m.Prior = &ito.Gaussian{Mean: make([]float64, 4), Cov: make([]float64, 4)} },
	} {
		m := tokenModel(t)
		change(m)
		if err := SaveModel(file, m); !errors.Is(err, ErrEdited) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package store

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed9a7962a8/ito"
)

func TestCheckpoint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c")
	if _, err := LoadCheckpoint(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none yet: %v", err)
	}
	want := &Checkpoint{
		Config:  "beta-max = 10.0\n",
		State:   json.RawMessage(`{"stage":3,"step":18446744073709551615}`),
		Tensors: []Tensor{NewF64("A", []float64{1, 2, 3, 4}, 2, 2), NewF32("ema/0", []float32{5}, 1)},
	}
	if err := want.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := LoadCheckpoint(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	a, err := got.Tensor("A")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := a.Float64s(); err != nil || !cmp.Equal(v, []float64{1, 2, 3, 4}) {
		t.Errorf("%v, %v", v, err)
	}
	if _, err := got.Tensor("B"); !errors.Is(err, ito.ErrInput) {
		t.Errorf("%v", err)
	}
}

func TestCheckpointRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c")
	if err := (&Checkpoint{State: json.RawMessage("{")}).Save(path); err == nil {
		t.Error("a state that is not JSON was written")
	}
	for name, metadata := range map[string]map[string]string{
		"a model":      {keyKind: "model"},
		"of no kind":   {},
		"wrong digest": {keyKind: kindCheckpoint, keyConfig: "a = 1", keyConfigDigest: Digest(nil), keyState: "null"},
		"no state":     {keyKind: kindCheckpoint, keyConfigDigest: Digest(nil)},
	} {
		if err := Save(path, &File{Metadata: metadata}); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadCheckpoint(path); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCompareConfig(t *testing.T) {
	for _, c := range []struct{ saved, now, field, was, is string }{
		{``, ``, "", "", ""},
		{`{"a":10,"b":{"c":[1,2.5]}}`, "a = 1e1\n[b]\nc = [1.0, 2.5]\n", "", "", ""},
		{`{"beta-max":10,"steps":5}`, `{"steps":5,"beta-max":20.0}`, "beta-max", "10", "20"},
		{`{"seed":18446744073709551615}`, `{"seed":18446744073709551614}`, "seed", "18446744073709551615",
			"18446744073709551614"},
		{`{"x":{"path":"vp"},"z":1}`, `{"x":{"path":"ve"},"z":2}`, "x.path", `"vp"`, `"ve"`},
		{`{"a":1}`, `{"a":1,"b":true}`, "b", "absent", "true"},
		{`{"a":1,"b":null}`, `{"a":1}`, "b", "null", "absent"},
		{"scale = [1, 8]", "scale = [1, 6]", "scale", "[1, 8]", "[1, 6]"},
		{"a = 1e-3", "a = 0.001", "", "", ""},
		{"[[t]]\nx = 1", "[[t]]\nx = 2", "t", "[{x: 1}]", "[{x: 2}]"},
	} {
		err := CompareConfig(c.saved, c.now)
		if c.field == "" {
			if err != nil {
				t.Errorf("%s and %s: %v", c.saved, c.now, err)
			}
			continue
		}
		var e *ConfigError
		if !errors.As(err, &e) || *e != (ConfigError{Field: c.field, Saved: c.was, Now: c.is}) ||
			!errors.Is(err, ito.ErrInput) {
			t.Errorf("%s and %s: %v", c.saved, c.now, err)
		}
	}
	want := "`resume`: field beta-max is 10 in the checkpoint and 20 now; give the old value, or start anew without " +
		"`resume`"
	if err := CompareConfig("beta-max = 10", "beta-max = 20"); err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{`{"a":1} x`, `{"a":`, "a ="} {
		if CompareConfig(bad, "") == nil || CompareConfig("", bad) == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// A file is a place for checkpoints: what is saved is loaded, the last one counts, and none matches fs.ErrNotExist.
func TestCheckpointFile(t *testing.T) {
	var place Checkpoints = CheckpointFile(filepath.Join(t.TempDir(), "run.checkpoint"))
	if _, err := place.Load(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
	for _, config := range []string{"a = 1\n", "a = 2\n"} {
		if err := place.Save(&Checkpoint{Config: config}); err != nil {
			t.Fatal(err)
		}
		if c, err := place.Load(); err != nil || c.Config != config || !place.(CheckpointFile).There() {
			t.Errorf("%q: %+v, %v", config, c, err)
		}
	}
	for range 2 {
		if err := place.Remove(); err != nil {
			t.Error(err)
		}
	}
	if _, err := place.Load(); !errors.Is(err, fs.ErrNotExist) || place.(CheckpointFile).There() {
		t.Errorf("removed: %v", err)
	}
}

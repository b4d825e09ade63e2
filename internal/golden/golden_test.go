package golden_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/simd"
)

var update = flag.Bool("update", false, "write the digests of the groups that run into testdata")

var ctx = context.Background()

// how is what to do about a digest that has changed.
const how = `If no byte was meant to change, the change is a fault. If it was, add a row with the cases and the reason to docs/changed-bytes.md
and write the digests anew on every level:
	for level in avx2 portable; do ITO_SIMD=$level go test -count=1 ./internal/golden -update; done`

// group is a family of cases that share what is costly to make. run computes them all, with so many workers.
type group struct {
	name string
	run  func(t *testing.T, workers int) cases
}

// cases are digests by the words for what was computed.
type cases map[string]string

// refused stands for a computation that is refused with an error of input; how the error is worded is no part of it.
const refused = "refused"

// set records the digest of a case, or how it ended.
func (c cases) set(name, digest string, err error) {
	if _, twice := c[name]; twice {
		panic("two cases are called " + name)
	}
	var nf *ito.NonFiniteError
	switch {
	case errors.As(err, &nf):
		digest = fmt.Sprintf("not finite at step %d", nf.Step)
	case errors.Is(err, ito.ErrInput):
		digest = refused
	case err != nil:
		digest = "failed: " + err.Error()
	}
	c[name] = digest
}

// sum is a digest of numbers: of their bits, in order.
type sum struct{ h hash.Hash }

func newSum() sum { return sum{sha256.New()} }

func (s sum) floats(x ...float64) sum {
	b := make([]byte, 0, 8*len(x))
	for _, v := range x {
		if math.IsNaN(v) {
			v = math.NaN() // one of them
		}
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	s.h.Write(b)
	return s
}

func (s sum) singles(x []float32) sum {
	for _, v := range x {
		s.floats(float64(v))
	}
	return s
}

// text is the first 48 bits: a change that keeps them is one in 3·10¹⁴.
func (s sum) text() string { return hex.EncodeToString(s.h.Sum(nil)[:6]) }

func digest(x ...float64) string { return newSum().floats(x...).text() }

func groups() []group {
	return slices.Concat(trainings(), learned(), solvers(), densities(), inferences(), searches())
}

// level is the SIMD level by which the processor computes, or a skip where there are no digests of it.
func level(t *testing.T) string {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skipf("NO GOLDEN DIGESTS ARE CHECKED on %s: its compiler fuses products and sums, and its bytes are others",
			runtime.GOARCH)
	}
	if race {
		t.Skip("minutes under the race detector, under which the tests of the packages run")
	}
	if err := simd.LevelError(); err != nil {
		t.Skipf("NO GOLDEN DIGESTS ARE CHECKED: %v", err)
	}
	return simd.Level()
}

// Vector code of every level agrees bit for bit, and most cases agree with portable code too: the second file has
// those that do not.
const (
	vectorFile   = "testdata/golden.json"
	portableFile = "testdata/golden-portable.json"
)

// read has the digests of a level.
func read(t *testing.T, level string) map[string]cases {
	t.Helper()
	want := map[string]cases{}
	load(t, vectorFile, want)
	if level == "portable" {
		other := map[string]cases{}
		load(t, portableFile, other)
		for group, list := range other {
			for name, digest := range list {
				if _, there := want[group][name]; !there {
					t.Errorf("%s: %q of %q is not in %s: write both anew. %s", portableFile, name, group, vectorFile,
						how)
					continue
				}
				want[group][name] = digest
			}
		}
	}
	return want
}

func load(t *testing.T, file string, into map[string]cases) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, &into)
	}
	if err != nil && !(*update && errors.Is(err, os.ErrNotExist)) {
		t.Fatal(err)
	}
}

// write puts groups on file: all of them in the place of what is there, or some among the others.
func write(t *testing.T, level string, got map[string]cases, all bool) {
	t.Helper()
	file, on := vectorFile, map[string]cases{}
	if level == "portable" {
		file = portableFile
		vector := map[string]cases{}
		load(t, vectorFile, vector)
		for group, list := range got {
			maps.DeleteFunc(list, func(name, digest string) bool { return vector[group][name] == digest })
		}
	}
	if !all {
		load(t, file, on)
	}
	maps.Copy(on, got)
	maps.DeleteFunc(on, func(_ string, list cases) bool { return len(list) == 0 })
	b, err := json.MarshalIndent(on, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Every case gives the digest on file, with one worker and with two.
func TestDigests(t *testing.T) {
	level := level(t)
	want := read(t, level)
	var mu sync.Mutex
	got := map[string]cases{}
	t.Run("groups", func(t *testing.T) {
		for _, g := range groups() {
			t.Run(g.name, func(t *testing.T) {
				t.Parallel()
				one, two := g.run(t, 1), g.run(t, 2)
				mu.Lock()
				got[g.name] = one
				mu.Unlock()
				compare(t, g.name, "with two workers instead of one", two, one,
					"The bytes depend on the workers, which is a fault.")
				if !*update {
					compare(t, g.name, "at level "+level, one, want[g.name], how)
				}
			})
		}
	})
	if *update && !t.Failed() {
		write(t, level, got, flag.Lookup("test.run").Value.String() == "")
	}
}

// compare names the cases that differ, the first ones where they are many.
func compare(t *testing.T, group, when string, got, want cases, do string) {
	t.Helper()
	differ := 0
	for _, name := range slices.Sorted(maps.Keys(got)) {
		switch w, there := want[name]; {
		case !there:
			t.Errorf("%s: %q has no digest on file %s", group, name, when)
		case w != got[name]:
			t.Errorf("%s: %q is %s %s and was %s", group, name, got[name], when, w)
		default:
			continue
		}
		if differ++; differ == 20 {
			t.Errorf("%s: and perhaps more", group)
			break
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if _, there := got[name]; !there {
			t.Errorf("%s: %q is on file and not computed any more", group, name)
			differ++
		}
	}
	if differ > 0 {
		t.Log(do)
	}
}

// What is on file is what is computed: no group is left from before.
func TestNoGroupIsLeft(t *testing.T) {
	if *update {
		t.Skip("under way")
	}
	on := read(t, "portable")
	for _, g := range groups() {
		delete(on, g.name)
	}
	for name := range on {
		t.Errorf("group %q is on file and not computed any more. %s", name, how)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

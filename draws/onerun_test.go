package draws

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// Chains of other seeds, models or data are not joined, and what differs is named; CmdStan's chains may have their
// own seeds.
func TestChainsOfOneRun(t *testing.T) {
	file := func(m Meta, name string, chain int) string {
		t.Helper()
		dir := t.TempDir()
		files, err := Write(filepath.Join(dir, name), &m, journal(t, &m, exampleRows(&m, 5)))
		if err != nil {
			t.Fatal(err)
		}
		return files[chain]
	}
	m := example(2)
	m.Config = SettingsOf("data = \"abc\"\nradius = 2\n")
	first := file(m, "a.csv", 0)
	if _, err := Read(first, file(m, "b.csv", 1)); err != nil {
		t.Error(err)
	}
	for what, c := range map[string]struct {
		change func(m *Meta)
		want   string
	}{
		"seed":  {func(m *Meta) { m.Seed = 8 }, "its setting seed is 8 where " + first + " has 7"},
		"model": {func(m *Meta) { m.Model = "other" }, "its setting model is other where "},
		"data": {func(m *Meta) { m.Config = SettingsOf("data = \"abd\"\nradius = 2\n") },
			`its setting data is "abd" where `},
		"warmup": {func(m *Meta) { m.Warmup = 900 }, "its setting num_warmup is 900 where "},
		"chains": {func(m *Meta) { m.Chains, m.Adaptation = 3, append(m.Adaptation, m.Adaptation[0]) },
			"its setting chains is 3 where "},
	} {
		other := m
		c.change(&other)
		_, err := Read(first, file(other, "b.csv", 1))
		if !errors.Is(err, ito.ErrInput) || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("another %s: %v", what, err)
		}
	}
	stan := func(seed, data, out string) string {
		return write(t, "s.csv",
			"# stan_version_major = 2\n# model = m\n# data\n#   file = "+data+"\n# random\n#   seed = "+seed+"\n# output\n#   file = "+out+"\nlp__,x\n-1,"+seed+"\n-1,3\n")
	}
	if _, err := Read(stan("1", "a.json", "o1.csv"), stan("2", "a.json", "o2.csv")); err != nil {
		t.Error(err)
	}
	if _, err := Read(stan("1", "a.json", "o1.csv"), stan("2", "b.json", "o2.csv")); err == nil ||
		!strings.Contains(err.Error(), "its data are b.json where ") {
		t.Error(err)
	}
	if _, err := Read(stan("1", "a.json", "o1.csv"), first); err == nil {
		t.Error("a chain of CmdStan and one of ito were joined")
	}
}

// Files of some of a run's chains are summed up, and it is said that the others are missing; all of them are no
// warning.
func TestSomeChainsOfARun(t *testing.T) {
	m := example(3)
	files, err := Write(filepath.Join(t.TempDir(), "d.csv"), &m, journal(t, &m, exampleRows(&m, 50)))
	if err != nil {
		t.Fatal(err)
	}
	stan := func(chains string) string {
		return write(t, "s.csv",
			"# stan_version_major = 2\n# model = m\n# num_chains = "+chains+"\nlp__,x\n-1,2\n-1,3\n")
	}
	for _, c := range []struct {
		files []string
		says  string // of the missing; empty: nothing
	}{
		{files, ""}, {files[1:], "the run had 3 chains, and these are 2"},
		{files[:1], "the run had 3 chains, and these are 1"},
		{[]string{stan("2")}, "the run had 2 chains, and these are 1"}, {[]string{stan("1")}, ""},
		{[]string{stan("1"), stan("1")}, ""},
	} {
		table, err := Open(c.files...)
		if err != nil {
			t.Fatal(err)
		}
		u, err := table.Summarise()
		if err := errors.Join(err, table.Close()); err != nil {
			t.Fatal(err)
		}
		all := strings.Join(u.Warnings, "\n")
		if c.says == "" && strings.Contains(all, "the run had") || !strings.Contains(all, c.says) {
			t.Errorf("%d files: %q", len(c.files), u.Warnings)
		}
		if c.says != "" && (!strings.HasPrefix(u.Advice, "Name the files of all chains") || strings.Contains(u.Advice,
			"run four")) {
			t.Errorf("%d files: %q", len(c.files), u.Advice)
		}
	}
}

// What an earlier run left is found, and nobody else's.
func TestStale(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"d.csv", "d_1.csv", "d_2.csv", "d_3.csv", "d_12.csv"} {
		put(name, csvTitle+"\n")
	}
	for _, name := range []string{"d_03.csv", "d_0.csv", "d_x.csv", "e_3.csv", "d_3.parquet", "dd_3.csv",
		"d_3.csv.partial"} {
		put(name, "mine")
	}
	for _, c := range []struct {
		path   string
		chains int
		want   []string
	}{
		{"d.csv", 2, []string{"d.csv", "d_12.csv", "d_3.csv"}}, {"d.csv", 1, []string{"d_1.csv", "d_12.csv", "d_2.csv",
			"d_3.csv"}}, {"d.csv", 12, []string{"d.csv"}},
		{"f.csv", 2, nil}, {"d.parquet", 2, nil}, {"d.npy", 1, nil},
	} {
		got, err := Stale(filepath.Join(dir, c.path), c.chains)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			got[i] = filepath.Base(got[i])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s of %d chains: %v, want %v", c.path, c.chains, got, c.want)
		}
	}
	put("d_4.csv", "lp__,x\n1,2\n")
	if _, err := Stale(filepath.Join(dir, "d.csv"), 2); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(),
		"d_4.csv: ito did not write this file") {
		t.Error(err)
	}
}

// Draws never stand beside the description of others: when that cannot be written, there is none, and the file is
// refused.
func TestDescriptionOfOtherDraws(t *testing.T) {
	m := Meta{Columns: []string{"x", "y"}, Chains: 1}
	path := filepath.Join(t.TempDir(), "d.npy")
	if _, err := Write(path, &m, journal(t, &m, []float64{1, 2, 3, 4})); err != nil {
		t.Fatal(err)
	}
	// JSON has no NaN
	turned := Meta{Columns: []string{"y", "x"}, Chains: 1, Adaptation: []Adaptation{{StepSize: math.NaN()}}}
	if _, err := Write(path, &turned, journal(t, &turned, []float64{5, 6, 7, 8})); err == nil {
		t.Fatal("it was described")
	}
	if _, err := Read(path); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(),
		"d.npy.json: there is no such file") {
		t.Error(err)
	}
}

package draws

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/store"
)

func others(name string) string { return filepath.Join("testdata", "others", name) }

// Files of pyarrow hold what pyarrow put into them, whatever the codec, the layout of the pages, the encoding and
// the kind of number; see testdata/others/make.py.
func TestParquetOfPyarrow(t *testing.T) {
	raw, err := os.ReadFile(others("expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]map[string][]float64
	if err := json.Unmarshal(raw, &expected); err != nil {
		t.Fatal(err)
	}
	if len(expected) != 19 {
		t.Errorf("%d files are expected", len(expected))
	}
	for name, columns := range expected {
		s, err := Read(others(name + ".parquet"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.Chains != 3 || s.Draws != 60 || len(s.Columns) != len(columns) {
			t.Errorf("%s: %d chains of %d draws of %v", name, s.Chains, s.Draws, s.Columns)
			continue
		}
		for column, want := range columns {
			if got := slices.Concat(s.Column(s.Find(column))...); !slices.Equal(got, want) {
				t.Errorf("%s: %s is %v, want %v", name, column, got[:3], want[:3])
			}
		}
	}
}

// What is no number is refused by the column and by what it holds, and so is a value that is not there, by its row.
func TestParquetRefusals(t *testing.T) {
	for name, want := range map[string]string{
		"not_date": `column "x" is not of plain numbers: it holds dates`, "not_timestamp": "it holds points in time",
		"not_time":   "it holds times of day",
		"not_string": "it holds text", "not_list": "it holds a", "not_struct": "it holds a",
		"null":        "column x: row 6: there is no value (null)",
		"lz4_corrupt": "column y: the file is damaged: a page does not unpack to the 3207 bytes",
	} {
		var bad *store.FormatError
		if _, err := Open(others(name + ".parquet")); !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// The files in which draws of others were read wrongly.
func TestOthersFaults(t *testing.T) {
	for _, c := range []struct {
		files                []string
		parameter            string
		chains, draws        int
		mean, sd, rhat, bulk float64 // to the digits that pyarrow's numbers and ArviZ have for them; 0: not asked
	}{
		{[]string{"lz4_ok_from_pyarrow.parquet"}, "x", 4, 100, 1.534, 1.777, 1.636, 7},
		{[]string{"uint32.parquet"}, "u", 4, 100, 4294967291, 0, 0, 0},
		{[]string{"uint32.parquet"}, "x", 4, 100, 1.534, 1.777, 1.636, 7},
		{[]string{"theta_1_1.parquet"}, "theta[1,1]", 4, 100, -.007124, .9717, 1.005, 396},
		{[]string{"chain_column.csv"}, "x", 4, 100, 1.534, 1.777, 1.636, 7},
		{[]string{"tiny_scale_0.csv", "tiny_scale_1.csv", "tiny_scale_2.csv", "tiny_scale_3.csv"}, "x", 4, 500,
			7.531e-17, 5.673e-17, 2.841, 5},
	} {
		var paths []string
		for _, f := range c.files {
			paths = append(paths, others(f))
		}
		s, err := Read(paths...)
		if err != nil {
			t.Errorf("%v: %v", c.files, err)
			continue
		}
		u := Summarise(s)
		k := slices.IndexFunc(u.Parameters, func(r Row) bool { return r.Name == c.parameter })
		if k < 0 || u.Chains != c.chains || u.Draws != c.draws {
			t.Errorf("%v: %d chains of %d draws of %v", c.files, u.Chains, u.Draws, s.Columns)
			continue
		}
		r := u.Parameters[k]
		near := func(got, want float64, digits string) bool {
			return fmt.Sprintf(digits, got) == fmt.Sprintf(digits, want)
		}
		if !near(r.Mean, c.mean, "%.4g") || !near(r.SD, c.sd, "%.4g") || c.rhat > 0 && (!near(r.RHat, c.rhat, "%.4g") ||
			!near(r.ESSBulk, c.bulk, "%.0f")) {
			t.Errorf("%v: %+v", c.files, r)
		}
		if c.rhat > 1.1 && !strings.Contains(strings.Join(u.Warnings, "\n"), "the chains have not mixed") {
			t.Errorf("%v: %q", c.files, u.Warnings)
		}
	}
}

// A damaged file costs no more memory than it has bytes and says that it is damaged: every bit that is turned, and
// every place at which it is cut.
func TestDamagedParquet(t *testing.T) {
	for _, name := range []string{"codec_lz4_1", "codec_zstd_2", "codec_gzip_2", "hadoop"} {
		whole, err := os.ReadFile(others(name + ".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		try := func(what string, b []byte) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			table := newTable("", heldWords)
			err := table.readParquet(strings.NewReader(string(b)), int64(len(b)), what)
			table.Close()
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20 {
				t.Errorf("%s, %s: %d bytes were allocated", name, what, n)
			}
			if err != nil && !errors.Is(err, ito.ErrInput) && !isFormat(err) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		for at := 0; at < len(whole); at += 1 + len(whole)/150 {
			b := slices.Clone(whole)
			b[at] ^= 1 << (at % 8)
			try(fmt.Sprintf("bit %d of byte %d", at%8, at), b)
			try(fmt.Sprintf("cut at %d", at), whole[:at])
		}
	}
}

func isFormat(err error) bool {
	var bad *store.FormatError
	return errors.As(err, &bad)
}

func FuzzParquet(f *testing.F) {
	for _, name := range []string{"codec_lz4_1", "codec_snappy_2", "encoding_delta", "encoding_split", "kinds",
		"hadoop", "null", "not_list"} {
		b, err := os.ReadFile(others(name + ".parquet"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		table := newTable(t.TempDir(), 1<<16)
		defer table.Close()
		if err := table.readParquet(strings.NewReader(string(b)), int64(len(b)), "fuzz"); err != nil && !errors.Is(err,
			ito.ErrInput) && !isFormat(err) {
			t.Fatalf("not an input error: %v", err)
		}
	})
}

// One file holds several chains when a column says so, in the names of R's posterior, of cmdstanpy, of ArviZ and of
// coda, with the rows in any order of the chains; several such files are joined. Without such a column one that is
// called draw is a parameter.
func TestChainColumns(t *testing.T) {
	row := func(chain, draw int) string { return fmt.Sprintf("%d,%d,%d", chain, draw, 10*chain+draw) }
	var blocks, turns []string
	for c := 3; c > 0; c-- {
		for d := 1; d <= 4; d++ {
			blocks = append(blocks, row(c, d))
		}
	}
	for d := 1; d <= 4; d++ {
		for c := 3; c > 0; c-- {
			turns = append(turns, row(c, d))
		}
	}
	for _, head := range []string{"chain,draw,x", ".chain,.draw,x", ".chain,.iteration,x", "chain__,iter__,x",
		"CHAIN,ITER,x", `"chain","iteration","x"`, "Chain,Iteration,x"} {
		for how, rows := range map[string][]string{"blocks": blocks, "turns": turns} {
			path := write(t, "d.csv", head+"\n"+strings.Join(rows, "\n")+"\n")
			s, err := Read(path, path)
			if err != nil {
				t.Errorf("%s, %s: %v", head, how, err)
				continue
			}
			if s.Chains != 6 || s.Draws != 4 || !slices.Equal(s.Columns, []string{"x"}) {
				t.Errorf("%s, %s: %d chains of %d draws of %v", head, how, s.Chains, s.Draws, s.Columns)
				continue
			}
			for c := range s.Chains {
				first := 10*float64(3-c%3) + 1
				if got := s.Chain(0, c); !slices.Equal(got, []float64{first, first + 1, first + 2, first + 3}) {
					t.Errorf("%s, %s: chain %d is %v", head, how, c+1, got)
				}
			}
		}
	}
	for text, want := range map[string]string{
		"draw,x\n1,2\n2,3\n":                            "1 chains of 2 draws of [draw x]",
		".draw,x\n1,2\n2,3\n":                           "1 chains of 2 draws of [x]",
		"chain,x\n.5,2\n.25,3\n":                        "1 chains of 2 draws of [chain x]",
		".chain,chain,x\n1,7,2\n2,8,3\n":                "2 chains of 1 draws of [chain x]",
		"# stan_version_major = 2\nchain,x\n1,2\n2,3\n": "1 chains of 2 draws of [chain x]",
		".chain,x\n1.5,2\n2,3\n": "column .chain: row 1: its numbers are not those of chains, " +
			"which are whole",
		"chain,x\n1,2\n1,3\n2,4\n":                      "column chain: chain 2 has 1 draws and chain 1 has 2",
		"chain,draw,x\n1,1,2\n1,3,3\n1,2,4\n":           "row 3: draw 2 of chain 1 stands behind draw 3: sort the rows",
		"chain,draw\n1,1\n1,2\n":                        "it has columns that number the draws and none with draws",
		".chain,\"b[1,2]\",b.1.2\n1,2,3\n":              `columns 2 and 3 have the one name "b.1.2"`,
		".chain,\"b[1,2]\",b[x]\n1,2,3\n":               "1 chains of 1 draws of [b.1.2 b[x]]",
		"\"\",\".chain\",\"x\"\n\"a\",1,2\n\"b\",2,3\n": "2 chains of 1 draws of [x]",
		"\"\",\"x\"\n\"a\",2\n\"b\",3\n":                "1 chains of 2 draws of [x]",
		"\"\",chain,x\na,.5,2\nb,3,3\n":                 "1 chains of 2 draws of [chain x]",
		",chain,draw,x\n0,1,1,2\n1,1,2,3\n":             "1 chains of 2 draws of [x]",
		"x,\"\"\n1,2\n":                                 `"" is not a column's name`,
		"\x1f\x8b\b\x00":                                "it is packed with gzip",
		"\"b[1,x]\",\"a\"\"b\"\n1,2\n":                  `"a\"b" is not a column's name`,
	} {
		s, err := Read(write(t, "d.csv", text))
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprintf("%d chains of %d draws of %v", s.Chains, s.Draws, s.Columns)
		} else if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%q: %v is no input error", text, err)
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// Files of ito are read again whatever its parameters are called.
func TestParametersCalledChain(t *testing.T) {
	for _, columns := range [][]string{{"chain", "draw"}, {"draw"}, {"Chain", "iteration", "iter"},
		{"chain.1", "chain.2"}} {
		m := Meta{Columns: columns, Chains: 2}
		rows := exampleRowsPlain(&m, 5)
		j := journal(t, &m, rows)
		want := inMemory(t, j, &m)
		for _, ext := range []string{".csv", ".parquet", ".npy"} {
			files, err := Write(filepath.Join(t.TempDir(), "d"+ext), &m, j)
			if err != nil {
				t.Fatal(err)
			}
			if ext == ".npy" {
				files = files[:1]
			}
			got, err := Read(files...)
			if err != nil {
				t.Errorf("%v, %s: %v", columns, ext, err)
			} else if got.Chains != 2 || !slices.Equal(got.Columns, columns) || !slices.Equal(got.X, want.X) {
				t.Errorf("%v, %s: %d chains of %v, %v", columns, ext, got.Chains, got.Columns, got.X)
			}
		}
	}
}

// The first row of CmdStan's variational draws is the mean of the approximation, and an optimum is no draw.
func TestCmdStanMethodsThatDoNotSample(t *testing.T) {
	s, err := Read(write(t, "v.csv", "# stan_version_major = 2\n# method = variational\nlp__,log_p__,log_g__,x\n# "+
		"Stepsize adaptation complete.\n# eta = 1\n0,0,0,100\n0,-1,-1,1\n0,-2,-1,2\n"))
	if err != nil || s.Draws != 2 || s.Chain(s.Find("x"), 0)[0] != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := Read(write(t, "o.csv", "# stan_version_major = 2\n# method = optimize\nlp__,x\n-1,2\n")); !errors.Is(
		err, ito.ErrInput) || !strings.Contains(err.Error(), "no draw") {
		t.Error(err)
	}
}

// Draws of an approximation come with its density: weights p/q of a constant are no warning, and those of a q that
// is too narrow are. q is N(0, 1) and p N(0, 1) or nearly, or N(0, s²), whose weights exp((1−1/s²)x²/2) have a tail
// of shape 1−1/s²; k̂ of 4000 draws has sd ≈ 2/√190 = .15, and the seed is fixed.
func TestApproximations(t *testing.T) {
	s := newSet(Meta{Columns: []string{"log_p__", "log_g__", "x"}, Stats: 2, Chains: 1, Method: "meanfield"}, 4000)
	rng.NewKey(4, rng.PurposeSolver, 0, 0).Normals64(s.Chain(2, 0), s.Draws, []uint64{0})
	for sd, want := range map[float64]bool{1: false, 1.1: false, 10: true} {
		for i, x := range s.Chain(2, 0) {
			s.Chain(0, 0)[i], s.Chain(1, 0)[i] = -x*x/2/(sd*sd), -x*x/2
		}
		all := strings.Join(Summarise(s).Warnings, "\n")
		if got := strings.Contains(all, "Pareto k̂ of their weights p/q is "); got != want || strings.Contains(all,
			"one chain") {
			t.Errorf("p of sd %v: %q", sd, all)
		}
	}
}

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

// A column's name cannot command the terminal.
func TestNamesAreQuoted(t *testing.T) {
	if got := Label("a\x1b[31m.1\u202e"); got != `a\x1b[31m[1\u202e]` {
		t.Errorf("%q", got)
	}
	s, err := Read(write(t, "d.csv", "x\x1b]0;owned\x07,y\n1,2\n2,1\n3,3\n4,3\n"))
	if err != nil {
		t.Fatal(err)
	}
	u := Summarise(s)
	u.Model = "m\x1b[2J"
	var b strings.Builder
	if err := (Text{}).Write(&b, &u); err != nil || strings.ContainsAny(b.String(), "\x1b\x07") {
		t.Errorf("%q, %v", b.String(), err)
	}
}

// Small files that would unpack to much, or say so, are refused before they do.
func TestParquetBombs(t *testing.T) {
	whole, err := os.ReadFile(others("codec_zstd_1.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := openParquet(strings.NewReader(string(whole)), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	f.rows, f.groups = 1<<40, []parquetGroup{{rows: 1 << 40, chunks: f.groups[0].chunks}}
	for k := range f.groups[0].chunks {
		f.groups[0].chunks[k].values = 1 << 40
	}
	if err := f.check(); err == nil || !strings.Contains(err.Error(),
		"would unpack to 1099511627776 rows of 6 columns") {
		t.Error(err)
	}
	// 100 MB of zeros in 10 kB, said to be 200 bytes, or said to be what they are.
	packed := pack(t, make([]byte, 100<<20))
	var u unpacker
	defer u.close()
	for size, want := range map[int]string{200: "a page does not unpack to the 200 bytes",
		101 << 20: "does not unpack to the 105906176 bytes"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := u.unpack(codecZstd, packed, size)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d bytes: %v", size, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; size == 200 && n > 16<<20 {
			t.Errorf("%d bytes were allocated for a page of %d", n, size)
		}
	}
	for codec, name := range map[int64]string{codecSnappy: "Snappy", codecGzip: "gzip", codecLZ4: "LZ4",
		codecLZ4Raw: "raw LZ4"} {
		if _, err := u.unpack(codec, make([]byte, 100), mostPage); err == nil || !strings.Contains(err.Error(),
			"is said to unpack to") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := u.unpack(codecLZO, make([]byte, 100), 100); err == nil || !strings.Contains(err.Error(),
		"codec 3, which is not read") {
		t.Error(err)
	}
}

// Very many columns cost memory and time in proportion to them: 10 000 are read.
func TestVeryManyColumns(t *testing.T) {
	if testing.Short() {
		t.Skip("writes and reads 10 000 columns")
	}
	const columns = 10_000
	m := Meta{Columns: Names("x", columns), Chains: 2}
	rows := make([]float64, 2*2*columns)
	for i := range rows {
		rows[i] = float64(i % 7919)
	}
	j := journal(t, &m, rows)
	for _, ext := range []string{".csv", ".parquet"} {
		files, err := Write(filepath.Join(t.TempDir(), "d"+ext), &m, j)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := Read(files...)
		runtime.ReadMemStats(&after)
		if err != nil || s.Chains != 2 || s.Draws != 2 || s.Chain(columns-1, 1)[1] != rows[len(rows)-1] {
			t.Fatalf("%s: %v", ext, err)
		}
		if n := (after.TotalAlloc - before.TotalAlloc) / columns; n > 20_000 {
			t.Errorf("%s: %d bytes are allocated a column", ext, n)
		}
	}
}

func pack(t *testing.T, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

func FuzzNPY(f *testing.F) {
	m := Meta{Columns: []string{LogDensity, "x"}, Stats: 1, Chains: 2}
	files, err := Write(filepath.Join(f.TempDir(), "d.npy"), &m, journal(f, &m, exampleRowsPlain(&m, 3)))
	if err != nil {
		f.Fatal(err)
	}
	var parts [2][]byte
	for i, file := range files {
		if parts[i], err = os.ReadFile(file); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(parts[0], parts[1])
	f.Fuzz(func(t *testing.T, npy, sidecar []byte) {
		path := filepath.Join(t.TempDir(), "d.npy")
		if err := errors.Join(os.WriteFile(path, npy, 0o666), os.WriteFile(path+".json", sidecar, 0o666)); err != nil {
			t.Fatal(err)
		}
		readsOrRefuses(t, path)
	})
}

func FuzzJournal(f *testing.F) {
	m := Meta{Columns: []string{LogDensity, "x"}, Stats: 1, Chains: 2}
	j := journal(f, &m, exampleRowsPlain(&m, 3))
	if _, err := j.Sync(); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(j.path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "d.partial")
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		readsOrRefuses(t, path)
		if j, err := OpenJournal(path, &m, 1); err == nil {
			if j.Rows() != 1 {
				t.Errorf("%d rows", j.Rows())
			}
			j.Close()
		}
	})
}

// readsOrRefuses reads a file: it is refused with an error of its own kind, or has a number for every draw.
func readsOrRefuses(t *testing.T, path string) {
	t.Helper()
	s, err := Read(path)
	switch {
	case err != nil && !errors.Is(err, ito.ErrInput) && !isFormat(err):
		t.Fatalf("not an input error: %v", err)
	case err == nil && (s.Draws < 1 || len(s.X) != s.Chains*s.Draws*len(s.Columns)):
		t.Fatalf("%d numbers for %d draws of %d columns", len(s.X), s.Draws, len(s.Columns))
	}
}

package draws

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

func others(name string) string { return filepath.Join("testdata", "others", name) }

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

// The first row of CmdStan's variational draws is the mean of the approximation, and an optimum is a point.
func TestCmdStanMethodsThatDoNotSample(t *testing.T) {
	s, err := Read(write(t, "v.csv", "# stan_version_major = 2\n# method = variational\nlp__,log_p__,log_g__,x\n# "+
		"Stepsize adaptation complete.\n# eta = 1\n0,0,0,100\n0,-1,-1,1\n0,-2,-1,2\n"))
	if err != nil || s.Draws != 2 || s.Chain(s.Find("x"), 0)[0] != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	s, err = Read(write(t, "o.csv", "# stan_version_major = 2\n# method = optimize\nlp__,x\n-1,2\n"))
	if err != nil || !s.IsPoint() {
		t.Fatalf("%+v, %v", s, err)
	}
	sum := Summarise(s)
	if !sum.Point || len(sum.Warnings) > 0 || sum.Parameters[0].Mean != 2 || !math.IsNaN(sum.Parameters[0].SD) ||
		!strings.Contains(sum.Advice, "point estimate") {
		t.Errorf("%+v", sum)
	}
	s.SetErrors([]float64{.25})
	if sum = Summarise(s); sum.Parameters[0].SD != .25 {
		t.Errorf("%+v", sum.Parameters)
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

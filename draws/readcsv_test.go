package draws

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed9a7962a8/ito"
)

// cmdstan is a file in the words of CmdStan 2.3x, with saved warm-up rows and thinning.
const cmdstan = `# stan_version_major = 2
# model = eight_schools_model
# start_datetime = 2026-01-01 00:00:00 UTC
# method = sample (Default)
#   sample
#     num_samples = 4
#     num_warmup = 3
#     save_warmup = true
#     thin = 2
#     adapt
#       engaged = true (Default)
#     algorithm = hmc (Default)
#       hmc
#         engine = nuts (Default)
#           nuts
#             max_depth = 8
#         metric = dense_e
# id = 1 (Default)
# random
#   seed = 4294967295
lp__,accept_stat__,mu,theta.1
-9,0.1,9,9
-9,nan,9,9
# Adaptation terminated
# Step size = 0.5
# Elements of inverse mass matrix:
# 1, 0.5
# 0.5, 2
-1.5,1,1e-3,-inf
-2.5,0.5,-2,-nan
# 
#  Elapsed Time: 0.25 seconds (Warm-up)
#                0.5 seconds (Sampling)
#                0.75 seconds (Total)
# 
`

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadCmdStan(t *testing.T) {
	want := &Set{
		Meta: Meta{
			Columns: []string{"lp__", "accept_stat__", "mu", "theta.1"}, Stats: 2, Chains: 1,
			Model: "eight_schools_model", Method: "nuts",
			Seed: 4294967295, Warmup: 3, Thin: 2, MaxDepth: 8,
			Config:     []Setting{{"start_datetime", "2026-01-01 00:00:00 UTC"}},
			Adaptation: []Adaptation{{StepSize: .5, InvMetric: []float64{1, .5, .5, 2}, Dense: true}},
		},
		Draws: 2, X: []float64{-1.5, -2.5, 1, .5, 1e-3, -2, math.Inf(-1), math.NaN()},
		Elapsed: []Elapsed{{.25, .5}},
	}
	for name, text := range map[string]string{"lf.csv": cmdstan, "crlf.csv": strings.ReplaceAll(cmdstan, "\n", "\r\n"),
		"mark.csv": "\ufeff" + cmdstan} {
		path := write(t, name, text)
		got, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		want.Files = []string{path}
		if diff := cmp.Diff(want, got, cmp.Comparer(sameBits)); diff != "" {
			t.Error(name, diff)
		}
	}
}

// Without adaptation, the configuration alone says how many rows are warm-up.
func TestReadWarmupWithoutAdaptation(t *testing.T) {
	from, to := strings.Index(cmdstan, "# Adaptation"), strings.Index(cmdstan, "-1.5,")
	s, err := Read(write(t, "d.csv", cmdstan[:from]+cmdstan[to:]))
	if err != nil || s.Draws != 2 || s.Adaptation != nil {
		t.Errorf("%v, %v", s, err)
	}
}

// Statistics of the sampler come first whatever their place in the file.
func TestReadPutsStatisticsFirst(t *testing.T) {
	s, err := Read(write(t, "d.csv", "x,lp__,y\n1,2,3\n4,5,6\n"))
	if err != nil || strings.Join(s.Columns, " ") != "lp__ x y" || s.Stats != 1 {
		t.Fatalf("%v, %v", s, err)
	}
	if diff := cmp.Diff([]float64{2, 5, 1, 4, 3, 6}, s.X); diff != "" {
		t.Error(diff)
	}
}

func TestReadErrorsHaveTheirPlace(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"word", "lp__,mu\n1,2\n3,x\n", `d.csv: line 3, column 2 (mu): "x" is not a number`},
		{"empty", "lp__,mu\n1,\n", `line 2, column 2 (mu): "" is not a number`},
		{"cells", "# a\nlp__,mu\n1,2,3\n", "line 3: this row has 3 cells, the header 2"},
		{"cut", "lp__,mu\n1,2\n1", "line 3: this row has 1 cells, the header 2, and the file ends in it"},
		{"header", "1,2\n", "line 1, column 1 (1): the header has the number 1"},
		{"twice", "mu,mu\n", `line 1, column 2 (mu): columns 1 and 2 have the one name "mu"`},
		{"again", "lp__,mu\n1,2\nlp__,mu\n", "line 3, column 1 (lp__): here a second header begins"},
		{"nothing", "", "there is no header"},
		{"no rows", "# a = b\nlp__,mu\n", "there are no draws in it"},
		{"step size", "# Step size = wide\nlp__\n1\n", `line 1: the step size "wide" is not a number`},
		{"json", `{"mu": [1]}`, "draws are read from JSON that ito infer wrote"},
		{"parquet", "PAR1 and no more", "it cannot be read as Parquet"},
		{"npy", "\x93NUMPY\x01\x00", "d.csv.json: there is no such file"},
		{"journal", journalMagic + "12345678", "the header of this journal of draws is damaged"},
	} {
		_, err := Read(write(t, "d.csv", c.text))
		if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	a, b, d := write(t, "a.csv", "lp__,mu\n1,2\n"), write(t, "b.csv", "lp__,nu\n1,2\n"),
		write(t, "c.csv", "lp__,mu\n1,2\n3,4\n")
	if _, err := Read(a, b); err == nil || !strings.Contains(err.Error(), `its column 2 is "nu" where`) {
		t.Error(err)
	}
	if _, err := Read(a, d); err == nil || !strings.Contains(err.Error(), "it has 2 draws and") {
		t.Error(err)
	}
	if _, err := Read(a, a+"x"); err == nil || !strings.Contains(err.Error(), "there is no such file") {
		t.Error(err)
	}
	if _, err := Read(); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
}

// No bytes make the parser panic, and what it takes has as many numbers as rows and columns say.
func FuzzReadCSV(f *testing.F) {
	f.Add([]byte(cmdstan))
	f.Add([]byte("x,lp__\n1,2\n"))
	f.Add([]byte("# Adaptation terminated"))
	f.Add([]byte("# a=0\n# a=1\n.chain,draw,\"x[1,2]\"\n1,1,2\n2,1,3\n"))
	f.Add([]byte("a\n1\n# Adaptation terminated\n# Diagonal elements of\n# 1,2\n2"))
	f.Fuzz(func(t *testing.T, b []byte) {
		table := newTable("", heldWords)
		c, err := table.readCSV(strings.NewReader(string(b)), "fuzz")
		if err != nil {
			if !errors.Is(err, ito.ErrInput) {
				t.Fatalf("not an input error: %v", err)
			}
			return
		}
		if err := table.joinChains([]*csvChain{c, c}); err != nil {
			t.Fatal(err)
		}
		s, err := table.Set(table.every(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if s.Draws < 1 || len(s.X) != 2*c.chains()*s.Draws*len(s.Columns) {
			t.Fatalf("%d numbers for %d draws of %d columns", len(s.X), s.Draws, len(s.Columns))
		}
	})
}

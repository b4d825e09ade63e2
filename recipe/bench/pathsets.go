package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/rng"
)

// pathSet is rows to learn, and held-out ones in the coordinates in which samples are compared: half of them to
// choose a solver by, half to judge it.
type pathSet struct {
	name    string
	missing string // what is not there
	large   bool   // one seed
	weight  float64
	solvers []string
	grids   []string

	table         *data.Table  // of numbers; nil: frame or images
	frame         *frame.Frame // a table with types
	images        *data.Images
	raw           bool // in raw units
	embed         func(rows ito.States) ito.States
	choose, judge ito.States
	floor         float64 // distance of choose from judge
	sum           string
}

// pathFile is a set that is a file, its name under `data` or in the tree.
type pathFile struct {
	name, file, column string // column: of a series, cut into windows
	images             bool
}

// pathFiles are the sets that are files: six tables with types, images, and windows of two series.
var pathFiles = []pathFile{
	{"abalone", "abalone.csv", "", false}, {"housing", "housing.csv", "", false},
	{"insurance", "insurance.csv", "", false}, {"titanic", "titanic.csv", "", false},
	{"customers", "examples/customers/customers.csv", "", false}, {"orders", "examples/shop/orders.csv", "", false},
	{"digits", "examples/digits.csv", "", false},
	{"mnist", "t10k-images-idx3-ubyte.gz", "", true},
	{"load", "ETTh1.csv", "HUFL", false}, {"oil", "ETTh1.csv", "OT", false},
}

// PathSets are the names of the sets.
func PathSets() []string {
	out := make([]string, 0, len(pathFiles)+2)
	for _, f := range pathFiles {
		out = append(out, f.name)
	}
	return append(out, "spiral", "checkerboard")
}

// Sizes: a window of a series, rows that are held out of each set at most, the rows of a toy, and the
// columns up to which the distance is W2: of few rows in many columns it prefers blurred ones, as digits whose W2 lay
// below that of real ones, so that beyond it is sliced.
const (
	windowSteps  = 24
	mostHeld     = 1200
	toyRows      = 20000
	exactColumns = 16
	mostImages   = 6000
)

// plainGrids are those that every solver is tried on.
var plainGrids = []string{"uniform", "quadratic", "logsnr", "karras", "unmasking"}

// plainSolvers are one of each family that may win, in its usual order; those of momentum, interpolants and mixed
// columns are refused by other paths.
var plainSolvers = []string{"euler", "heun", "dpmpp-2m", "unipc-2", "deis-3", "sscs", "mixed", "mixed-2m"}

func (s *pathSet) seeds(all []uint64) []uint64 {
	if s.large {
		return all[:1]
	}
	return all
}

func (s *pathSet) digest() string { return s.sum }

// openPathSet reads a set; one whose file is not there says which.
func openPathSet(name, folder string) (*pathSet, error) {
	s := &pathSet{name: name, weight: 1, solvers: plainSolvers, grids: plainGrids}
	switch name {
	case "spiral":
		return s, s.toy([]float64{1, 8})
	case "checkerboard":
		return s, s.toy([]float64{6, 1})
	}
	for _, f := range pathFiles {
		if f.name != name {
			continue
		}
		at := filepath.Join(folder, filepath.Base(f.file))
		if _, err := os.Stat(at); errors.Is(err, fs.ErrNotExist) {
			if at = f.file; filepath.Dir(f.file) == "." {
				s.missing = "there is no " + filepath.Base(f.file) + " in the folder of `data`"
				return s, nil
			}
			if _, err := os.Stat(at); errors.Is(err, fs.ErrNotExist) {
				s.missing = "there is no " + at + " here, and no " + filepath.Base(at) + " in the folder of `data`"
				return s, nil
			}
		}
		switch {
		case f.images:
			return s, s.pictures(at)
		case f.column != "":
			return s, s.windows(at, f.column)
		case f.name == "digits":
			return s, s.numbers(at)
		}
		return s, s.typed(at)
	}
	return nil, &ito.InputError{Where: "`sets`", What: "unknown set " + name}
}

// toy is a built-in set in raw units.
func (s *pathSet) toy(scale []float64) error {
	t, err := data.Builtin(s.name, toyRows, 1)
	if err != nil {
		return err
	}
	s.raw = true
	if err := t.Scale(scale); err != nil {
		return err
	}
	return s.split(t)
}

// numbers is a table of numbers whose label is left out.
func (s *pathSet) numbers(at string) error {
	t, err := data.Open(at, data.OpenOptions{})
	if err != nil {
		return err
	}
	if t, _, err = t.Take([]string{"label"}); err != nil {
		return err
	}
	return s.split(t)
}

// windows are parts of a series, a day each, that begin every six steps.
func (s *pathSet) windows(at, column string) error {
	t, err := data.Open(at, data.OpenOptions{Text: []string{"date"}})
	if err != nil {
		return err
	}
	_, taken, err := t.Take([]string{column})
	if err != nil {
		return err
	}
	v := taken[0].Numbers
	w := &data.Table{Name: t.Name, Columns: data.DefaultColumns(windowSteps), Cols: windowSteps}
	for i := 0; i+windowSteps <= len(v); i += windowSteps / 4 {
		w.X, w.Rows = append(w.X, v[i:i+windowSteps]...), w.Rows+1
	}
	if w.Rows < 100 {
		return &ito.InputError{Where: at, What: fmt.Sprintf("%d steps", len(v)), Do: "give 700 or more"}
	}
	return s.split(w)
}

// parts is an order of n rows and how many of them are for training.
func parts(n int) (order []int, cut int) {
	key := rng.NewKey(1, rng.PurposeSplit, 0, 0)
	order = make([]int, n)
	for i := range order {
		order[i] = i
	}
	for i := range max(n-1, 0) {
		j := i + key.Intn(uint64(i), 0, n-i)
		order[i], order[j] = order[j], order[i]
	}
	return order, n - min(2*(n/5), mostHeld)
}

// split takes rows of numbers apart. They are compared in raw units or standardised.
func (s *pathSet) split(t *data.Table) error {
	order, cut := parts(t.Rows)
	s.table = &data.Table{Name: t.Name, Columns: t.Columns, Cols: t.Cols}
	held := ito.NewStates(t.Rows-cut, t.Cols, 0)
	for k, i := range order {
		if k < cut {
			s.table.X, s.table.Rows = append(s.table.X, t.Row(i)...), k+1
		} else {
			copy(held.Row(k-cut), t.Row(i))
		}
	}
	s.sum = t.Digest()
	scale, shift := make([]float64, t.Cols), make([]float64, t.Cols)
	mean, err := metric.Mean(s.table.States())
	if err != nil {
		return err
	}
	sd, err := metric.SD(s.table.States())
	if err != nil {
		return err
	}
	for k := range scale {
		if scale[k] = 1; !s.raw {
			shift[k] = mean[k]
			if scale[k] = 0; sd[k] > 0 {
				scale[k] = 1 / sd[k]
			}
		}
	}
	s.embed = func(x ito.States) ito.States {
		out := x.Clone()
		for i, v := range out.X {
			k := i % out.D
			out.X[i] = (v - shift[k]) * scale[k]
		}
		return out
	}
	return s.hold(held)
}

// hold puts the held-out rows in two.
func (s *pathSet) hold(rows ito.States) error {
	y := s.embed(rows)
	half := y.N / 2
	s.choose, s.judge = y.Slice(0, half), y.Slice(half, 2*half)
	return s.level()
}

// level measures the floor.
func (s *pathSet) level() (err error) {
	s.floor, err = s.distance(context.Background(), s.choose, s.judge)
	if err == nil && !(s.floor > 0) {
		err = &ito.InputError{Where: s.name, What: fmt.Sprintf("the halves of its rows are %g apart", s.floor)}
	}
	return err
}

func (s *pathSet) place(x ito.States) ito.States { return s.embed(x) }

// distance is exact W2 up to 16 coordinates, sliced beyond.
func (s *pathSet) distance(ctx context.Context, x, y ito.States) (float64, error) {
	if x.D <= exactColumns {
		return metric.W2(ctx, x, y)
	}
	d, err := metric.SlicedW2(ctx, x, y, 4*metric.Directions, 1)
	return math.Max(d, 0), err
}

// fit trains on the rows.
func (s *pathSet) fit(ctx context.Context, c recipe.TrainConfig) (*ito.Model, error) {
	var m *ito.Model
	var err error
	switch run := (recipe.RunOptions{Workers: 1}); {
	case s.frame != nil:
		c.HoldOut = "0" // what is held out is held out of all
		m, _, err = recipe.FitFrame(ctx, s.frame, c, run)
	case s.images != nil:
		c.Network, c.Batch, c.Transform, c.StagePaths = "unet2d:base=8", 64, "none", 128
		m, _, err = recipe.FitSource(ctx, recipe.Set{Source: s.images, Name: s.name,
			Transform: s.images.Transform}, c, run)
	default:
		if s.raw {
			c.Transform = "none"
		}
		m, _, err = recipe.Fit(ctx, s.table, c, run)
	}
	return m, err
}

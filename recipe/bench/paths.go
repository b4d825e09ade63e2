package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/path"
)

// PathBench trains the same network on every path for the same processor time, on sets of rows, and samples each
// with every solver that it has at every number of calls: which path is to be the default is read off its table.
//
// A cell is one path on one set with one seed. How many steps the time pays for is measured once for a path on a set
// (its pace), alone and on one processor, and kept, so that cells of other seeds have as many and every cell is
// reproducible from its file. Cells are independent; those that are there already are not computed again.
type PathBench struct {
	Sets    []string  // nil: all of PathSets
	Paths   []string  // words; nil: all of BenchPaths
	Seeds   []uint64  // of small sets; large ones take the first. nil: 1, 2, 3
	Calls   []int     // nil: 4, 6, 8, 10, 20, 50
	Seconds float64   // processor time of a training, the stages of learnt paths included; 0: 30
	Data    string    // the folder of the sets that are files
	Keep    PathCells // where cells are kept; nil: nowhere
	Workers int       // cells at a time, each on one processor; 0: one
	Dry     bool      // compute nothing
	Note    func(string)
	Count   func(done, total int)
}

// PathCells is where cells are kept, by name.
type PathCells interface {
	Load(name string, v any) (found bool, err error)
	Save(name string, v any) error
}

// BenchPaths are the paths and variants that are compared. Tables with types have mixed too.
func BenchPaths() []string {
	return []string{"vsdm", "vsdm:variant=diagonal", "vsdm:variant=logistic", "vp", "vp:power=1.7", "ve",
		"subvp", "edm",
		"flow", "cosine", "kinetic", "pfgm", "cld", "vsmd", "onesided:family=trig", "interpolant", "mixed"}
}

// BenchCalls are the numbers of network calls.
func BenchCalls() []int { return []int{4, 6, 8, 10, 20, 50} }

const benchSeconds = 30

// PathCell is what became of one training.
type PathCell struct {
	Set     string  `json:"set"`
	Digest  string  `json:"digest"` // of the rows
	Path    string  `json:"path"`
	Seed    uint64  `json:"seed"`
	Budget  float64 `json:"budget"` // seconds of a training, as asked for
	Calls   []int   `json:"calls"`  // that were asked for
	Steps   int     `json:"steps"`  // that the budget paid for
	Trained float64 `json:"trained"`
	Judged  float64 `json:"judged"`
	// Figures are by number of calls; a number that no solver can make has none.
	Figures []PathFigure `json:"figures,omitempty"`
	Floor   float64      `json:"floor"`
	Refused string       `json:"refused,omitempty"` // why the path is not for this set
}

// PathFigure is the distance of the samples of the best solver. It was chosen on one part of the held-out rows and is
// measured on the other.
type PathFigure struct {
	Calls  int     `json:"calls"`
	Value  float64 `json:"value"`
	Solver string  `json:"solver"`
	Grid   string  `json:"grid"`
}

// pathJob is a cell that is not there yet.
type pathJob struct {
	set  *pathSet
	path string
	seed uint64
}

func (j pathJob) name() string { return fmt.Sprintf("%s-%s-%d", j.set.name, fileWord(j.path), j.seed) }

// fileWord is a word as part of the name of a file.
func fileWord(word string) string {
	out := []rune(word)
	for i, r := range out {
		if r == ':' || r == '=' || r == ',' || r == '/' {
			out[i] = '_'
		}
	}
	return string(out)
}

func (b PathBench) custom() PathBench {
	if len(b.Sets) == 0 {
		b.Sets = PathSets()
	}
	if len(b.Paths) == 0 {
		b.Paths = BenchPaths()
	}
	if len(b.Seeds) == 0 {
		b.Seeds = []uint64{1, 2, 3}
	}
	if len(b.Calls) == 0 {
		b.Calls = BenchCalls()
	}
	if b.Seconds == 0 {
		b.Seconds = benchSeconds
	}
	return b
}

// Check says what is wrong with the settings.
func (b PathBench) Check() error {
	b = b.custom()
	for _, s := range b.Sets {
		if !slices.Contains(PathSets(), s) {
			return &ito.InputError{Where: "`sets`", What: fmt.Sprintf("unknown set %q", s),
				Do: suggest.Among(s, PathSets())}
		}
	}
	for _, w := range b.Paths {
		if _, err := path.Parse(w); err != nil && !slices.Contains(BenchPaths(), w) {
			return err
		}
	}
	for _, k := range b.Calls {
		if k < 1 {
			return &ito.InputError{Where: "`nfe`", What: fmt.Sprintf("%d network calls", k), Do: "give 1 or more"}
		}
	}
	for _, l := range [][]string{b.Sets, b.Paths} {
		if s := slices.Sorted(slices.Values(l)); len(slices.Compact(s)) < len(l) {
			return &ito.InputError{Where: "`sets` and `paths`", What: "a name twice", Do: "give each once"}
		}
	}
	if !(b.Seconds >= .1 && b.Seconds < 1e6) {
		return &ito.InputError{Where: "`seconds`", What: fmt.Sprintf("a training of %g seconds", b.Seconds),
			Do: "give .1 or more"}
	}
	return nil
}

// Run computes the cells that are not there and returns the table of all that are. When ctx ends, the table of what is
// done comes back with its error.
func (b PathBench) Run(ctx context.Context) (*PathTable, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	b = b.custom()
	t := &PathTable{Calls: b.Calls, Seconds: b.Seconds, Paths: b.Paths, Seeds: b.Seeds}
	var todo []pathJob
	for _, name := range b.Sets {
		set, err := openPathSet(name, b.Data)
		if err != nil {
			return nil, err
		}
		if set.missing != "" {
			t.Missing = append(t.Missing, name+": "+set.missing)
			continue
		}
		t.Sets = append(t.Sets, name)
		for _, word := range b.Paths {
			for _, seed := range set.seeds(b.Seeds) {
				j := pathJob{set, word, seed}
				t.Total++
				c, err := b.load(j)
				if err != nil {
					return nil, err
				}
				if c != nil {
					t.Cells = append(t.Cells, *c)
				} else {
					todo = append(todo, j)
				}
			}
		}
	}
	b.estimate(todo)
	var err error
	if !b.Dry {
		err = b.compute(ctx, todo, t)
	}
	t.finish()
	return t, err
}

// load is the cell of a job if it is kept: one of another budget, of other calls or of other rows is refused.
func (b PathBench) load(j pathJob) (*PathCell, error) {
	if b.Keep == nil {
		return nil, nil
	}
	c := new(PathCell)
	found, err := b.Keep.Load(j.name(), c)
	if err != nil || !found {
		return nil, err
	}
	for _, k := range b.Calls {
		if !slices.Contains(c.Calls, k) {
			return nil, &ito.InputError{Where: "`keep`", What: fmt.Sprintf("the cell %s has %d network calls, "+
				"and not %d",
				j.name(), c.Calls, k), Do: "give another folder, or ask for these"}
		}
	}
	if c.Budget != b.Seconds*j.set.weight || c.Digest != j.set.digest() {
		return nil, &ito.InputError{Where: "`keep`", What: fmt.Sprintf("the cell %s is of %g seconds of "+
			"training on %s, "+
			"not of %g on these", j.name(), c.Budget/j.set.weight, c.Set, b.Seconds),
			Do: "give another folder, or the same settings"}
	}
	return c, nil
}

// estimate notes what is left to compute.
func (b PathBench) estimate(todo []pathJob) {
	if b.Note == nil || len(todo) == 0 {
		return
	}
	seconds := 0.
	for _, j := range todo {
		seconds += b.Seconds * j.set.weight * (1 + judgingShare)
	}
	b.Note(fmt.Sprintf("%d cells to compute, about %.1f hours of one processor (%.1f of %d)", len(todo), seconds/3600,
		seconds/3600/float64(max(b.Workers, 1)), max(b.Workers, 1)))
}

// judgingShare is about what sampling and measuring takes over a training of the default budget.
const judgingShare = .4

// compute measures the paces that are missing, one at a time, and then the cells, side by side.
func (b PathBench) compute(ctx context.Context, todo []pathJob, t *PathTable) error {
	done := t.Total - len(todo)
	paces := map[string]pathPace{}
	for _, j := range todo {
		key := j.set.name + "-" + fileWord(j.path) + "-pace"
		if _, ok := paces[key]; ok {
			continue
		}
		p, err := b.pace(ctx, j, key)
		if err != nil {
			return err
		}
		paces[key] = p
	}
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(b.Workers, 1))
	for _, j := range todo {
		g.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			c, err := b.cell(ctx, j, paces[j.set.name+"-"+fileWord(j.path)+"-pace"])
			if err != nil {
				return fmt.Errorf("%s: %w", j.name(), err)
			}
			mu.Lock()
			defer mu.Unlock()
			if b.Keep != nil {
				if err := b.Keep.Save(j.name(), c); err != nil {
					return err
				}
			}
			t.Cells = append(t.Cells, *c)
			done++
			if b.Count != nil {
				b.Count(done, t.Total)
			}
			return nil
		})
	}
	return g.Wait()
}

// since is the time from then in seconds.
func since(then time.Time) float64 { return time.Since(then).Seconds() }

package draws

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/seed9a7962a8/ito"
)

// The statistics that have a meaning here. Others are carried along.
const (
	LogDensity = "lp__"
	Accept     = "accept_stat__"
	StepSize   = "stepsize__"
	Depth      = "treedepth__"
	Leapfrogs  = "n_leapfrog__"
	Divergent  = "divergent__"
	Energy     = "energy__"
	LogWeight  = "logw__"     // of a particle, not normalised; those of groups compare when they hold the group's log Z
	Ancestor   = "ancestor__" // of a particle: a number that those of one origin share
)

// Meta says what the rows of a run are.
type Meta struct {
	Columns []string // statistics of the sampler first, then parameters; CmdStan's names
	Stats   int      // the first Stats columns are statistics; their names end in two underscores
	Chains  int      // chains, or independent groups of particles

	Model  string // name of the model or target
	Method string // the sampler: nuts, hmc, smc, …
	Seed   uint64
	Warmup int // warm-up steps of each chain
	Thin   int // steps a draw; 0 means 1
	// MaxDepth is the greatest depth of a NUTS tree: draws that reach it are counted as saturated. 0: not known.
	MaxDepth int
	// Config is written into the files as it stands, after what the fields above say.
	Config []Setting
	// Adaptation is what each chain's warm-up learned, [Chains]; nil for samplers that do not adapt.
	Adaptation []Adaptation
}

// Setting is one line of the configuration in the files.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Adaptation is a step size with an inverse mass matrix.
type Adaptation struct {
	StepSize float64 `json:"step_size"`
	// InvMetric is the diagonal [d], or [d,d] row-major when Dense; empty for the unit matrix.
	InvMetric []float64 `json:"inv_metric,omitempty"`
	Dense     bool      `json:"dense,omitempty"`
}

// Set is the draws of a run in memory.
type Set struct {
	Meta
	Draws int       // of each chain, warm-up excluded
	X     []float64 // [Chains,Columns,Draws]: Chain gives a row
	// Elapsed is what the files say of each chain's time in seconds, [Chains]; nil when they say nothing.
	Elapsed []Elapsed
	Files   []string // where the chains came from
}

// Elapsed is the time that a chain took, in seconds.
type Elapsed struct{ Warmup, Sampling float64 }

// Chain returns the draws of a column in one chain, sharing memory.
func (s *Set) Chain(column, chain int) []float64 {
	at := (chain*len(s.Columns) + column) * s.Draws
	return s.X[at : at+s.Draws : at+s.Draws]
}

// Column returns the draws of a column, one slice a chain, sharing memory.
func (s *Set) Column(column int) [][]float64 {
	v := make([][]float64, s.Chains)
	for c := range v {
		v[c] = s.Chain(column, c)
	}
	return v
}

// columns is some columns of the set, a copy.
func (s *Set) columns(columns []int) *Set {
	out := newSet(s.only(columns), s.Draws)
	for k, from := range columns {
		for c := range s.Chains {
			copy(out.Chain(k, c), s.Chain(from, c))
		}
	}
	return out
}

// Find returns the index of the column of the given name, or −1.
func (m *Meta) Find(name string) int { return slices.Index(m.Columns, name) }

// Parameters lists the columns that are not statistics of the sampler.
func (m *Meta) Parameters() []string { return m.Columns[min(m.Stats, len(m.Columns)):] }

// Label writes a column's name as people do: theta.2.1 is theta[2,1]. What a terminal would obey is escaped.
func Label(column string) string {
	column = printable(column)
	name, index, ok := strings.Cut(column, ".")
	if !ok || name == "" {
		return column
	}
	return name + "[" + strings.ReplaceAll(index, ".", ",") + "]"
}

// printable is a text of a file with its control characters as escapes.
func printable(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return s
	}
	q := strconv.Quote(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

// Names makes the columns of a parameter of the given shape, the first index fastest: Names("L", 2, 2)
// is L.1.1, L.2.1, L.1.2, L.2.2. Without a shape it is the name alone.
func Names(name string, shape ...int) []string {
	n := 1
	for _, k := range shape {
		n *= k
	}
	out := make([]string, n)
	for i := range out {
		b, rest := []byte(name), i
		for _, k := range shape {
			b = append(b, '.')
			b = strconv.AppendInt(b, int64(rest%k)+1, 10)
			rest /= k
		}
		out[i] = string(b)
	}
	return out
}

// Check reports what is wrong with m: no columns, a name twice or one that the files cannot hold,
// statistics that are not first, adaptation that does not fit the chains.
func (m *Meta) Check() error { return m.check(true) }

// check allows names that only other programs write when they are not to be written.
func (m *Meta) check(writable bool) error {
	bad := func(format string, a ...any) error {
		return &ito.InputError{Where: "draws", What: fmt.Sprintf(format, a...)}
	}
	switch {
	case m.Chains < 1:
		return bad("%d chains; at least one is needed", m.Chains)
	case len(m.Columns) == 0:
		return bad("there are no columns")
	case m.Stats < 0 || m.Stats > len(m.Columns):
		return bad("%d statistics among %d columns", m.Stats, len(m.Columns))
	case m.Warmup < 0 || m.Thin < 0:
		return bad("a warm-up of %d steps and a thinning of %d", m.Warmup, m.Thin)
	case m.Adaptation != nil && len(m.Adaptation) != m.Chains:
		return bad("the adaptation of %d chains for %d", len(m.Adaptation), m.Chains)
	}
	seen := make(map[string]int, len(m.Columns))
	for i, name := range m.Columns {
		if at, ok := seen[name]; ok {
			return bad("columns %d and %d have the one name %q", at+1, i+1, name)
		}
		seen[name] = i
		switch {
		case name == "" || writable && (strings.ContainsAny(name, ",#\"\r\n") || strings.TrimSpace(name) != name ||
			name[0] == '.'):
			return bad("%q cannot name column %d", name, i+1)
		case i < m.Stats && !isStat(name):
			return bad("column %d, %q, is among the statistics and does not end in two underscores", i+1, name)
		case i >= m.Stats && isStat(name):
			return bad("column %d, %q, is named like a statistic of the sampler and stands among the parameters", i+1,
				name)
		}
	}
	for _, s := range append([]Setting{{"model", m.Model}, {"sampler", m.Method}}, m.Config...) {
		if strings.ContainsAny(s.Key+s.Value, "\r\n") || strings.TrimSpace(s.Key) == "" || strings.Contains(s.Key,
			"=") {
			return bad("the setting %q = %q does not fit on a line", s.Key, s.Value)
		}
	}
	return nil
}

func newSet(m Meta, draws int) *Set {
	return &Set{Meta: m, Draws: draws, X: make([]float64, m.Chains*len(m.Columns)*draws)}
}

func isStat(name string) bool { return strings.HasSuffix(name, "__") }

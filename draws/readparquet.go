package draws

import (
	"fmt"
	"io"

	"github.com/seed9a7962a8/ito/store"
)

// readParquet reads a table with a column for the chain (see dialects), where a chain's rows stand in the order of
// its draws. All other columns are numbers.
func (t *Table) readParquet(r io.ReaderAt, size int64, path string) error {
	bad := func(format string, a ...any) error {
		return &store.FormatError{Path: path, What: fmt.Sprintf(format, a...),
			Do: "name a file that ito wrote, or one with columns chain, draw and numbers"}
	}
	f, err := openParquet(r, size)
	if err != nil {
		return bad("it cannot be read as Parquet: %v", err)
	}
	own := map[string]bool{}
	if text, ok := f.keys[parquetKey]; ok {
		m, err := parseSidecar([]byte(text), path)
		if err != nil {
			return err
		}
		t.Meta = *m
		for _, name := range m.Columns {
			own[name] = true
		}
	}
	names := make([]string, len(f.columns))
	for i, c := range f.columns {
		names[i] = c.name
		if !own[c.name] {
			names[i] = cmdstanName(c.name)
		}
	}
	index := findIndices(names, func(name string) bool { return own[name] }, true)
	if index.chain < 0 {
		return bad("no column is called chain")
	}
	at := map[string]int{} // columns of draws
	var kept []string
	for i, c := range f.columns {
		needed := i == index.chain || i == index.order || !index.drop[i]
		if needed && c.refused != "" {
			return bad("column %q is not of plain numbers: it holds %s", c.name, c.refused)
		}
		if index.drop[i] {
			continue
		}
		if _, twice := at[names[i]]; twice {
			return bad("two columns are called %q", names[i])
		}
		at[names[i]] = i
		kept = append(kept, names[i])
	}
	chain := func() numbers { return f.column(index.chain) }
	var order numbers
	if index.order >= 0 {
		order = f.column(index.order)
	}
	s, err := countChains(chain(), order)
	if err != nil {
		return bad("column %s: %v", printable(names[index.chain]), err)
	}
	t.Chains, t.Draws = len(s.number), s.draws
	t.Columns, t.Stats = statsFirst(kept)
	if len(t.Adaptation) != t.Chains {
		t.Adaptation = nil
	}
	if err := t.check(false); err != nil {
		return bad("%v", err)
	}
	g := t.newGrid(len(t.Columns), &s)
	for k, name := range t.Columns {
		if err := g.fill(k, &s, f.column(at[name]), chain); err != nil {
			return bad("column %s: %v", printable(f.columns[at[name]].name), err)
		}
	}
	t.read = g.read
	return nil
}

// statsFirst lists the columns of draws, statistics of the sampler first, and counts these.
func statsFirst(names []string) (columns []string, stats int) {
	for _, want := range []bool{true, false} {
		for _, name := range names {
			if isStat(name) == want {
				columns = append(columns, name)
			}
		}
		if want {
			stats = len(columns)
		}
	}
	return columns, stats
}

package draws

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/seed9a7962a8/ito/store"
)

// readParquet reads a table with a column chain (or .chain, as R's posterior writes it), where a chain's rows
// stand in the order of its draws. All other columns but draw are numbers.
func readParquet(r io.ReaderAt, size int64, path string) (s *Set, err error) {
	bad := func(format string, a ...any) error {
		return &store.FormatError{Path: path, What: fmt.Sprintf(format, a...), Do: "name a file that ito wrote, or one with columns chain, draw and numbers"}
	}
	defer func() { // the decoder panics on some damaged files
		if p := recover(); p != nil {
			s, err = nil, bad("the file is damaged: %v", p)
		}
	}()
	f, err := parquet.OpenFile(r, size, parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, bad("it cannot be read as Parquet: %v", err)
	}
	names, chain := []string{}, -1
	for i, column := range f.Root().Columns() {
		switch name := column.Name(); {
		case !column.Leaf() || column.Repeated():
			return nil, bad("column %q is not of plain numbers", name)
		case name == "chain" || name == ".chain":
			chain = i
		}
		names = append(names, column.Name())
	}
	if chain < 0 {
		return nil, bad("no column is called chain")
	}
	chains, err := readColumn(f, chain)
	if err != nil {
		return nil, bad("column chain: %v", err)
	}
	m := &Meta{}
	if text, ok := f.Lookup(parquetKey); ok {
		if m, err = parseSidecar([]byte(text), path); err != nil {
			return nil, err
		}
	}
	at, err := places(chains)
	if err != nil {
		return nil, bad("%v", err)
	}
	return fillParquet(f, m, names, at, bad)
}

// place is where a row of the table goes.
type place struct{ chain, draw int }

// places numbers the chains in the order in which they first appear.
func places(chains []float64) ([]place, error) {
	if len(chains) == 0 {
		return nil, errors.New("there are no draws in it")
	}
	number, counts := map[float64]int{}, []int{}
	out := make([]place, len(chains))
	for i, c := range chains {
		k, ok := number[c]
		if !ok {
			k = len(counts)
			number[c] = k
			counts = append(counts, 0)
		}
		out[i] = place{k, counts[k]}
		counts[k]++
	}
	for k, n := range counts {
		if n != counts[0] {
			return nil, fmt.Errorf("chain %d has %d draws and chain 1 has %d", k+1, n, counts[0])
		}
	}
	return out, nil
}

func fillParquet(f *parquet.File, m *Meta, names []string, at []place, bad func(string, ...any) error) (*Set, error) {
	var columns []string
	for _, stats := range []bool{true, false} {
		for _, name := range names {
			if isStat(name) == stats && !isIndex(name) {
				columns = append(columns, name)
			}
		}
		if stats {
			m.Stats = len(columns)
		}
	}
	m.Columns = columns
	chains := 0
	for _, p := range at {
		chains = max(chains, p.chain+1)
	}
	m.Chains = chains
	if len(m.Adaptation) != chains {
		m.Adaptation = nil
	}
	if err := m.Check(); err != nil {
		return nil, bad("%v", err)
	}
	s := newSet(*m, len(at)/chains)
	for i, name := range names {
		k := m.Find(name)
		if k < 0 {
			continue
		}
		x, err := readColumn(f, i)
		if err == nil && len(x) != len(at) {
			err = fmt.Errorf("it has %d values for %d rows", len(x), len(at))
		}
		if err != nil {
			return nil, bad("column %s: %v", name, err)
		}
		for r, p := range at {
			s.Chain(k, p.chain)[p.draw] = x[r]
		}
	}
	return s, nil
}

// isIndex reports whether a column says which row it is.
func isIndex(name string) bool {
	switch name {
	case "chain", "draw", ".chain", ".draw", ".iteration":
		return true
	}
	return false
}

// readColumn reads the numbers of a column of all row groups.
func readColumn(f *parquet.File, column int) ([]float64, error) {
	var out []float64
	buffer := make([]parquet.Value, 4096)
	for _, g := range f.RowGroups() {
		pages := g.ColumnChunks()[column].Pages()
		for {
			page, err := pages.ReadPage()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, errors.Join(err, pages.Close())
			}
			values := page.Values()
			for {
				n, err := values.ReadValues(buffer)
				for _, v := range buffer[:n] {
					x, ok := float(v)
					if !ok {
						return nil, errors.Join(fmt.Errorf("a value is %s, not a number", v.Kind()), pages.Close())
					}
					out = append(out, x)
				}
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					return nil, errors.Join(err, pages.Close())
				}
			}
			parquet.Release(page)
		}
		if err := pages.Close(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func float(v parquet.Value) (float64, bool) {
	switch v.Kind() {
	case parquet.Double:
		return v.Double(), true
	case parquet.Float:
		return float64(v.Float()), true
	case parquet.Int32:
		return float64(v.Int32()), true
	case parquet.Int64:
		return float64(v.Int64()), true
	case parquet.Boolean:
		if v.Boolean() {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

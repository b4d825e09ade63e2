package draws

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/parquet-go/parquet-go"

	"github.com/seed9a7962a8/ito/store"
)

// readParquet reads a table with a column chain (or .chain, as R's posterior writes it), where a chain's rows
// stand in the order of its draws. All other columns but draw are numbers. The column chain is read again beside every other.
func (t *Table) readParquet(r io.ReaderAt, size int64, path string) (err error) {
	bad := func(format string, a ...any) error {
		return &store.FormatError{Path: path, What: fmt.Sprintf(format, a...), Do: "name a file that ito wrote, or one with columns chain, draw and numbers"}
	}
	defer func() { // the decoder panics on some damaged files
		if p := recover(); p != nil {
			err = bad("the file is damaged: %v", p)
		}
	}()
	f, err := parquet.OpenFile(r, size, parquet.SkipBloomFilters(true))
	if err != nil {
		return bad("it cannot be read as Parquet: %v", err)
	}
	names, chain := []string{}, -1
	for i, column := range f.Root().Columns() {
		switch name := column.Name(); {
		case !column.Leaf() || column.Repeated():
			return bad("column %q is not of plain numbers", name)
		case name == "chain" || name == ".chain":
			chain = i
		}
		names = append(names, column.Name())
	}
	if chain < 0 {
		return bad("no column is called chain")
	}
	if text, ok := f.Lookup(parquetKey); ok {
		m, err := parseSidecar([]byte(text), path)
		if err != nil {
			return err
		}
		t.Meta = *m
	}
	number, draws, err := countChains(f, chain)
	if err != nil {
		return bad("column chain: %v", err)
	}
	t.Chains, t.Draws = len(number), draws
	t.Columns, t.Stats = statsFirst(names)
	if len(t.Adaptation) != t.Chains {
		t.Adaptation = nil
	}
	if err := t.Check(); err != nil {
		return bad("%v", err)
	}
	for i, name := range names {
		if k := t.Find(name); k >= 0 {
			if err := t.fillColumn(f, k, i, chain, number); err != nil {
				return bad("column %s: %v", name, err)
			}
		}
	}
	t.read = func(dst []float64, column, chain, first int) error {
		return t.words.read(len(dst), t.contiguous(column, chain)+int64(first), func(i int, v uint64) { dst[i] = math.Float64frombits(v) })
	}
	return nil
}

// contiguous is the word at which a chain of a column begins in a table that is filled column by column.
func (t *Table) contiguous(column, chain int) int64 {
	return (int64(column)*int64(t.Chains) + int64(chain)) * int64(t.Draws)
}

// statsFirst lists the columns of draws, statistics of the sampler first, and counts these.
func statsFirst(names []string) (columns []string, stats int) {
	for _, want := range []bool{true, false} {
		for _, name := range names {
			if isStat(name) == want && !isIndex(name) {
				columns = append(columns, name)
			}
		}
		if want {
			stats = len(columns)
		}
	}
	return columns, stats
}

// countChains numbers the chains in the order in which they first appear, and counts the draws of each.
func countChains(f *parquet.File, chain int) (number map[float64]int, draws int, err error) {
	number = map[float64]int{}
	var counts []int
	r := newColumnReader(f, chain)
	for {
		c, err := r.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, errors.Join(err, r.close())
		}
		k, ok := number[c]
		if !ok {
			k = len(counts)
			number[c] = k
			counts = append(counts, 0)
		}
		counts[k]++
	}
	if len(counts) == 0 {
		return nil, 0, errors.New("there are no draws in it")
	}
	for k, n := range counts {
		if n != counts[0] {
			return nil, 0, fmt.Errorf("chain %d has %d draws and chain 1 has %d", k+1, n, counts[0])
		}
	}
	return number, counts[0], nil
}

// fillColumn reads column i of a file into column k.
func (t *Table) fillColumn(f *parquet.File, k, i, chain int, number map[float64]int) (err error) {
	part := max(1, min(1<<12, sheetValues/t.Chains))
	held, done := make([]uint64, part*t.Chains), make([]int, t.Chains) // values of each chain that are not yet in the table, and all so far
	flush := func(c int) error {
		n := done[c] % part
		if n == 0 && done[c] > 0 {
			n = part
		}
		return t.words.WriteWords(held[c*part:][:n], t.contiguous(k, c)+int64(done[c]-n))
	}
	values, chains := newColumnReader(f, i), newColumnReader(f, chain)
	defer func() { err = errors.Join(err, values.close(), chains.close()) }()
	rows := 0
	for ; ; rows++ {
		v, err := values.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		which, err := chains.next()
		if err != nil || rows == t.Chains*t.Draws {
			return fmt.Errorf("it has more values than the file has rows, %d", t.Chains*t.Draws)
		}
		c := number[which]
		held[c*part+done[c]%part] = math.Float64bits(v)
		if done[c]++; done[c]%part == 0 {
			if err := flush(c); err != nil {
				return err
			}
		}
	}
	if rows != t.Chains*t.Draws {
		return fmt.Errorf("it has %d values for %d rows", rows, t.Chains*t.Draws)
	}
	for c := range done {
		if done[c]%part != 0 {
			if err := flush(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// isIndex reports whether a column says which row it is.
func isIndex(name string) bool {
	switch name {
	case "chain", "draw", ".chain", ".draw", ".iteration":
		return true
	}
	return false
}

// columnReader reads the numbers of a column of all row groups, one after the other.
type columnReader struct {
	groups []parquet.RowGroup // that are not yet begun
	column int
	pages  parquet.Pages
	page   parquet.Page
	values parquet.ValueReader
	buffer []parquet.Value
	have   []parquet.Value // in the buffer, not yet read
	last   bool            // of the page
}

func newColumnReader(f *parquet.File, column int) *columnReader {
	return &columnReader{groups: f.RowGroups(), column: column, buffer: make([]parquet.Value, 4096)}
}

// next is the next number, or io.EOF.
func (r *columnReader) next() (float64, error) {
	for len(r.have) == 0 {
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	v := r.have[0]
	r.have = r.have[1:]
	x, ok := float(v)
	if !ok {
		return 0, fmt.Errorf("a value is %s, not a number", v.Kind())
	}
	return x, nil
}

// fill reads on: values of this page, the next page, the next group.
func (r *columnReader) fill() error {
	switch {
	case r.values != nil && !r.last:
		n, err := r.values.ReadValues(r.buffer)
		r.have, r.last = r.buffer[:n], errors.Is(err, io.EOF)
		if r.last {
			err = nil
		}
		return err
	case r.pages != nil:
		if r.page != nil {
			parquet.Release(r.page)
			r.page, r.values, r.last = nil, nil, false
		}
		page, err := r.pages.ReadPage()
		if errors.Is(err, io.EOF) {
			err := r.pages.Close()
			r.pages = nil
			return err
		}
		if err != nil {
			return err
		}
		r.page, r.values = page, page.Values()
		return nil
	case len(r.groups) > 0:
		r.pages = r.groups[0].ColumnChunks()[r.column].Pages()
		r.groups = r.groups[1:]
		return nil
	}
	return io.EOF
}

// close ends the reading early.
func (r *columnReader) close() error {
	if r.page != nil {
		parquet.Release(r.page)
		r.page = nil
	}
	if r.pages == nil {
		return nil
	}
	err := r.pages.Close()
	r.pages = nil
	return err
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

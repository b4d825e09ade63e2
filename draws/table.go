package draws

import (
	"errors"

	"github.com/seed9a7962a8/ito/metric"
)

// heldWords is how many of a table's words are in memory: 16 MiB.
const heldWords = 1 << 21

// Table is the draws of a run of any length: the first two million values are in memory, the others in a temporary
// file. Reading is safe for concurrent use.
type Table struct {
	Meta
	Draws int // of each chain, warm-up excluded
	// Elapsed is what the files say of each chain's time in seconds, [Chains]; nil when they say nothing.
	Elapsed []Elapsed
	Files   []string // where the chains came from

	run   int // chains that the run had, by what its files say; 0: not known
	words *scratch
	end   int64 // of what is in words
	read  func(dst []float64, column, chain, first int) error
}

// newTable is an empty table whose temporary file, if it needs one, is in dir; empty: the system's directory for them.
func newTable(dir string, held int) *Table {
	return &Table{words: &scratch{dir: dir, most: int64(held)}}
}

func (t *Table) sheet(width int) *sheet { return newSheet(t.words, &t.end, width) }

// Close forgets the draws.
func (t *Table) Close() error { return t.words.close() }

// tableColumn is a column of a table.
type tableColumn struct {
	t *Table
	k int
}

func (c tableColumn) Chains() int { return c.t.Chains }
func (c tableColumn) Draws() int  { return c.t.Draws }
func (c tableColumn) Read(dst []float64, chain, first int) error {
	return c.t.read(dst, c.k, chain, first)
}

// Column is the draws of column k.
func (t *Table) Column(k int) metric.Column { return tableColumn{t, k} }

// Set reads some columns into memory, statistics before parameters: every draw, or, where these columns have more
// than most values, every second, third, … draw of each chain. most 0 is no limit. Particles are not thinned.
func (t *Table) Set(columns []int, most int) (*Set, error) {
	thin := thinning(&t.Meta, t.Draws, len(columns), most)
	s := newSet(t.Meta.only(columns), (t.Draws+thin-1)/thin)
	s.Elapsed, s.Files = t.Elapsed, t.Files
	block := make([]float64, 1<<12)
	for to, k := range columns {
		for chain := range t.Chains {
			x := s.Chain(to, chain)
			if thin == 1 {
				if err := t.read(x, k, chain, 0); err != nil {
					return nil, err
				}
				continue
			}
			for at := 0; at < t.Draws; at += len(block) {
				b := block[:min(len(block), t.Draws-at)]
				if err := t.read(b, k, chain, at); err != nil {
					return nil, err
				}
				for i := (thin - at%thin) % thin; i < len(b); i += thin {
					x[(at+i)/thin] = b[i]
				}
			}
		}
	}
	return s, nil
}

// thinning is 1, or more to keep the values of some columns below most.
func thinning(m *Meta, draws, columns, most int) int {
	if most <= 0 || m.Find(LogWeight) >= 0 || m.Find(Ancestor) >= 0 {
		return 1
	}
	return max(1, (m.Chains*draws*columns+most-1)/most)
}

// only is m with some of its columns.
func (m *Meta) only(columns []int) Meta {
	out := *m
	out.Columns, out.Stats = nil, 0
	for _, k := range columns {
		out.Columns = append(out.Columns, m.Columns[k])
		out.Stats += btoi(k < m.Stats)
	}
	return out
}

// every lists the columns.
func (m *Meta) every() []int {
	all := make([]int, len(m.Columns))
	for k := range all {
		all[k] = k
	}
	return all
}

// Table reads all rows, with the temporary file of a long journal beside it. m is that of the run, with its adaptation.
func (j *Journal) Table(m *Meta) (*Table, error) { return j.table(m, heldWords) }

// table keeps so many words in memory.
func (j *Journal) table(m *Meta, held int) (*Table, error) {
	t := newTable(j.dir(), held)
	if err := j.into(t, m); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// into reads all rows into an empty table.
func (j *Journal) into(t *Table, m *Meta) error {
	t.Meta, t.Draws = *m, int(j.rows)
	s := t.sheet(j.chains * j.cols)
	t.read = func(dst []float64, column, chain, first int) error { return s.read(dst, chain*j.cols+column, first) }
	if err := j.eachRow(func(_ int, rows []float64) error { return s.add(rows) }); err != nil {
		return err
	}
	return s.done()
}

// Summarise is the Summary of all rows, in memory that does not grow with them: see [Table.Summarise]. m is that of
// the run, with its adaptation.
func (j *Journal) Summarise(m *Meta) (Summary, error) {
	t, err := j.Table(m)
	if err != nil {
		return Summary{}, err
	}
	out, err := t.Summarise()
	return out, errors.Join(err, t.Close())
}

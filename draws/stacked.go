package draws

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// dialect is how a program calls the columns that say which chain and which draw a row is.
type dialect struct {
	chain string
	order []string // numbers that increase along a chain
}

// dialects are those of R's posterior, of cmdstanpy and of ArviZ, coda and ito itself. Names of the first two are
// none that a parameter may have; the last is written in any case.
var dialects = []dialect{
	{".chain", []string{".iteration", ".draw"}},
	{"chain__", []string{"iter__", "draw__"}},
	{"chain", []string{"iteration", "iter", "draw"}},
}

// indices are the columns of a file that are no draws.
type indices struct {
	chain int    // which chain a row is of; −1: the file is one chain
	order int    // increases along each chain; −1: none does
	drop  []bool // [columns] of the file: chain, order and others of their kind
	plain bool   // the chain's column might be a parameter by its name
}

// findIndices looks for them among the columns of a file. own are names that the file is known to have for
// parameters; plain says that a column called chain may be one.
func findIndices(names []string, own func(name string) bool, plain bool) indices {
	out := indices{chain: -1, order: -1, drop: make([]bool, len(names))}
	for i, name := range names {
		out.drop[i] = strings.HasPrefix(name, "__index_level_") && !own(name) // the row's name, of pandas
	}
	at := func(want string, lower bool) int {
		return slices.IndexFunc(names,
			func(name string) bool { return (name == want || lower && strings.ToLower(name) == want) && !own(name) })
	}
	for i, d := range dialects {
		last := i == len(dialects)-1
		chain := at(d.chain, last)
		// without a column chain one called draw is a parameter, and so is chain beside .chain
		if last && (chain < 0 || out.chain >= 0 || !plain) {
			break
		}
		if chain >= 0 && out.chain < 0 {
			out.chain, out.order, out.plain = chain, -1, last
		}
		if chain >= 0 {
			out.drop[chain] = true
		}
		for _, name := range d.order {
			if k := at(name, last); k >= 0 {
				out.drop[k] = true
				if out.order < 0 && (out.chain < 0 || out.chain == chain) {
					out.order = k
				}
			}
		}
	}
	return out
}

// numbers is a column of a file, read from the top: next is io.EOF after the last.
type numbers interface {
	next() (float64, error)
	close() error
}

// mostChains bounds the chains of a file: more are numbers that mean something else.
const mostChains = 1 << 16

// errNotChains says that a column's numbers do not number chains.
var errNotChains = errors.New("its numbers are not those of chains, which are whole")

// stacks says in which chain every row of a file is.
type stacks struct {
	number map[float64]int // chains in the order in which they first appear
	draws  int             // of each
	blocks bool            // the rows of every chain stand together, in this order
}

// countChains reads the column chain, and, where it is not nil, one whose numbers increase along every chain.
func countChains(chain, order numbers) (s stacks, err error) {
	defer func() {
		err = errors.Join(err, chain.close())
		if order != nil {
			err = errors.Join(err, order.close())
		}
	}()
	s = stacks{number: map[float64]int{}, blocks: true}
	var counts []int
	var before, names []float64
	for row := 0; ; row++ {
		c, err := chain.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s, err
		}
		if c != math.Trunc(c) || c-c != 0 {
			return s, fmt.Errorf("row %d: %w", row+1, errNotChains)
		}
		k, ok := s.number[c]
		if !ok {
			k = len(counts)
			if k == mostChains {
				return s, fmt.Errorf("there are more than %d chains", mostChains)
			}
			s.number[c] = k
			counts, before, names = append(counts, 0), append(before, math.Inf(-1)), append(names, c)
		}
		s.blocks = s.blocks && k == len(counts)-1
		counts[k]++
		if order == nil {
			continue
		}
		v, err := order.next()
		if err != nil {
			return s, err
		}
		if !(v > before[k]) {
			return s, fmt.Errorf("row %d: draw %v of chain %v stands behind draw %v: sort the rows by chain and draw",
				row+1, v, c, before[k])
		}
		before[k] = v
	}
	if len(counts) == 0 {
		return s, errors.New("there are no draws in it")
	}
	for k, n := range counts {
		if n != counts[0] {
			return s, fmt.Errorf("chain %v has %d draws and chain %v has %d", names[k], n, names[0], counts[0])
		}
	}
	s.draws = counts[0]
	return s, nil
}

// grid is columns of several chains in a scratch, each in one place.
type grid struct {
	words         *scratch
	base          int64
	chains, draws int
	held          []uint64 // values of each chain that are not yet in the scratch
}

func (t *Table) newGrid(columns int, s *stacks) *grid {
	g := &grid{words: t.words, base: t.end, chains: len(s.number), draws: s.draws}
	t.end += int64(columns) * int64(g.chains) * int64(g.draws)
	return g
}

// at is the word at which a chain of a column begins.
func (g *grid) at(column, chain int) int64 {
	return g.base + (int64(column)*int64(g.chains)+int64(chain))*int64(g.draws)
}

func (g *grid) read(dst []float64, column, chain, first int) error {
	return g.words.read(len(dst), g.at(column, chain)+int64(first),
		func(i int, v uint64) { dst[i] = math.Float64frombits(v) })
}

// fill reads a column of the file into column k; chains is the column chain once more, not read where every chain's
// rows stand together.
func (g *grid) fill(k int, s *stacks, values numbers, chains func() numbers) (err error) {
	defer func() { err = errors.Join(err, values.close()) }()
	lanes, which := g.chains, numbers(nil)
	if s.blocks {
		lanes = 1 // all chains are one long one
	} else {
		which = chains()
		defer func() { err = errors.Join(err, which.close()) }()
	}
	part := max(1, min(1<<12, sheetValues/lanes))
	if len(g.held) < part*lanes {
		g.held = make([]uint64, part*lanes)
	}
	held, done := g.held, make([]int, lanes)
	flush := func(c int) error {
		n := done[c] % part
		if n == 0 && done[c] > 0 {
			n = part
		}
		return g.words.WriteWords(held[c*part:][:n], g.at(k, c)+int64(done[c]-n))
	}
	rows := 0
	for ; ; rows++ {
		v, err := values.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		c := 0
		if which != nil {
			w, err := which.next()
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			c = s.number[w]
		}
		if rows == g.chains*g.draws {
			return fmt.Errorf("it has more values than the file has rows, %d", rows)
		}
		held[c*part+done[c]%part] = math.Float64bits(v)
		if done[c]++; done[c]%part == 0 {
			if err := flush(c); err != nil {
				return err
			}
		}
	}
	if rows != g.chains*g.draws {
		return fmt.Errorf("it has %d values for %d rows", rows, g.chains*g.draws)
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

// sheetColumn is a column of a sheet as numbers.
type sheetColumn struct {
	s    *sheet
	k    int
	at   int
	have []float64
	buf  [1 << 10]float64
}

func (c *sheetColumn) next() (float64, error) {
	if len(c.have) == 0 {
		n := min(len(c.buf), c.s.count()-c.at)
		if n == 0 {
			return 0, io.EOF
		}
		c.have = c.buf[:n]
		if err := c.s.read(c.have, c.k, c.at); err != nil {
			return 0, err
		}
		c.at += n
	}
	v := c.have[0]
	c.have = c.have[1:]
	return v, nil
}

func (*sheetColumn) close() error { return nil }

// cmdstanName is a column's name as CmdStan writes it: theta[1,2], as R and ArviZ do, is theta.1.2. Other names are
// as they are.
func cmdstanName(name string) string {
	head, index, ok := strings.Cut(name, "[")
	index, closed := strings.CutSuffix(index, "]")
	if !ok || !closed || head == "" {
		return name
	}
	for part := range strings.SplitSeq(index, ",") {
		part = strings.TrimSpace(part)
		if n, err := strconv.Atoi(part); err != nil || n < 0 || strconv.Itoa(n) != part {
			return name
		}
		head += "." + part
	}
	return head
}

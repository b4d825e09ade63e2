package relate

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Key names the columns by which rows of a child belong to a row of the parent: column i of Child holds what column i
// of Parent has.
type Key struct {
	Parent []string `json:"parent"`
	Child  []string `json:"child"`
}

// ParseKey reads a key: customer_id, id=customer_id where the child's column has another name, or several columns,
// shop,number=order_number.
func ParseKey(text string) (Key, error) {
	var k Key
	for part := range strings.SplitSeq(text, ",") {
		parent, child, other := strings.Cut(part, "=")
		if !other {
			child = parent
		}
		parent, child = strings.TrimSpace(parent), strings.TrimSpace(child)
		if parent == "" || child == "" {
			return k, &ito.InputError{Where: "`key`", What: fmt.Sprintf("%q names no columns", text),
				Do: "write it like customer_id, or id=customer_id for columns of two names, parent's first"}
		}
		k.Parent, k.Child = append(k.Parent, parent), append(k.Child, child)
	}
	return k, nil
}

// String is the key as [ParseKey] reads it.
func (k Key) String() string {
	var parts []string
	for i, p := range k.Parent {
		if k.Child[i] != p {
			p += "=" + k.Child[i]
		}
		parts = append(parts, p)
	}
	return strings.Join(parts, ",")
}

// Side is how one of the tables is read.
type Side struct {
	File    string
	Options frame.Options
}

// ChildSide is a table of rows that belong to rows of the parent.
type ChildSide struct {
	Side
	Key Key
}

// Tables are a parent and its children.
type Tables struct {
	Name string // of the parent: its file without folder and extension
	// Parent has the rows of the parent. Behind its own columns stands one for each child: how many of its rows belong to
	// the row.
	Parent   *frame.Frame
	Own      int // columns of Parent without these
	Children []Child
	Notes    []string // for people
}

// Child is a table whose rows belong to the rows of the parent.
type Child struct {
	Name    string
	Key     Key
	Frame   *frame.Frame // rows of the file that belong to a row; the columns of the key are identifiers, and not learnt
	Count   string       // the column of the parent's frame that has the number of rows
	Of      []int32      // the row of the parent, of each row
	Place   []int32      // how many rows before it, in the order of the file, belong to the same
	Before  []int32      // the last of these; −1: there is none
	Most    int          // the largest number of rows of one of the parent
	Without int          // rows of the parent that none belongs to
	Orphans int          // rows of the file that belong to none, and were left out
}

// Name is that of a table: its file without folder and extensions.
func Name(file string) string {
	base := filepath.Base(file)
	for _, packed := range []string{".gz", ""} {
		base = strings.TrimSuffix(base, packed)
		if packed != "" {
			continue
		}
		if ext := filepath.Ext(base); ext != "" && ext != base {
			base = strings.TrimSuffix(base, ext)
		}
	}
	return base
}

// Read reads the tables. The columns of the parent's key are together another in every row, and missing in none. Rows of
// a child that belong to no row of the parent are refused, or with drop left out. All that is wrong with the types of
// all tables comes at once. An error matches ito.ErrInput.
func Read(parent Side, children []ChildSide, drop bool) (*Tables, error) {
	t := &Tables{Name: Name(parent.File)}
	names := map[string]string{t.Name: parent.File}
	for _, c := range children {
		n := Name(c.File)
		if other, twice := names[n]; twice {
			return nil, &ito.InputError{Where: "`child` " + c.File, What: fmt.Sprintf("%s and it are both called %s",
				other, n), Do: "give the files different names"}
		}
		names[n] = c.File
	}
	var wrong []error
	var keys [][]string
	for _, c := range children {
		keys = append(keys, c.Key.Parent)
	}
	p, err := infer(parent, keys, false)
	wrong = append(wrong, err)
	sides := make([]*inferred, len(children))
	for i, c := range children {
		sides[i], err = infer(c.Side, [][]string{c.Key.Child}, true)
		wrong = append(wrong, err)
		if err == nil {
			for _, name := range c.Key.Child {
				sides[i].schema.Columns[sides[i].schema.Find(name)].Reason = "the key of " + t.Name
			}
		}
	}
	defer func() {
		for _, s := range append(sides, p) {
			if s != nil {
				_ = s.in.Close() // it was read only
			}
		}
	}()
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	for _, s := range append([]*inferred{p}, sides...) {
		for _, n := range s.in.Notes {
			t.Notes = append(t.Notes, s.in.Name+": "+n)
		}
	}
	own, places, err := p.rows(keys)
	if err != nil {
		return nil, err
	}
	t.Own = len(own.Schema.Columns)
	for i, s := range sides {
		c := Child{Name: Name(children[i].File), Key: children[i].Key}
		if err := c.read(s, own, places[i], drop); err != nil {
			return t, errors.Join(err, own.Close(), t.Close())
		}
		t.Children = append(t.Children, c)
	}
	return t, errors.Join(t.count(own), own.Close())
}

// Close gives up what the tables hold.
func (t *Tables) Close() error {
	var errs []error
	if t.Parent != nil {
		errs = append(errs, t.Parent.Close())
	}
	for _, c := range t.Children {
		errs = append(errs, c.Frame.Close())
	}
	return errors.Join(errs...)
}

// inferred is a table whose types are known.
type inferred struct {
	in     *frame.Input
	schema frame.Schema
	held   int
}

// infer finds out the types of a table with keys. Of each key of a parent one column at least is an identifier, the last
// where none looks like one, so that fresh ones are made of it; of a child, all are, since they are the parent's.
func infer(s Side, keys [][]string, child bool) (*inferred, error) {
	if s.File == "-" {
		return nil, &ito.InputError{Where: s.File, What: "tables that belong together are read more than once",
			Do: "name files"}
	}
	o := s.Options
	in, err := frame.Open(s.File, o)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		for _, name := range k {
			what := ""
			switch {
			case !slices.Contains(in.Columns, name):
				what = suggest.Among(name, in.Columns)
			case slices.Contains(o.Ignore, name) || len(o.Columns) > 0 && !slices.Contains(o.Columns, name):
				what = "read it: it says which rows belong together"
			default:
				continue
			}
			_ = in.Close()
			return nil, &ito.InputError{Where: "`key`", What: fmt.Sprintf("%s has no column %q", in.Name, name), Do: what}
		}
	}
	declare := func(name string) {
		if !slices.ContainsFunc(o.Types, func(t string) bool { return strings.HasPrefix(t, name+"=") }) {
			o.Types = append(slices.Clone(o.Types), name+"="+string(frame.Identifier))
		}
	}
	before := len(o.Types)
	var schema frame.Schema
	if child {
		for _, name := range keys[0] {
			declare(name)
		}
	} else {
		if schema, err = in.Infer(); err != nil {
			return &inferred{in: in}, err
		}
		for _, k := range keys {
			if !slices.ContainsFunc(k, func(name string) bool { return identifies(schema, name) }) {
				declare(k[len(k)-1])
			}
		}
	}
	if len(o.Types) > before || child {
		_ = in.Close()
		if in, err = frame.Open(s.File, o); err != nil {
			return nil, err
		}
		if schema, err = in.Infer(); err != nil {
			return &inferred{in: in}, err
		}
	}
	for _, k := range keys {
		if !slices.ContainsFunc(k, func(name string) bool { return identifies(schema, name) }) {
			return &inferred{in: in}, &ito.InputError{Where: "`key`", What: fmt.Sprintf(
				"no column of %s is an identifier in %s", strings.Join(k, ","), in.Name),
				Do: "leave `types` of it out, so that fresh ones are made"}
		}
	}
	return &inferred{in, schema, o.Held}, nil
}

func identifies(s frame.Schema, name string) bool {
	k := s.Find(name)
	return k >= 0 && s.Columns[k].Kind == frame.Identifier
}

// places are the columns of a file.
func (s *inferred) places(names []string) []int {
	var at []int
	for _, n := range names {
		at = append(at, slices.Index(s.in.Columns, n))
	}
	return at
}

// keyOf is what rows of two tables that belong together have in common; "" where a cell is missing. 7 and 7.0 are one,
// and 07 is another.
func keyOf(cells []string, at []int, row []float64, in []int) string {
	if len(at) == 1 {
		if row[in[0]] != row[in[0]] {
			return ""
		}
		return Plain(cells[at[0]])
	}
	var b strings.Builder
	for i, k := range at {
		if row[in[i]] != row[in[i]] {
			return ""
		}
		b.WriteString(Plain(cells[k]))
		b.WriteByte(0)
	}
	return b.String()
}

// Plain takes .0 from a whole number, as programs write it whose columns of whole numbers cannot have gaps.
func Plain(cell string) string {
	whole, rest, point := strings.Cut(cell, ".")
	if point && rest != "" && strings.Trim(rest, "0") == "" && whole != "" && strings.Trim(whole, "0123456789") == "" {
		return whole
	}
	return cell
}

// rows reads the parent, and where the rows with each of some keys are.
func (s *inferred) rows(keys [][]string) (*frame.Frame, []map[string]int32, error) {
	type look struct {
		at, in         []int
		row            map[string]int32
		missing, twice lines
	}
	looks := make([]look, len(keys))
	out := make([]map[string]int32, len(keys))
	for i, k := range keys {
		looks[i] = look{at: s.places(k), row: map[string]int32{}}
		for _, name := range k {
			looks[i].in = append(looks[i].in, s.schema.Find(name))
		}
		out[i] = looks[i].row
	}
	n := 0
	f, err := frame.Build(s.in.Name, s.schema, s.held, func(add func([]float64) error) error {
		return s.in.ScanCells(s.schema, func(line int, row []float64, cells []string) error {
			if n == math.MaxInt32 {
				return &ito.InputError{Where: s.in.Name, What: "more than 2³¹ rows", Do: "give fewer"}
			}
			for i := range looks {
				l := &looks[i]
				key := keyOf(cells, l.at, row, l.in)
				if key == "" {
					l.missing.add(line, "")
				} else if _, twice := l.row[key]; twice {
					l.twice.add(line, shown(key))
				} else {
					l.row[strings.Clone(key)] = int32(n)
				}
			}
			n++
			return add(row)
		})
	})
	if err != nil {
		return nil, nil, err
	}
	bad := &frame.Problems{Name: s.in.Name}
	for i, l := range looks {
		column := strings.Join(keys[i], ",")
		if l.missing.count > 0 {
			bad.List = append(bad.List, frame.Problem{Column: column, Lines: l.missing.at, Count: l.missing.count,
				What: "the key is missing", Do: "give every row one, or leave those rows out"})
		}
		if l.twice.count > 0 {
			bad.List = append(bad.List, frame.Problem{Column: column, Lines: l.twice.at, Count: l.twice.count,
				What: fmt.Sprintf("the key stands twice, as %s", l.twice.first),
				Do:   "name columns that together are another in every row, as `key=shop,number`"})
		}
	}
	if len(bad.List) > 0 {
		return nil, nil, errors.Join(bad, f.Close())
	}
	return f, out, nil
}

func shown(key string) string {
	return fmt.Sprintf("%q", strings.ReplaceAll(strings.TrimSuffix(key, "\x00"), "\x00", ","))
}

// lines are those of rows that are wrong in one way.
type lines struct {
	at    []int
	first string
	count int
}

func (l *lines) add(line int, first string) {
	if l.count++; l.count == 1 {
		l.first = strings.Clone(first)
	}
	if len(l.at) < 5 {
		l.at = append(l.at, line)
	}
}

// read reads the rows of a child.
func (c *Child) read(s *inferred, parent *frame.Frame, places map[string]int32, drop bool) error {
	at := s.places(c.Key.Child)
	var in []int
	for _, name := range c.Key.Child {
		in = append(in, s.schema.Find(name))
	}
	counts, last := make([]int32, parent.Rows), make([]int32, parent.Rows)
	for i := range last {
		last[i] = -1
	}
	var orphans lines
	var err error
	c.Frame, err = frame.Build(s.in.Name, s.schema, s.held, func(add func([]float64) error) error {
		return s.in.ScanCells(s.schema, func(line int, row []float64, cells []string) error {
			key := keyOf(cells, at, row, in)
			p, ok := places[key]
			if key == "" || !ok {
				orphans.add(line, shown(key))
				return nil
			}
			if len(c.Of) == math.MaxInt32 {
				return &ito.InputError{Where: s.in.Name, What: "more than 2³¹ rows", Do: "give fewer"}
			}
			c.Of, c.Place, c.Before = append(c.Of, p), append(c.Place, counts[p]), append(c.Before, last[p])
			last[p] = int32(len(c.Of) - 1)
			counts[p]++
			return add(row)
		})
	})
	if err != nil {
		return err
	}
	if c.Orphans = orphans.count; c.Orphans > 0 && !drop {
		err := &frame.Problems{Name: s.in.Name, List: []frame.Problem{{Column: strings.Join(c.Key.Child, ","),
			Lines: orphans.at, Count: orphans.count, What: fmt.Sprintf("%s of %d to no row of %s; the first has the key %s",
				belong(orphans.count), orphans.count+c.Frame.Rows, parent.Name, orphans.first),
			Do: "mend them, or leave them out by `orphans=drop`"}}}
		return errors.Join(err, c.Frame.Close())
	}
	if c.Frame.Rows == 0 {
		return errors.Join(&ito.InputError{Where: s.in.Name, What: "no row of it belongs to a row of " + parent.Name,
			Do: "name the columns that say so in `key`"}, c.Frame.Close())
	}
	for _, n := range counts {
		c.Most = max(c.Most, int(n))
		if n == 0 {
			c.Without++
		}
	}
	return nil
}

func belong(n int) string {
	if n == 1 {
		return "1 row belongs"
	}
	return fmt.Sprintf("%d rows belong", n)
}

// count makes the frame of the parent: its own columns, and the numbers of rows of each child.
func (t *Tables) count(own *frame.Frame) error {
	s := own.Schema
	s.Columns = slices.Clone(s.Columns)
	counts := make([][]int32, len(t.Children))
	for i := range t.Children {
		c := &t.Children[i]
		c.Count = c.Name + ".rows"
		for s.Find(c.Count) >= 0 {
			c.Count += "_"
		}
		counts[i] = make([]int32, own.Rows)
		for _, p := range c.Of {
			counts[i][p]++
		}
		different := map[int32]bool{}
		for _, n := range counts[i] {
			different[n] = true
		}
		s.Columns = append(s.Columns, frame.Column{Name: c.Count, Kind: frame.Integer, Rows: own.Rows,
			Reason: fmt.Sprintf("rows of %s for each, from %d to %d", c.Name, slices.Min(counts[i]), c.Most),
			Low:    float64(slices.Min(counts[i])), High: float64(c.Most), Step: 1, Distinct: float64(len(different))})
	}
	row := make([]float64, len(s.Columns))
	var err error
	t.Parent, err = frame.Build(own.Name, s, heldOf(own), func(add func([]float64) error) error {
		return own.Each(func(i int, cells []float64) error {
			copy(row, cells)
			for j := range counts {
				row[t.Own+j] = float64(counts[j][i])
			}
			return add(row)
		})
	})
	return err
}

// heldOf has a frame in memory where another is.
func heldOf(f *frame.Frame) int {
	if f.Held() {
		return 0
	}
	return 1
}

package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// begin decides from the first two lines, the second without cells where there is none, how wide the table is and what
// its columns are called.
func (c *csvReader) begin(first, second record, o OpenOptions) error {
	c.width = max(filled(first.cells), min(filled(second.cells), len(first.cells)))
	if c.width == 0 {
		c.width = len(first.cells)
	}
	if c.width > MaxColumns {
		return &ito.InputError{Where: c.name, What: fmt.Sprintf("it has %d columns, more than %d", c.width, MaxColumns),
			Do: "give fewer columns"}
	}
	for _, r := range []record{first, second} {
		if sep := decimalCommas(r.cells); sep != "" {
			return &ito.InputError{Where: fmt.Sprintf("%s: line %d", c.name, r.line(0)),
				What: fmt.Sprintf("cells are separated by %q and decimals written with a comma", sep), Do: rewrite(sep)}
		}
	}
	cells := withoutTail(first.cells, c.width)
	switch whole := differentWhole(cells); {
	case o.Header == "no":
	case o.Header == "yes", slices.ContainsFunc(cells, isWord), whole && namedIn(o.Text, cells):
		if err := c.header(first, cells); err != nil {
			return err
		}
	default:
		c.maybe = whole && len(second.cells) > 0
	}
	if !c.headed {
		c.names = DefaultColumns(c.width)
	}
	c.noted = make([]bool, c.width)
	return c.allow(o)
}

// isWord reports a cell that is neither empty nor a number.
func isWord(s string) bool {
	if s = strings.TrimSpace(s); s == "" {
		return false
	}
	_, err := number(s)
	return errors.Is(err, strconv.ErrSyntax)
}

// isWhole reports a cell of digits.
func isWhole(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// differentWhole reports cells of digits no two of which are equal.
func differentWhole(cells []string) bool {
	seen := make(map[string]bool, len(cells))
	for _, s := range cells {
		s = strings.TrimSpace(s)
		if !isWhole(s) || seen[s] {
			return false
		}
		seen[s] = true
	}
	return true
}

// namedIn reports that a column was asked for by a name that is among the cells and no default.
func namedIn(names, cells []string) bool {
	defaults := DefaultColumns(len(cells))
	return slices.ContainsFunc(names, func(n string) bool {
		return find(defaults, n) < 0 && slices.ContainsFunc(cells,
			func(s string) bool { return strings.TrimSpace(s) == n })
	})
}

// header names the columns by the first line.
func (c *csvReader) header(first record, cells []string) error {
	c.headed = true
	c.names = make([]string, len(cells))
	at := make(map[string]int, len(cells))
	for k, s := range cells {
		s = strings.TrimSpace(s)
		if s == "" {
			s = "x" + strconv.Itoa(k)
		}
		if earlier, ok := at[s]; ok {
			return c.wrong(first, k, fmt.Sprintf("columns %d and %d have the one name %q", earlier+1, k+1, s),
				"give each column its own name")
		}
		at[s] = k
		c.names[k] = strings.Clone(s)
	}
	return nil
}

// settle decides, when all rows are read, whether a first line of whole numbers was a header.
func (c *csvReader) settle(first record) {
	cells := withoutTail(first.cells, c.width)
	words := func() string { return brieflyListed(cells) }
	switch {
	case c.maybe && c.rows > 2: // with the first
		c.rows--
		for k := range c.words {
			if c.words[k] {
				c.cells[k] = c.cells[k][1:]
			}
			c.names[k] = strings.TrimSpace(cells[k])
		}
		c.x = c.x[len(c.x)/(c.rows+1):]
		c.headed = true
		c.notes = append([]string{fmt.Sprintf("the first line, %s, is read as names of columns, since no other cell "+
			"is a whole number; `header=no` says that it is a row", words())}, c.notes...)
	case !c.headed && consecutive(cells) && c.rows > 2:
		c.notes = append(c.notes, fmt.Sprintf("the first line, %s, is read as a row; `header=yes` says that it is "+
			"names of columns", words()))
	}
}

// consecutive reports years or numbers of columns: whole numbers each one more than the one before, three or more, or
// two from 1900 to 2100.
func consecutive(cells []string) bool {
	for k, s := range cells {
		v, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || len(cells) < 2 || len(cells) == 2 && (v < 1900 || v > 2100) {
			return false
		}
		if k > 0 {
			if before, _ := strconv.Atoi(strings.TrimSpace(cells[k-1])); v != before+1 {
				return false
			}
		}
	}
	return len(cells) > 0
}

// allow notes the columns that may hold words.
func (c *csvReader) allow(o OpenOptions) error {
	c.words, c.empty, c.cells = make([]bool, c.width), make([]bool, c.width), make([][]string, c.width)
	for _, name := range o.Text {
		at := find(c.names, name)
		if at < 0 {
			return UnknownColumn(c.name, name, c.names)
		}
		c.words[at] = true
	}
	for _, name := range o.Words {
		if at := find(c.names, name); at >= 0 && !c.words[at] {
			c.words[at], c.empty[at] = true, true
		}
	}
	return nil
}

// filled is the number of cells up to the last that is not empty.
func filled(cells []string) int {
	n := len(cells)
	for n > 0 && strings.TrimSpace(cells[n-1]) == "" {
		n--
	}
	return n
}

// withoutTail leaves out empty cells beyond the width.
func withoutTail(cells []string, width int) []string {
	return cells[:max(min(width, len(cells)), filled(cells))]
}

// inexact reports a number that does not keep its digits as a float64: a code such as 01, a whole number beyond 2⁵³.
func inexact(s string) bool {
	s = strings.TrimLeft(s, "+-")
	if len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' {
		return true
	}
	if len(s) < 16 || !isWhole(s) {
		return false
	}
	v, err := strconv.ParseUint(s, 10, 64)
	return err != nil || v > 1<<53
}

// otherSeparators stand between the cells of files that are not separated by commas.
const otherSeparators = ";\t|"

// decimalCommas is the separator of a line of numbers with decimal commas, which was cut at those; else "".
func decimalCommas(cells []string) string {
	if len(cells) < 2 {
		return ""
	}
	line := strings.Join(cells, ",")
	for _, sep := range strings.Split(otherSeparators, "") {
		parts := strings.Split(line, sep)
		numbers := len(parts) > 1
		for _, p := range parts {
			v, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(p), ",", ".", 1), 64)
			numbers = numbers && (err == nil || errors.Is(err, strconv.ErrRange)) && !math.IsNaN(v)
		}
		if numbers {
			return sep
		}
	}
	return ""
}

// rewrite says how to make a file separated by commas of one like s, without changing a number.
func rewrite(s string) string {
	at := strings.IndexAny(s, otherSeparators)
	if at < 0 {
		return "separate cells by commas"
	}
	sep := s[at : at+1]
	if sep == "\t" {
		sep = `\t`
	}
	return fmt.Sprintf("separate cells by commas, and write decimals with a point: tr ',%s' '.,' does both at once",
		sep)
}

// brieflyListed is the first few of a list.
func brieflyListed(cells []string) string {
	if len(cells) > 5 {
		return strings.Join(cells[:4], ", ") + ", …"
	}
	return strings.Join(cells, ", ")
}

package frame

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
)

// Bounds of a table, so that no file fills the memory before it is refused.
const (
	mostColumns = 1 << 16
	mostErrors  = 100 // of the format, after which a file is read no further
)

// csv finds delimiter, point and names in the head of a text.
func (in *Input) csv(src source, head []byte) error {
	in.Format = "csv"
	if at := strings.IndexByte(string(head[:min(len(head), 1024)]), 0); at >= 0 {
		return &ito.InputError{Where: in.Name, What: "it is no text: it has a zero byte",
			Do: "give CSV, Parquet or lines of JSON"}
	}
	comma := in.opts.delimiter()
	if comma == "" {
		comma = findDelimiter(head)
	}
	records := headRecords(head, rune(comma[0]))
	if len(records) == 0 || len(records[0]) == 0 {
		return &ito.InputError{Where: in.Name, What: "there is no row in it", Do: "give one row a line"}
	}
	if in.opts.Decimal != "" {
		in.point = in.opts.Decimal[0]
	} else if comma != "," && decimalCommas(records) {
		in.point = ','
		in.Notes = append(in.Notes, "numbers are read with a decimal comma; `decimal=.` says that they have a point")
	}
	in.Usual = comma == "," && in.point == '.' && !src.wide()
	first := withoutTail(records[0], records)
	headed := in.headed(first, records[1:])
	width := len(first)
	if width > mostColumns {
		return &ito.InputError{Where: in.Name, What: fmt.Sprintf("it has %d columns, more than %d", width, mostColumns),
			Do: "give fewer columns"}
	}
	if headed {
		if err := in.header(first); err != nil {
			return err
		}
	} else {
		in.Columns = lines.DefaultNames(width)
		if in.opts.Header != "no" {
			in.Notes = append(in.Notes, fmt.Sprintf("the first line, %s, is read as a row; `header=yes` says that it "+
				"is names of columns", few(first)))
		}
	}
	in.each = func(row func(int, []string) error, bad *problems) error {
		b, done, err := src.text()
		if err != nil {
			return unreadable(in.Name, err)
		}
		defer done()
		return in.records(lines.NewReader(b), rune(comma[0]), headed, width, row, bad)
	}
	return nil
}

// records reads the rows of a text.
func (in *Input) records(text *lines.Reader, comma rune, headed bool, width int, row func(int, []string) error,
	bad *problems) error {
	r := csv.NewReader(text)
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = comma, -1, true
	r.TrimLeadingSpace = comma != '\t' && comma != ' '
	var ragged, short offenders
	wrong := map[string]*offenders{}
	faults := 0
	for {
		text.Taken()
		cells, err := r.Read()
		var syntax *csv.ParseError
		switch {
		case err == io.EOF:
			in.ragged(&ragged, &short, width, bad)
			for _, what := range slices.Sorted(maps.Keys(wrong)) {
				bad.add(Problem{Lines: wrong[what].lines, Count: wrong[what].count, What: what,
					Do: "write a quote inside a quoted cell twice, and quote the whole cell"})
			}
			return nil
		case errors.As(err, &syntax):
			if wrong[syntax.Err.Error()] == nil {
				wrong[syntax.Err.Error()] = &offenders{}
			}
			wrong[syntax.Err.Error()].add(syntax.StartLine, "") // where the quote that is not closed stands
			if faults++; faults < mostErrors {
				continue
			}
			bad.add(Problem{Lines: []int{syntax.Line}, Count: 1, What: fmt.Sprintf("%d lines cannot be taken apart, "+
				"and reading stops here", faults), Do: "check the quotes, or give the `delimiter`"})
			return nil
		case errors.Is(err, lines.ErrLong):
			return &ito.InputError{Where: in.Name, What: "there is " + err.Error(),
				Do: "give a text of one row a line; a quote that is not closed makes one row of the rest"}
		case err != nil:
			return unreadable(in.Name, err)
		}
		if headed {
			headed = false
			continue
		}
		line, _ := r.FieldPos(0)
		cells = trimTail(cells, width)
		if len(cells) != width {
			o := &ragged
			if len(cells) < width {
				o = &short
			}
			o.add(line, strconv.Itoa(len(cells)))
			continue
		}
		for k, s := range cells {
			cells[k] = strings.TrimSpace(s)
		}
		if err := row(line, cells); err != nil {
			return err
		}
	}
}

// ragged reports rows of another width.
func (in *Input) ragged(long, short *offenders, width int, bad *problems) {
	for _, o := range []*offenders{long, short} {
		if o.count > 0 {
			bad.add(Problem{Lines: o.lines, Count: o.count, What: fmt.Sprintf("%s of another length: the first line "+
				"has %s, the first of these %s", lines.Count(o.count, "row"), lines.Count(width, "cell"), o.first),
				Do: "give every row the same number of cells, and quote those with the delimiter in them"})
		}
	}
}

// header names the columns by the first line.
func (in *Input) header(cells []string) error {
	in.Columns = make([]string, len(cells))
	at := map[string]int{}
	var bad problems
	for k, s := range cells {
		s = strings.TrimSpace(s)
		if s == "" {
			s = "x" + strconv.Itoa(k)
		}
		if earlier, ok := at[s]; ok {
			bad.add(Problem{Lines: []int{1}, Count: 1, What: fmt.Sprintf("columns %d and %d have the one name %q",
				earlier+1, k+1, s), Do: "give each column its own name"})
		}
		at[s] = k
		in.Columns[k] = strings.Clone(s)
	}
	return bad.err(in.Name)
}

// headed reports that the first line names columns: none of its cells is a number, or some is a word over a column
// of numbers, or its numbers are years or count up.
func (in *Input) headed(first []string, rest [][]string) bool {
	switch in.opts.Header {
	case "yes":
		return true
	case "no":
		return false
	}
	numbers, words, over := 0, 0, 0
	seen := map[string]bool{}
	var years []string
	for k, s := range first {
		s = strings.TrimSpace(s)
		w, ok := parseNumber(s, in.point)
		below := 0
		for _, r := range rest {
			if k < len(r) {
				if _, number := parseNumber(strings.TrimSpace(r[k]), in.point); number {
					below++
				}
			}
		}
		switch {
		case ok:
			numbers++
			if w.whole() {
				years = append(years, s)
			}
		case s != "":
			words++
			if below > len(rest)/2 {
				over++
			}
		}
		if seen[s] && s != "" {
			return over > 0 // then two columns have one name, and it is said
		}
		seen[s] = true
	}
	return words > 0 && (over > 0 || numbers == 0 || len(years) == numbers && counting(years))
}

// counting reports years, or whole numbers each one more than the one before.
func counting(cells []string) bool {
	for k, s := range cells {
		v, err := strconv.Atoi(s)
		if err != nil || v < 1900 || v > 2100 {
			if err != nil || k == 0 && len(cells) < 2 {
				return false
			}
			if k > 0 {
				if before, _ := strconv.Atoi(cells[k-1]); v != before+1 {
					return false
				}
			}
		}
	}
	return true
}

// findDelimiter is the character that cuts most lines of the head into equally many cells, more than one, that do not
// hold another.
func findDelimiter(head []byte) string {
	best, most := ",", 0
	for _, c := range []string{",", ";", "\t", "|"} {
		records := headRecords(head, rune(c[0]))
		if len(records) == 0 || len(records[0]) < 2 {
			continue
		}
		same, dirty, cells := 0, 0, 0
		for _, r := range records {
			if len(trimTail(r, len(records[0]))) == len(records[0]) {
				same++
			}
			for _, s := range r {
				if cells++; !clean(s, c) {
					dirty++
				}
			}
		}
		score := 1000*same/len(records) - 500*dirty/cells
		if score > most || score == most && c != "," && len(records[0]) > len(headRecords(head, rune(best[0]))[0]) {
			best, most = c, score
		}
	}
	return best
}

// clean reports a cell without another delimiter, apart from the commas of numbers.
func clean(s, delimiter string) bool {
	if _, ok := parseNumber(strings.TrimSpace(s), ','); ok {
		return true
	}
	return !strings.ContainsAny(strings.ReplaceAll(s, delimiter, ""), ";\t|")
}

// headRecords are the whole records of a head.
func headRecords(head []byte, comma rune) [][]string {
	text := string(head)
	if len(head) == headBytes { // the last line may be cut
		if at := strings.LastIndexAny(text, "\n\r"); at >= 0 {
			text = text[:at]
		}
	}
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
	r.TrimLeadingSpace = comma != '\t' && comma != ' '
	var out [][]string
	for len(out) < 200 {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		if err == nil {
			out = append(out, cells)
		}
	}
	return out
}

// decimalCommas reports numbers that are written with a comma, and none with a point.
func decimalCommas(records [][]string) bool {
	commas := 0
	for _, r := range records {
		for _, s := range r {
			s = strings.TrimSpace(s)
			if w, ok := parseNumber(s, '.'); ok && w.places > 0 {
				return false
			}
			if _, ok := parseNumber(s, ','); ok && strings.Contains(s, ",") {
				commas++
			}
		}
	}
	return commas > 0
}

// withoutTail leaves out cells of the first line that are empty there and behind, and in every row.
func withoutTail(first []string, records [][]string) []string {
	width := 0
	for _, r := range records {
		width = max(width, filled(r))
	}
	return first[:max(min(width, len(first)), filled(first))]
}

// trimTail leaves out empty cells beyond the width.
func trimTail(cells []string, width int) []string {
	return cells[:max(min(width, len(cells)), filled(cells))]
}

// filled is the number of cells up to the last that is not empty.
func filled(cells []string) int {
	n := len(cells)
	for n > 0 && strings.TrimSpace(cells[n-1]) == "" {
		n--
	}
	return n
}

// few is the first few of a list.
func few(cells []string) string {
	if len(cells) > 5 {
		return strings.Join(cells[:4], ", ") + ", …"
	}
	return strings.Join(cells, ", ")
}

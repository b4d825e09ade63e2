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
	head, odd := westernHead(head)
	if odd {
		in.Notes = append(in.Notes, "it is not all in UTF-8: other bytes are read as letters of Windows-1252")
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
	in.Usual = comma == "," && in.point == '.' && !odd && !src.wide()
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
		b, done, err := src.letters()
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
				bad.add(Fault{Lines: wrong[what].lines, Count: wrong[what].count, What: what,
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
			bad.add(Fault{Lines: []int{syntax.Line}, Count: 1, What: fmt.Sprintf("%d lines cannot be taken apart, "+
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
			bad.add(Fault{Lines: o.lines, Count: o.count, What: fmt.Sprintf("%s of another length: the first line "+
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
			bad.add(Fault{Lines: []int{1}, Count: 1, What: fmt.Sprintf("columns %d and %d have the one name %q",
				earlier+1, k+1, s), Do: "give each column its own name"})
		}
		at[s] = k
		in.Columns[k] = strings.Clone(s)
	}
	return bad.err(in.Name)
}

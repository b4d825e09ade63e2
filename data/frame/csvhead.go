package frame

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

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
			if w.integer() {
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

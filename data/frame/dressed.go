package frame

import "strings"

// dressed says why words that are numbers to a person are none here, "" where they are words.
func (t *tally) dressed() string {
	commas, units, first := 0, 0, ""
	for _, l := range t.sorted() {
		switch {
		case thousands(l):
			commas++
		case united(l):
			units++
		default:
			if _, plain := parseNumber(l, '.'); plain {
				continue
			}
			return ""
		}
		if first == "" {
			first = l
		}
	}
	switch {
	case commas > 0 && units == 0:
		return "; numbers with commas between thousands, as " + first + ", are read without these commas only"
	case units > 0:
		return "; numbers with a sign, as " + first + ", are read without it only"
	}
	return ""
}

// thousands reports 1,234 and 12,345,678.90.
func thousands(l string) bool {
	whole, part, point := strings.Cut(strings.TrimPrefix(l, "-"), ".")
	groups := strings.Split(whole, ",")
	if len(groups) < 2 || len(groups[0]) < 1 || len(groups[0]) > 3 || point && !digits(part) || !digits(groups[0]) {
		return false
	}
	for _, g := range groups[1:] {
		if len(g) != 3 || !digits(g) {
			return false
		}
	}
	return true
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// united reports 5%, $3.20, 7 €.
func united(l string) bool {
	bare := strings.TrimSpace(strings.Trim(l, "%$€£¥"))
	if bare == l {
		return false
	}
	_, number := parseNumber(bare, '.')
	return number || thousands(bare)
}

package spec

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// part is a piece of a word, from which column on, counted in letters from 1.
type part struct {
	text string
	col  int
}

// setting is key=value,value,… in a word.
type setting struct {
	key    part
	values []part
}

// split takes a word apart: its kind, and its settings as they stand. Settings are separated by commas; where
// colons is true also by colons. A piece without a key is one more value of the setting before it.
func split(word string, colons bool) (kind string, settings []setting, err error) {
	kind, rest, some := strings.Cut(word, ":")
	if !some {
		return kind, nil, nil
	}
	pieces, err := pieces(rest, utf8.RuneCountInString(kind)+2, colons)
	if err != nil {
		return kind, nil, fmt.Errorf("%q %w", word, err)
	}
	for _, p := range pieces {
		key, value, ok := cutKey(p)
		switch {
		case ok:
			settings = append(settings, setting{key, []part{value}})
		case len(settings) > 0 && p.text != "":
			last := &settings[len(settings)-1]
			last.values = append(last.values, p)
		default:
			settings = append(settings, setting{key: p})
		}
	}
	return kind, settings, nil
}

// pieces splits text, which begins at a column, at its commas outside quotes and brackets.
func pieces(text string, col int, colons bool) ([]part, error) {
	var out []part
	begin, at, depth, quoted, escaped := 0, col, 0, 0, false
	beginCol := col
	end := func(i int) {
		piece := text[begin:i]
		trimmed := strings.TrimLeft(piece, " ")
		out = append(out, part{strings.TrimRight(trimmed, " "), beginCol + len(piece) - len(trimmed)})
	}
	for i, r := range text {
		switch {
		case escaped:
			escaped = false
		case quoted > 0 && r == '\\':
			escaped = true
		case quoted > 0 && r == '"':
			quoted = 0
		case quoted > 0:
		case r == '"':
			quoted = at
		case r == '[':
			depth++
		case r == ']':
			if depth--; depth < 0 {
				return nil, fmt.Errorf("has a ] without [ in column %d", at)
			}
		case depth == 0 && (r == ',' || colons && r == ':'):
			end(i)
			begin, beginCol = i+1, at+1
		}
		at++
	}
	switch {
	case quoted > 0:
		return nil, fmt.Errorf("has a quote without end in column %d", quoted)
	case depth > 0:
		return nil, fmt.Errorf("has a [ without ]")
	}
	end(len(text))
	return out, nil
}

// cutKey cuts key=value; a key begins with a letter.
func cutKey(p part) (key, value part, ok bool) {
	i := strings.IndexFunc(p.text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' ||
			r == '.')
	})
	if i <= 0 || p.text[i] != '=' || p.text[0] >= '0' && p.text[0] <= '9' {
		return p, part{}, false
	}
	rest := p.text[i+1:]
	trimmed := strings.TrimLeft(rest, " ")
	return part{p.text[:i], p.col}, part{trimmed, p.col + i + 1 + len(rest) - len(trimmed)}, true
}

// word is the value of f as a word has it.
func (f *field) word() string {
	if f.class() != classList {
		return quoteWord(f.bare())
	}
	parts := make([]string, f.v.Len())
	for i := range parts {
		e := f.element(f.v.Index(i))
		parts[i] = e.word()
		if e.class() == classList {
			parts[i] = "[" + parts[i] + "]"
		} else if parts[i] == "" {
			parts[i] = `""`
		}
	}
	return strings.Join(parts, ",")
}

// quoteWord quotes text in which something could be taken for the grammar of a word.
func quoteWord(text string) string {
	for _, r := range text {
		if r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-+/@%~^", r) {
			return strconv.Quote(text)
		}
	}
	return text
}

// set sets f to the values of a setting.
func (f *field) set(values []part) error {
	if f.class() != classList {
		if len(values) != 1 {
			return fmt.Errorf("%d values", len(values))
		}
		return f.setPart(values[0].text)
	}
	out := reflect.MakeSlice(f.v.Type(), 0, len(values))
	if len(values) == 1 && values[0].text == "" {
		values = nil
	}
	for _, v := range values {
		e := f.element(reflect.New(f.v.Type().Elem()).Elem())
		if err := e.setPart(v.text); err != nil {
			return err
		}
		out = reflect.Append(out, e.v)
	}
	f.v.Set(out)
	return nil
}

// setPart sets a value as it stands between commas: text, quoted text, or a list in brackets.
func (f *field) setPart(text string) error {
	if f.class() == classList {
		if len(text) < 2 || text[0] != '[' || text[len(text)-1] != ']' {
			return fmt.Errorf("%q is no list in brackets", text)
		}
		inner, err := pieces(text[1:len(text)-1], 0, false)
		if err != nil {
			return err
		}
		return f.set(inner)
	}
	if strings.ContainsRune(text, '"') {
		unquoted, err := strconv.Unquote(text)
		if err != nil || text[0] != '"' {
			return fmt.Errorf("%s is quoted wrongly", text)
		}
		return f.setBare(unquoted)
	}
	return f.setBare(text)
}

// apply sets the fields of the configuration c to the settings of a word for a kind of what; def has the defaults.
func apply(what, kind, word string, c, def any, settings []setting, from Origin) error {
	all, defs := fields(settable(c), "", false), fields(settable(def), "", false)
	for i, s := range settings {
		if len(all) == 0 {
			return &ito.InputError{What: fmt.Sprintf("%s %s has no settings, and %q is given", what, kind, written(s)),
				Do: "give its name alone"}
		}
		j := slices.IndexFunc(all, func(f field) bool { return f.name == s.key.text })
		if j < 0 || s.values == nil {
			return noSetting(what, kind, s, all)
		}
		f := &all[j]
		if slices.ContainsFunc(settings[:i], func(before setting) bool { return before.key.text == s.key.text }) {
			return &ito.InputError{What: fmt.Sprintf("%s is set twice in %q, again in column %d", f.name, word,
				s.key.col),
				Do: "set it once"}
		}
		if from == Remote && f.local() {
			return localError(what+" "+kind, f.name)
		}
		if len(s.values) > 1 && f.class() != classList {
			return noSetting(what, kind, setting{key: s.values[1]}, all)
		}
		err := f.set(s.values)
		if err == nil && f.tag.Get("word") != "" {
			if err := checkOf(f, from); err != nil {
				return err
			}
		}
		if err == nil && allowed(f, &defs[j]) {
			continue
		}
		do := "give " + f.name + "=" + f.takes()
		if near := f.near(joined(s.values), &defs[j]); near != "" {
			do += "; the nearest that works is " + f.name + "=" + quoteWord(near)
		}
		given, col := joined(s.values), s.values[0].col
		return &ito.InputError{What: fmt.Sprintf("%s %s takes no %s of %q (column %d)", what, kind, f.name, given, col),
			Do: do}
	}
	return nil
}

// noSetting is the error for a setting that there is not.
func noSetting(what, kind string, s setting, all []field) error {
	forms, names := make([]string, len(all)), make([]string, len(all))
	for i := range all {
		forms[i], names[i] = all[i].name+"="+all[i].takes(), all[i].name
	}
	do := "it has " + strings.Join(forms, ", ")
	if near := suggest.Nearest(s.key.text, names); near != "" && near != s.key.text {
		do = fmt.Sprintf("did you mean %q? It has %s", near, strings.Join(forms, ", "))
	}
	column := ""
	if s.key.col > 0 {
		column = fmt.Sprintf(" (column %d)", s.key.col)
	}
	return &ito.InputError{What: fmt.Sprintf("%s %s has no setting %q%s", what, kind, written(s), column), Do: do}
}

func written(s setting) string {
	if s.values == nil {
		return s.key.text
	}
	return s.key.text + "=" + joined(s.values)
}

func joined(values []part) string {
	text := make([]string, len(values))
	for i, v := range values {
		text[i] = v.text
	}
	return strings.Join(text, ",")
}

// settingsOf are the settings of c that differ from def as a word has them after its kind.
func settingsOf(c, def any) string {
	var parts []string
	defs := fields(structOf(def), "", false)
	for i, f := range fields(structOf(c), "", false) {
		if w := f.word(); w != defs[i].word() {
			parts = append(parts, f.name+"="+w)
		}
	}
	return strings.Join(parts, ",")
}

// SplitList takes a list of words apart: "pc:predictor=em,corrector=none,heun" are two. What has a key, or no
// letter to begin with, belongs to the word before it.
func SplitList(text string) []string {
	all, err := pieces(text, 1, false)
	if err != nil {
		return []string{text}
	}
	var words []string
	for _, p := range all {
		_, _, setting := cutKey(p)
		r, _ := utf8.DecodeRuneInString(p.text)
		if n := len(words); n > 0 && strings.Contains(words[n-1], ":") && (setting || !unicode.IsLetter(r)) {
			words[n-1] += "," + p.text
			continue
		}
		words = append(words, p.text)
	}
	return words
}

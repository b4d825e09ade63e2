package draws

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
)

// readJSON reads what writeJSON wrote, with the columns from the .json beside the file. Memory does not grow with the
// draws.
func (t *Table) readJSON(f *os.File, path string) error {
	m, err := readSidecar(path + ".json")
	if err != nil {
		if _, missing := os.Stat(path + ".json"); missing != nil {
			return &ito.InputError{Where: path, What: "draws are read from JSON that ito infer wrote, with " + path +
				".json beside it, and that is not there", Do: "name the CSV, Parquet or npy file of the run"}
		}
		return err
	}
	r := &jsonDraws{in: bufio.NewReaderSize(f, 1<<16), draws: -1}
	sheets := make([]jsonColumn, len(m.Columns))
	groups := map[string][]variable{"posterior": variables(m.Parameters()),
		"sample_stats": variables(m.Columns[:m.Stats])}
	err = r.object(func(group string) error {
		vars, ok := groups[group]
		if !ok {
			return fmt.Errorf("there is a group %q", group)
		}
		offset := 0
		if group == "posterior" {
			offset = m.Stats
		}
		return r.object(func(name string) error {
			k := slices.IndexFunc(vars, func(v variable) bool { return jsonName(v.name) == name })
			if k < 0 {
				return fmt.Errorf("%q is no column of the .json beside it", name)
			}
			chains := make([]*sheet, m.Chains)
			if err := r.variable(&vars[k], t, chains); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			for i, at := range vars[k].at {
				sheets[offset+at] = jsonColumn{chains, i}
			}
			return nil
		})
	})
	if err == nil {
		if k := slices.IndexFunc(sheets, func(c jsonColumn) bool { return c.chains == nil }); k >= 0 {
			err = fmt.Errorf("there is nothing of %s", m.Columns[k])
		}
	}
	if err != nil {
		return &store.FormatError{Path: path, What: fmt.Sprintf("it is no JSON of draws: %v", err),
			Do: "name a file that ito infer wrote", Err: err}
	}
	t.Meta, t.Draws = *m, r.draws
	t.read = func(dst []float64, column, chain, first int) error {
		c := sheets[column]
		return c.chains[chain].read(dst, c.at, first)
	}
	return nil
}

// jsonColumn is where the draws of a column are.
type jsonColumn struct {
	chains []*sheet
	at     int
}

// jsonDraws takes the text apart.
type jsonDraws struct {
	in    *bufio.Reader
	draws int // of a chain; −1: not yet known
}

// next is the next byte that is no blank.
func (r *jsonDraws) next() (byte, error) {
	for {
		b, err := r.in.ReadByte()
		if err != nil || b != ' ' && b != '\n' && b != '\t' && b != '\r' {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return b, err
		}
	}
}

func (r *jsonDraws) expect(want byte) error {
	b, err := r.next()
	if err == nil && b != want {
		err = fmt.Errorf("%q stands where %q is due", b, want)
	}
	return err
}

// list calls each until the list that has begun ends; the first element may be missing.
func (r *jsonDraws) list(end byte, each func() error) error {
	b, err := r.next()
	if err != nil || b == end {
		return err
	}
	if err := r.in.UnreadByte(); err != nil {
		return err
	}
	for {
		if err := each(); err != nil {
			return err
		}
		switch b, err = r.next(); {
		case err != nil:
			return err
		case b == end:
			return nil
		case b != ',':
			return fmt.Errorf("%q stands where a comma is due", b)
		}
	}
}

// object calls each with every key.
func (r *jsonDraws) object(each func(key string) error) error {
	if err := r.expect('{'); err != nil {
		return err
	}
	return r.list('}', func() error {
		if err := r.expect('"'); err != nil {
			return err
		}
		text := []byte{'"'}
		for {
			part, err := r.in.ReadSlice('"')
			if err != nil {
				return err
			}
			text = append(text, part...)
			if !bytes.HasSuffix(text, []byte(`\"`)) || bytes.HasSuffix(text, []byte(`\\"`)) {
				break
			}
		}
		var key string
		if err := json.Unmarshal(text, &key); err != nil {
			return err
		}
		if err := r.expect(':'); err != nil {
			return err
		}
		return each(key)
	})
}

// variable reads the draws of a variable, [chain][draw] and its own shape.
func (r *jsonDraws) variable(v *variable, t *Table, chains []*sheet) error {
	if err := r.expect('['); err != nil {
		return err
	}
	row, chain := make([]float64, len(v.at)), 0
	if err := r.list(']', func() error {
		if chain == len(chains) {
			return fmt.Errorf("there are more than %d chains", chain)
		}
		if err := r.expect('['); err != nil {
			return err
		}
		n := 0
		chains[chain] = t.sheet(len(v.at))
		if err := r.list(']', func() error {
			if err := r.nest(row, v.shape); err != nil {
				return err
			}
			n++
			return chains[chain].add(row)
		}); err != nil {
			return err
		}
		if r.draws < 0 {
			r.draws = n
		}
		if n != r.draws || n == 0 {
			return fmt.Errorf("chain %d has %d draws where %d are due", chain+1, n, r.draws)
		}
		chain++
		return chains[chain-1].done()
	}); err != nil {
		return err
	}
	if chain < len(chains) {
		return fmt.Errorf("%d chains of %d", chain, len(chains))
	}
	return nil
}

// nest reads lists within lists.
func (r *jsonDraws) nest(row []float64, shape []int) (err error) {
	if len(shape) == 0 {
		row[0], err = r.number()
		return err
	}
	if err := r.expect('['); err != nil {
		return err
	}
	step, k := len(row)/shape[0], 0
	err = r.list(']', func() error {
		if k == shape[0] {
			return fmt.Errorf("there are more than %d elements", k)
		}
		k++
		return r.nest(row[(k-1)*step:k*step], shape[1:])
	})
	if err == nil && k < shape[0] {
		err = fmt.Errorf("%d elements of %d", k, shape[0])
	}
	return err
}

func (r *jsonDraws) number() (float64, error) {
	b, err := r.next()
	var text []byte
	for err == nil && !bytes.ContainsRune([]byte(",]}\n \t\r"), rune(b)) && len(text) < 64 {
		text = append(text, b)
		b, err = r.in.ReadByte()
	}
	if err != nil {
		return 0, err
	}
	if err := r.in.UnreadByte(); err != nil {
		return 0, err
	}
	return number(strings.Replace(string(text), "Infinity", "inf", 1))
}

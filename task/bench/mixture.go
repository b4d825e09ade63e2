package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// mixtureKeys are the keys of a mixture's file.
var mixtureKeys = []string{"weights", "means", "variances"}

// mostMixture is the size in bytes beyond which a mixture's file is refused.
const mostMixture = 16 << 20

// looksLikeFile reports whether a word is meant to name a file.
func looksLikeFile(name string) bool {
	return strings.HasSuffix(name, ".json") || strings.ContainsAny(name, `/\`)
}

// readMixture reads {"weights": [w], "means": [[…], …], "variances": [[…], …]}. Everything that is wrong with the
// file is an *ito.InputError that names the key.
func readMixture(name string) (field.Mixture, error) {
	m, key, err := parseMixture(name)
	if err != nil {
		where := name
		if key != "" {
			where += ": " + key
		}
		return field.Mixture{}, &ito.InputError{Where: where, What: err.Error(),
			Do: `give {"weights": [1, 3], "means": [[-1, 0], [1, 0]], "variances": [[0.1, 0.2], [0.1, 0.1]]}`}
	}
	return m, nil
}

// parseMixture is readMixture, with the key where an error is, or "".
func parseMixture(name string) (m field.Mixture, key string, err error) {
	text, err := readAtMost(name, mostMixture)
	if err != nil {
		return m, "", err
	}
	keys, err := objectOf(text)
	if err != nil {
		return m, "", err
	}
	var rows, d int // of the variances
	for _, kv := range keys {
		switch kv.key {
		case "weights":
			m.Weights, err = numbersOf(kv.value)
		case "means":
			m.Means, m.D, err = matrixOf(kv.value)
		case "variances":
			if m.Var, d, err = matrixOf(kv.value); err == nil {
				rows = len(m.Var) / d
			}
		default:
			err = fmt.Errorf("unknown key; %s", suggest.Among(kv.key, mixtureKeys))
		}
		if err != nil {
			return m, kv.key, err
		}
	}
	if m.D == 0 {
		return m, "means", errors.New("missing")
	}
	if err := checkWeights(m.Weights, m.K()); err != nil {
		return m, "weights", err
	}
	switch {
	case m.Var == nil:
		return m, "variances", errors.New("missing")
	case d != m.D || rows != 1 && rows != m.K():
		return m, "variances", fmt.Errorf(
			"%d rows of %d numbers for %d means of %d: give one row, or one for each mean", rows, d, m.K(), m.D)
	}
	for i, v := range m.Var {
		if v < 0 {
			return m, "variances", fmt.Errorf("row %d, number %d is %g, which is negative", i/d+1, i%d+1, v)
		}
	}
	return m, "", m.Check()
}

// readAtMost reads a file of no more than so many bytes.
func readAtMost(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("there is no such file")
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("it is larger than %d bytes", most)
	}
	return text, err
}

// checkWeights reports weights that do not fit k means; nil is equal weights.
func checkWeights(weights []float64, k int) error {
	if weights == nil {
		return nil
	}
	total := 0.0
	for i, w := range weights {
		if w < 0 {
			return fmt.Errorf("number %d is %g, which is negative", i+1, w)
		}
		total += w
	}
	switch {
	case len(weights) != k:
		return fmt.Errorf("%d numbers for %d means", len(weights), k)
	case total == 0 || math.IsInf(total, 1):
		return fmt.Errorf("they sum to %g", total)
	}
	return nil
}

// keyed is one member of a JSON object.
type keyed struct {
	key   string
	value json.RawMessage
}

// objectOf splits one JSON object into its members in their order, and refuses a key that is there twice.
func objectOf(text []byte) ([]keyed, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	first, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	if first != json.Delim('{') {
		return nil, errors.New("it is no JSON object")
	}
	var out []keyed
	seen := map[string]bool{}
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("it is no JSON: %w", err)
		}
		kv := keyed{key: k.(string)} // the decoder refuses other keys
		if err := d.Decode(&kv.value); err != nil {
			return nil, fmt.Errorf("%s: it is no JSON: %w", kv.key, err)
		}
		if seen[kv.key] {
			return nil, fmt.Errorf("%s: it is there twice", kv.key)
		}
		seen[kv.key] = true
		out = append(out, kv)
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is more after the object")
	}
	return out, nil
}

// numbersOf reads an array of one or more numbers.
func numbersOf(text json.RawMessage) ([]float64, error) {
	var list []*float64
	err := json.Unmarshal(text, &list)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && strings.HasPrefix(kind.Value, "number "):
		return nil, fmt.Errorf("%s is too large", kind.Value)
	case err != nil || len(list) == 0:
		return nil, errors.New("it must be a list of numbers, as [1, 2]")
	}
	out := make([]float64, len(list))
	for i, x := range list {
		if x == nil {
			return nil, fmt.Errorf("number %d is null", i+1)
		}
		out[i] = *x
	}
	return out, nil
}

// matrixOf reads an array of one or more arrays of numbers, all of one length d.
func matrixOf(text json.RawMessage) (x []float64, d int, err error) {
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil || len(list) == 0 {
		return nil, 0, errors.New("it must be a list of rows, as [[1, 2], [3, 4]]")
	}
	for i, row := range list {
		v, err := numbersOf(row)
		if err != nil {
			return nil, 0, fmt.Errorf("row %d: %w", i+1, err)
		}
		if i == 0 {
			d = len(v)
		}
		if len(v) != d {
			return nil, 0, fmt.Errorf("row %d has %d numbers, row 1 has %d", i+1, len(v), d)
		}
		x = append(x, v...)
	}
	return x, d, nil
}

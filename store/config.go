package store

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/seed9a7962a8/ito"
)

// ConfigError is a run that cannot continue because its configuration has changed. It matches ito.ErrInput.
type ConfigError struct {
	Field string // dotted, as "train.beta-max"
	Saved string // its value when the run began, "absent" if it had none
	Now   string
	Where string // what holds the saved value; empty: the checkpoint
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("`resume`: field %s is %s in %s and %s now; give the old value, or start anew without `resume`",
		e.Field, e.Saved, cmp.Or(e.Where, "the checkpoint"), e.Now)
}

// Is makes every ConfigError bad input.
func (e *ConfigError) Is(target error) bool { return target == ito.ErrInput }

// CompareConfig returns nil if two configurations say the same, else a *ConfigError with the first
// field, in the order of dotted names, that differs. Each is a JSON object if its first character is
// a brace and TOML otherwise; how the numbers are written (10, 10.0, 1e1) does not matter.
func CompareConfig(saved, now string) error {
	a, err := flatten(saved)
	if err != nil {
		return fmt.Errorf("saved configuration: %w", err)
	}
	b, err := flatten(now)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	fields := slices.Collect(maps.Keys(a))
	fields = slices.AppendSeq(fields, maps.Keys(b))
	slices.Sort(fields)
	const absent = "absent"
	for _, f := range fields {
		va, inA := a[f]
		vb, inB := b[f]
		if va == vb && inA == inB {
			continue
		}
		if !inA {
			va = absent
		}
		if !inB {
			vb = absent
		}
		return &ConfigError{Field: f, Saved: va, Now: vb}
	}
	return nil
}

// Digest is the SHA-256 of b in hexadecimal.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// flatten maps the dotted name of every leaf to its value as text.
func flatten(config string) (map[string]string, error) {
	var root map[string]any
	if strings.HasPrefix(strings.TrimSpace(config), "{") {
		d := json.NewDecoder(bytes.NewReader([]byte(config)))
		d.UseNumber()
		if err := d.Decode(&root); err != nil {
			return nil, err
		}
		if _, err := d.Token(); err != io.EOF {
			return nil, fmt.Errorf("something follows the JSON object")
		}
	} else if _, err := toml.Decode(config, &root); err != nil {
		return nil, err
	}
	leaves := map[string]string{}
	for k, v := range root {
		flattenInto(leaves, k, v)
	}
	return leaves, nil
}

func flattenInto(leaves map[string]string, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, w := range v {
			flattenInto(leaves, name+"."+k, w)
		}
	default:
		leaves[name] = valueText(v)
	}
}

func valueText(v any) string {
	switch v := v.(type) {
	case json.Number:
		return numberText(v.String())
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return numberText(strconv.FormatFloat(v, 'g', -1, 64))
	case string:
		return strconv.Quote(v)
	case nil:
		return "null"
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case []map[string]any: // an array of TOML tables
		items := make([]any, len(v))
		for i, m := range v {
			items[i] = m
		}
		return valueText(items)
	case []any:
		items := make([]string, len(v))
		for i, w := range v {
			items[i] = valueText(w)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		items := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			items = append(items, k+": "+valueText(v[k]))
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	return fmt.Sprint(v) // true and false
}

// numberText writes equal numbers equally. An integer keeps all its digits: a seed has 64 bits.
func numberText(s string) string {
	if _, err := strconv.ParseUint(strings.TrimPrefix(s, "-"), 10, 64); err == nil {
		return s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// entry is one tensor of a header.
type entry struct {
	name       string
	dtype      DType
	shape      []int
	begin, end uint64 // in the data
}

// parseHeader reads the JSON header. Entries come back in the order of their bytes, each with the
// length that its shape and type ask for; how they lie beside each other is not looked at. It reads
// token by token because encoding/json keeps the last of two equal keys and says nothing.
func parseHeader(b []byte) (entries []entry, metadata map[string]string, err error) {
	if !utf8.Valid(b) {
		return nil, nil, errors.New("it is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	err = object(d, func(key string) error {
		if key == metadataKey {
			metadata = map[string]string{}
			return object(d, func(k string) error {
				s, err := scalar[string](d)
				if err != nil {
					return fmt.Errorf("metadata %q: %w", k, err)
				}
				metadata[k] = s
				return nil
			})
		}
		e, err := parseEntry(d, key)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", key, err)
		}
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, nil, fmt.Errorf("something follows the header's closing brace at byte %d", d.InputOffset())
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end), cmp.Compare(a.name, b.name))
	})
	return entries, metadata, nil
}

func parseEntry(d *json.Decoder, name string) (entry, error) {
	var dtype string
	var shape, offsets []uint64
	var err error
	if e := object(d, func(key string) error {
		switch key {
		case "dtype":
			dtype, err = scalar[string](d)
		case "shape":
			shape, err = naturals(d)
		case "data_offsets":
			offsets, err = naturals(d)
		default:
			return fmt.Errorf("unknown field %q", key)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	}); e != nil {
		return entry{}, e
	}
	e := entry{name: name, dtype: DType(dtype), shape: make([]int, len(shape))}
	size := e.dtype.Size()
	switch {
	case size == 0:
		return e, fmt.Errorf("dtype %q is not one that ito reads", dtype)
	case shape == nil:
		return e, errors.New("it has no shape")
	case len(offsets) != 2:
		return e, fmt.Errorf("data_offsets are %d numbers, not 2", len(offsets))
	case offsets[0] > offsets[1]:
		return e, fmt.Errorf("data_offsets %v run backward", offsets)
	}
	e.begin, e.end = offsets[0], offsets[1]
	n, ok := byteLength(shape, size)
	if !ok {
		return e, fmt.Errorf("shape %v overflows", shape)
	}
	if n != e.end-e.begin {
		return e, fmt.Errorf("shape %v of %s needs %d bytes, data_offsets %v hold %d", shape, dtype, n, offsets,
			e.end-e.begin)
	}
	for i, s := range shape {
		if s > math.MaxInt {
			return e, fmt.Errorf("shape %v overflows", shape)
		}
		e.shape[i] = int(s)
	}
	return e, nil
}

// object reads one JSON object and calls each for every key, with d before its value. A key that
// comes twice is an error.
func object(d *json.Decoder, each func(key string) error) error {
	t, err := d.Token()
	if err != nil {
		return jsonError(d, err)
	}
	if t != json.Delim('{') {
		return fmt.Errorf("an object is wanted at byte %d", d.InputOffset())
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return jsonError(d, err)
		}
		key, ok := t.(string)
		if !ok {
			return fmt.Errorf("a key is wanted at byte %d", d.InputOffset())
		}
		if seen[key] {
			return fmt.Errorf("%q comes twice", key)
		}
		seen[key] = true
		if err := each(key); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return jsonError(d, err)
}

func scalar[T any](d *json.Decoder) (v T, err error) {
	t, err := d.Token()
	if err != nil {
		return v, jsonError(d, err)
	}
	v, ok := t.(T)
	if !ok {
		return v, fmt.Errorf("%v at byte %d is not a %T", t, d.InputOffset(), v)
	}
	return v, nil
}

// naturals reads an array of numbers that are not negative. It is not nil when there is no error.
func naturals(d *json.Decoder) ([]uint64, error) {
	t, err := d.Token()
	if err != nil {
		return nil, jsonError(d, err)
	}
	if t != json.Delim('[') {
		return nil, fmt.Errorf("an array is wanted at byte %d", d.InputOffset())
	}
	v := []uint64{}
	for d.More() {
		s, err := scalar[json.Number](d)
		if err != nil {
			return nil, err
		}
		n, err := strconv.ParseUint(s.String(), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s at byte %d is not a natural number", s, d.InputOffset())
		}
		v = append(v, n)
	}
	_, err = d.Token()
	return v, jsonError(d, err)
}

func jsonError(d *json.Decoder, err error) error {
	if err == nil {
		return nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("at byte %d: %w", d.InputOffset(), err)
}

package frame

import "errors"

// Build makes a frame of rows that each gives to add, which copies them. held is that of [ReadOptions].
func Build(name string, s Schema, held int, each func(add func(row []float64) error) error) (*Frame, error) {
	f := &Frame{Name: name, Schema: s}
	err := each(func(row []float64) error { return f.add(row, held) })
	if err == nil && f.file != nil {
		err = f.file.flush()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

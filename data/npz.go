package data

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/tune"
)

// ReadNPZ reads the named arrays of an npz file, a zip archive of npy files, stored or compressed: what [ReadNPY]
// reads of each. With no names it reads all. Whatever is wrong, a missing array included, is an *ito.InputError.
func ReadNPZ(r io.ReaderAt, size int64, name string, arrays ...string) (map[string]Array, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, &ito.InputError{Where: name, What: "not a readable npz file: " + err.Error(),
			Do: "save it with numpy.savez"}
	}
	files := map[string]*zip.File{}
	var all []string
	for _, f := range z.File {
		if key, ok := strings.CutSuffix(f.Name, ".npy"); ok {
			files[key] = f
			all = append(all, key)
		}
	}
	if len(arrays) == 0 {
		arrays = all
	}
	out := map[string]Array{}
	for _, key := range arrays {
		f := files[key]
		if f == nil {
			return nil, &ito.InputError{Where: name, What: fmt.Sprintf("no array %q; it holds %s", key,
				strings.Join(all, ", "))}
		}
		body, err := f.Open()
		if err != nil {
			return nil, &ito.InputError{Where: name, What: fmt.Sprintf("array %q: %v", key, err)}
		}
		a, err := ReadNPY(body, name+":"+key)
		body.Close()
		if err != nil {
			return nil, err
		}
		out[key] = a
	}
	return out, nil
}

// EMS makes the statistics of DPM-Solver-v3 of the arrays of its authors' files: l of l.npz, s and b of sb.npz, each
// [N+1, …] with rows equally far apart in λ = log(α/σ), from lambdaFrom (noise) to lambdaTo.
func EMS(l, s, b Array, lambdaFrom, lambdaTo float64) (*tune.EMS, error) {
	rows := 0
	if len(l.Shape) > 0 {
		rows = l.Shape[0]
	}
	if rows < 2 || len(l.X)%rows != 0 {
		return nil, &ito.InputError{Where: "model statistics", What: fmt.Sprintf("l has the shape %v", l.Shape),
			Do: "give a row for each λ"}
	}
	e := &tune.EMS{D: len(l.X) / rows, From: lambdaFrom, To: lambdaTo, L: l.X, S: s.X, B: b.X}
	return e, e.Check()
}

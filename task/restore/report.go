package restore

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/inverse"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// report measures the draws x.
func (j *job) report(x ito.States) Report {
	info := j.method.Info()
	r := Report{Measurements: len(j.y), Draws: j.c.N, Operator: j.c.Operator, Method: inverse.MethodWord(j.method),
		Is: info.Is, Levels: j.c.Levels}
	if r.Levels == 0 {
		r.Levels = info.Levels
	}
	if m, ok := j.method.(inverse.MCG); ok {
		r.Particles = m.Particles
	}
	noise, numbers := 0., 0
	for i, one := range j.y {
		r.Measured = max(r.Measured, len(one.y.X))
		for _, v := range one.y.X {
			noise += j.noise.Variance(v)
			numbers++
		}
		for k := range j.c.N {
			e := inverse.Residual(one.rows, one.y.X, x.Row(i*j.c.N+k))
			r.Residual += e * e / float64(x.N)
		}
	}
	r.Residual, r.Noise = math.Sqrt(r.Residual), math.Sqrt(noise/float64(numbers))
	mean, sd := j.moments(x)
	for _, v := range sd.X {
		r.SD += v * v / float64(len(sd.X))
	}
	r.SD = math.Sqrt(r.SD)
	if j.truth.N > 0 {
		j.errors(&r, x, mean)
	}
	r.Says = says(&r)
	return r
}

// moments are mean and standard deviation of the draws of every measurement; 0 of one draw.
func (j *job) moments(x ito.States) (mean, sd ito.States) {
	mean, sd = ito.NewStates(len(j.y), x.D, 0), ito.NewStates(len(j.y), x.D, 0)
	n := j.c.N
	for i := range j.y {
		m, s := mean.Row(i), sd.Row(i)
		for k := range n {
			for c, v := range x.Row(i*n + k) {
				m[c] += v / float64(n)
			}
		}
		for k := range n {
			for c, v := range x.Row(i*n + k) {
				s[c] += (v - m[c]) * (v - m[c])
			}
		}
		for c := range s {
			s[c] = math.Sqrt(s[c] / float64(max(n-1, 1)))
		}
	}
	return mean, sd
}

// errors compares with the truth. Intervals lie between order statistics, so that those of exact draws hold the truth
// as often as they say; with few draws they are the nearest that there are, or none.
func (j *job) errors(r *Report, x, mean ito.States) {
	s := 0.
	for i, v := range j.truth.X {
		s += (mean.X[i] - v) * (mean.X[i] - v) / float64(len(j.truth.X))
	}
	rmse := math.Sqrt(s)
	r.RMSE = &rmse
	if j.scale.image {
		psnr := -20 * math.Log10(math.Max(rmse, 1e-12))
		r.PSNR = &psnr
	}
	r.PlainRMSE, r.PlainPSNR = j.plain()
	n := j.c.N
	within := func(part float64) *float64 {
		k := int(math.Round((1 - part) / 2 * float64(n+1)))
		if k < 1 || 2*k > n {
			return nil
		}
		in, column := 0., make([]float64, n)
		for i := range j.truth.N {
			for c, v := range j.truth.Row(i) {
				for q := range column {
					column[q] = x.Row(i*n + q)[c]
				}
				slices.Sort(column)
				if v > column[k-1] && v < column[n-k] {
					in += 1 / float64(len(j.truth.X))
				}
			}
		}
		return &in
	}
	r.Within50, r.Within90 = within(.5), within(.9)
}

// plain is the error of ridge regression with the mean square of the truth, which nobody else has.
func (j *job) plain() (rmse, psnr *float64) {
	s, ok := j.y[0].rows.(inverse.Spectral)
	if !ok {
		return nil, nil
	}
	svd, err := s.SVD()
	if err != nil {
		return nil, nil
	}
	square, λ := 0., 0.
	for _, v := range j.truth.X {
		square += v * v / float64(len(j.truth.X))
	}
	if g, ok := j.noise.(inverse.Gaussian); ok && square > 0 {
		λ = g.Sigma * g.Sigma / square
	}
	e, x := 0., make([]float64, j.truth.D)
	for i, one := range j.y {
		inverse.Ridge(x, one.y.X, svd, λ)
		for c, v := range j.truth.Row(i) {
			e += (x[c] - v) * (x[c] - v) / float64(len(j.truth.X))
		}
	}
	e = math.Sqrt(e)
	if j.scale.image {
		p := -20 * math.Log10(math.Max(e, 1e-12))
		psnr = &p
	}
	return &e, psnr
}

// place refuses a place that could not be written.
func (c *Config) place() error {
	ext := strings.ToLower(filepath.Ext(c.Out))
	if ext == ".csv" || ext == ".npy" {
		device, err := task.Place("out", c.Out)
		if device && err == nil {
			err = &ito.InputError{Where: "`out` " + c.Out, What: "it is not a regular file",
				Do: "give the name of a file"}
		}
		return err
	}
	info, err := os.Stat(c.Out)
	if err == nil && info.IsDir() {
		there, err := os.ReadDir(c.Out)
		if err == nil && len(there) > 0 {
			err = &ito.InputError{Where: "`out` " + c.Out, What: fmt.Sprintf("it holds %d files already", len(there)),
				Do: "give another folder"}
		}
		return err
	}
	if err == nil || !strings.HasSuffix(c.Out, "/") {
		return &ito.InputError{Where: "`out` " + c.Out, What: "it is neither a folder nor a .csv or .npy file",
			Do: "give a folder, as `out=DIR/`"}
	}
	return nil
}

// write writes draws and what is made of them.
func (j *job) write(x ito.States, r *Report) error {
	switch strings.ToLower(filepath.Ext(j.c.Out)) {
	case ".csv":
		return j.csv(j.c.Out, x)
	case ".npy":
		return j.npy(j.c.Out, x, len(j.y), j.c.N)
	}
	if err := os.MkdirAll(j.c.Out, 0o777); err != nil {
		return &ito.InputError{Where: "`out` " + j.c.Out, What: err.Error(), Do: "give another place"}
	}
	at := func(name string) string { return filepath.Join(j.c.Out, name) }
	mean, sd := j.moments(x)
	var err error
	if len(j.scale.shape) == 1 {
		err = j.csv(at("samples.csv"), x)
	} else {
		err = j.npy(at("samples.npy"), x, len(j.y), j.c.N)
	}
	if err != nil {
		return err
	}
	if err := j.npy(at("mean.npy"), mean, len(j.y)); err != nil {
		return err
	}
	if err := j.npy(at("sd.npy"), sd, len(j.y)); err != nil {
		return err
	}
	if j.scale.image {
		if err := j.pictures(at, x, mean, sd); err != nil {
			return err
		}
	}
	return store.WriteFile(at("report.json"), func(w io.Writer) error {
		b, err := json.MarshalIndent(r, "", "  ")
		if err == nil {
			_, err = w.Write(append(b, '\n'))
		}
		return err
	})
}

// pictures writes the draws, mean, deviation and measurement of the first hundred as PNG files.
func (j *job) pictures(at func(string) string, x, mean, sd ito.States) error {
	file := func(i int, what string, write func(w io.Writer) error) error {
		return store.WriteFile(at(fmt.Sprintf("%04d-%s.png", i, what)), write)
	}
	for i := range min(len(j.y), 100) {
		if err := file(i, "mean", func(w io.Writer) error { return j.scale.png.Image(w, mean.Row(i)) }); err != nil {
			return err
		}
		bright := j.scale.png // a deviation of half the range is white
		bright.High = .5
		if err := file(i, "sd", func(w io.Writer) error { return bright.Image(w, sd.Row(i)) }); err != nil {
			return err
		}
		draws := x.Slice(i*j.c.N, i*j.c.N+min(j.c.N, 100))
		if err := file(i, "samples", func(w io.Writer) error { return j.scale.png.Grid(w, draws) }); err != nil {
			return err
		}
		if one := j.y[i]; len(one.shape) == 3 && (one.shape[2] == 1 || one.shape[2] == 3) {
			f := data.PNG{H: one.shape[0], W: one.shape[1], C: one.shape[2], High: 1}
			if err := file(i, "measured", func(w io.Writer) error { return f.Image(w, one.y.X) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// csv writes rows; of several measurements with the number of each before them, and what was measured as it was.
func (j *job) csv(name string, x ito.States) error {
	columns := task.Columns(j.m, x.D)
	f := data.CSV{Columns: columns}
	out := x
	if len(j.y) > 1 {
		f.Columns = append([]string{"measurement"}, columns...)
		out = x.Like(x.D + 1)
		for i := range x.N {
			out.Row(i)[0] = float64(i / j.c.N)
			copy(out.Row(i)[1:], x.Row(i))
		}
	}
	return store.WriteFile(name, func(w io.Writer) error {
		if err := f.Begin(w); err != nil {
			return err
		}
		return f.Rows(w, out)
	})
}

// npy writes rows with so many leading axes.
func (j *job) npy(name string, x ito.States, lead ...int) error {
	f := data.NPY{Shape: append(append([]int(nil), lead...), j.scale.shape...)}
	return store.WriteFile(name, func(w io.Writer) error {
		if err := f.Begin(w); err != nil {
			return err
		}
		return f.Rows(w, x)
	})
}

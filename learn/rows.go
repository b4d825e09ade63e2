package learn

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/rng"
)

// Data is a Source of rows in memory: states, and a condition for each, or none. A step draws them with replacement.
type Data struct {
	X    ito.States
	Cond ito.Cond
	In   ito.Space // what the rows are; the zero value: rows of numbers
}

// Check reports rows that cannot be learnt.
func (d Data) Check() error {
	bad := func(what string) error { return &ito.InputError{Where: "training data", What: what} }
	if err := d.X.Check(); err != nil {
		return bad(err.Error())
	}
	if d.X.N == 0 || d.X.D == 0 {
		return bad("there are no rows")
	}
	if d.Cond.C > 0 && len(d.Cond.X) != d.Cond.C*d.X.N {
		return bad("the conditions are not one for each row")
	}
	if i := d.X.FirstNonFinite(); i >= 0 {
		return &ito.NonFiniteError{What: "training data", Sample: d.X.ID[i]}
	}
	return nil
}

// Len implements ito.Source.
func (d Data) Len() int { return d.X.N }

// Space implements ito.Source.
func (d Data) Space() ito.Space {
	if len(d.In.Parts) == 0 {
		return ito.FlatSpace(d.X.D)
	}
	return d.In
}

// CondWidth implements ito.Source.
func (d Data) CondWidth() int { return d.Cond.C }

// Digest implements ito.Source: the sha256 of rows and conditions.
func (d Data) Digest() string {
	h := sha256.New()
	for _, x := range [][]float64{{float64(d.X.D), float64(d.Cond.C)}, d.X.X, d.Cond.X} {
		b := make([]byte, 0, 8*len(x))
		for _, v := range x {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Read implements ito.Source.
func (d Data) Read(dst ito.States, cond []float64, from int) error {
	copy(dst.X, d.X.X[from*d.X.D:(from+dst.N)*d.X.D])
	copy(cond, d.Cond.X[from*d.Cond.C:min((from+dst.N)*d.Cond.C, len(d.Cond.X))])
	return nil
}

// Example implements ito.Coupled.
func (d Data) Example(seed uint64, step uint32, id uint64) int {
	return rng.NewKey(seed, rng.PurposeData, step, 0).Intn(id, 0, d.X.N)
}

// Fill implements ito.Source.
func (d Data) Fill(dst ito.States, cond []float64, seed uint64, step uint32) error {
	rows, c := rng.NewKey(seed, rng.PurposeData, step, 0), d.Cond.C
	for i, id := range dst.ID {
		r := rows.Intn(id, 0, d.X.N)
		copy(dst.Row(i), d.X.Row(r))
		copy(cond[i*c:(i+1)*c], d.Cond.Row(r))
	}
	return nil
}

// fullMoments is the most columns of which covariances are looked at: beyond, and where a state has a shape,
// moments are those of the columns, and nothing has the size of their square.
const fullMoments = ito.DefaultFull

// momentsOf are the moments of a source by which networks are scaled: in full for rows of at most 256 numbers that
// are in memory, else column by column. Columns that nodes share have moments together, so that no node is told
// from another.
func momentsOf(src ito.Source) (ito.Gaussian, error) {
	if m, ok := src.(interface{ Moments() (ito.Gaussian, error) }); ok {
		return m.Moments()
	}
	space := src.Space()
	if d, ok := src.(Data); ok && len(d.In.Parts) == 0 && d.X.D <= fullMoments {
		return metric.Moments(d.X)
	}
	return columnMoments(src, space)
}

// momentRows are the examples that moments are of, at most; momentChunk are read at a time.
const momentRows, momentChunk = 1 << 17, 256

func columnMoments(src ito.Source, space ito.Space) (ito.Gaussian, error) {
	d, c := space.Dim(), src.CondWidth()
	groups := columnGroups(space)
	count, mean, square := make([]float64, d), make([]float64, d), make([]float64, d)
	n := min(src.Len(), momentRows)
	for from := 0; from < n; from += momentChunk {
		x := ito.NewStates(min(momentChunk, n-from), d, uint64(from))
		cond := make([]float64, x.N*c)
		if err := src.Read(x, cond, from); err != nil {
			return ito.Gaussian{}, err
		}
		for i := range x.N {
			var mask []float64
			if m := space.Mask; m != nil {
				mask = cond[i*c+m.At : i*c+m.At+m.N]
			}
			for k, v := range x.Row(i) {
				g := groups[k]
				if g.of < 0 || mask != nil && (g.a >= 0 && mask[g.a] == 0 || g.b >= 0 && mask[g.b] == 0) {
					continue
				}
				// Welford's update.
				count[g.of]++
				δ := v - mean[g.of]
				mean[g.of] += δ / count[g.of]
				square[g.of] += float64(δ * (v - mean[g.of]))
			}
		}
	}
	out := ito.Gaussian{Mean: make([]float64, d), Cov: make([]float64, d)}
	for k, g := range groups {
		if g.of >= 0 && count[g.of] > 0 {
			out.Mean[k], out.Cov[k] = mean[g.of], square[g.of]/count[g.of]
		}
	}
	return out, out.Check("training data")
}

// column says with which column one shares its moments, and the nodes that it is about.
type column struct {
	of   int // the first of those that share; −1: always zero
	a, b int // nodes; −1: none
}

func columnGroups(s ito.Space) []column {
	var out []column
	for _, p := range s.Parts {
		base, size := len(out), p.Size()
		switch p.Nodes {
		case 1:
			f := size / p.Shape[0]
			for k := range size {
				out = append(out, column{base + k%f, k / f, -1})
			}
		case 2:
			n := p.Shape[0]
			f := size / (n * n)
			for k := range size {
				i, j := k/f/n, k/f%n
				g := column{base + k%f, i, j}
				if p.Hollow { // the first entry is one of those that are always zero
					if g.of += f; i == j {
						g.of = -1
					}
				}
				out = append(out, g)
			}
		default:
			for k := range size {
				out = append(out, column{base + k, -1, -1})
			}
		}
	}
	return out
}

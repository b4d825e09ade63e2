package data

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/metric"
)

// TransformKinds lists the transforms that can be fitted.
func TransformKinds() []string { return []string{"none", "standardise", "whiten"} }

// singular is the part of a column's variance, left when the columns before it are known, below which
// it counts as determined by them.
const singular = 1e-10

// leastVariance is the smallest number that has all of its digits: below it a variance loses them, and the scale with
// it.
const leastVariance = 0x1p-1022

// Standardises reports whether a column of this variance can be divided by its standard deviation.
func Standardises(variance float64) bool {
	return variance >= leastVariance && !math.IsInf(variance, 0)
}

// FitTransform makes the transform between the rows of t and states. A column with the same number in
// every row is not a dimension of the state; Inverse puts it back exactly.
//
//	none         the columns themselves
//	standardise  (x − mean)/sd of each column, sd divided by n
//	whiten       L⁻¹(x − mean), L the Cholesky factor of the covariance (divided by n)
//
// Errors are of *ito.InputError: an unknown kind, no column that varies, columns that whiten cannot separate.
func FitTransform(kind string, t *Table) (ito.Transform, error) {
	if find(TransformKinds(), kind) < 0 {
		return ito.Transform{}, &ito.InputError{Where: "`transform`", What: fmt.Sprintf("no transform is named %q",
			kind), Do: suggest.Among(kind, TransformKinds())}
	}
	tr := ito.Transform{Kind: kind}
	varying, err := keepVarying(&tr, t)
	if err != nil || kind == "none" {
		return tr, err
	}
	tr.Width = t.Cols
	moments := metric.Variances
	if kind == "whiten" {
		moments = metric.Moments
		err = ito.CheckFull("`transform=whiten`", varying.D, "`transform=standardise`")
	}
	if err != nil {
		return ito.Transform{}, err
	}
	g, err := moments(varying)
	if err != nil {
		return ito.Transform{}, err
	}
	for k := range varying.D {
		if v := g.Variance(k); !Standardises(v) || math.IsInf(g.Mean[k], 0) || math.IsNaN(g.Mean[k]) {
			column := kept(tr, k)
			return ito.Transform{}, &ito.InputError{Where: t.Name,
				What: fmt.Sprintf("column %s varies by too little or too much: variance %g", t.column(column), v),
				Do: "use another unit for it, or give `types=" + t.Columns[column] +
					"=real`, which learns it by its ranks"}
		}
	}
	tr.Shift = g.Mean
	if kind == "standardise" {
		tr.Scale = make([]float64, varying.D)
		for k := range tr.Scale {
			tr.Scale[k] = math.Sqrt(g.Variance(k))
		}
	} else if tr.V, tr.W, err = factor(g.Cov, varying.D,
		func(k int) string { return t.column(kept(tr, k)) }); err != nil {
		return ito.Transform{}, err
	}
	return tr, nil
}

// Apply returns the states of all rows, with ids 0, 1, …
func Apply(tr ito.Transform, t *Table) (ito.States, error) {
	columns, d := tr.Dims(t.Cols)
	if columns != t.Cols {
		return ito.States{}, &ito.InputError{Where: t.Name, What: fmt.Sprintf("it has %s, the model has %d",
			lines.Count(t.Cols, "column"), columns),
			Do: "give the columns that the model was trained on"}
	}
	s := ito.NewStates(t.Rows, d, 0)
	for i := range s.N {
		if err := tr.Forward(s.Row(i), t.Row(i)); err != nil {
			return ito.States{}, err
		}
	}
	return s, nil
}

// keepVarying notes the constant columns in tr and returns the others.
func keepVarying(tr *ito.Transform, t *Table) (ito.States, error) {
	if t.Rows == 0 || t.Cols == 0 {
		return ito.States{}, &ito.InputError{Where: t.Name, What: "there are no numbers",
			Do: "give rows with at least one numeric column"}
	}
	keep := make([]int, 0, t.Cols)
	for k := range t.Cols {
		for i := range t.Rows {
			if t.X[i*t.Cols+k] != t.X[k] {
				keep = append(keep, k)
				break
			}
		}
	}
	if len(keep) == 0 {
		return ito.States{}, &ito.InputError{Where: t.Name, What: fmt.Sprintf("no column varies over %s",
			lines.Count(t.Rows, "row")), Do: "give rows that differ"}
	}
	if len(keep) == t.Cols {
		return t.States(), nil
	}
	tr.Width, tr.Keep, tr.Const = t.Cols, keep, append([]float64(nil), t.Row(0)...)
	s := ito.NewStates(t.Rows, len(keep), 0)
	for i := range s.N {
		for a, k := range keep {
			s.Row(i)[a] = t.Row(i)[k]
		}
	}
	return s, nil
}

// kept is the column of the table that is dimension k of the state.
func kept(tr ito.Transform, k int) int {
	if tr.Keep != nil {
		return tr.Keep[k]
	}
	return k
}

// factor returns the lower Cholesky factor of a covariance and its inverse.
func factor(cov []float64, d int, column func(int) string) (l, inverse []float64, err error) {
	l, inverse = make([]float64, d*d), make([]float64, d*d)
	for i := range d {
		for j := range i + 1 {
			s := cov[i*d+j]
			for k := range j {
				s -= float64(l[i*d+k] * l[j*d+k])
			}
			if i > j {
				l[i*d+j] = s / l[j*d+j]
				continue
			}
			if !(s > singular*cov[i*d+i]) {
				return nil, nil, &ito.InputError{Where: "`transform=whiten`",
					What: fmt.Sprintf("the covariance is singular: column %s follows from the columns before it",
						column(i)),
					Do: "use `transform=standardise`, or remove the column"}
			}
			l[i*d+i] = math.Sqrt(s)
		}
	}
	for c := range d { // L·inverse = I, column by column
		for i := c; i < d; i++ {
			s := 0.0
			if i == c {
				s = 1
			}
			for k := c; k < i; k++ {
				s -= float64(l[i*d+k] * inverse[k*d+c])
			}
			inverse[i*d+c] = s / l[i*d+i]
		}
	}
	return l, inverse, nil
}

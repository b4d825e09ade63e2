package solve

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// MeanShift carries states uphill on the density of noised data. With z = x_0 + ρ ε, ρ = σ/α at a time t and
// D(z) = E[x_0 | z],
//
//	z ← D(z) = z + ρ² ∇ log p_ρ(z),
//
// which is the mean shift of a Gaussian kernel of bandwidth ρ where the data are points, never lowers p_ρ, and stands
// still at its modes. A step of the flow by Euler's rule in ρ, which is DDIM's, is z' = (ρ'/ρ) z + (1−ρ'/ρ) D(z): the
// same move, of a part of its length. Chen et al. 2023, arXiv:2305.19947; Shen, Brooks & van den Hengel 2007 for
// bandwidths that fall. On a path of many modes ρ has a value each, and the kernel is that of the path.
type MeanShift struct {
	Times     []float64 // bandwidths, one step at each but the last, where it goes on until all stand still
	Tolerance float64   // of a step in bandwidths, root mean square over the columns; 0: 1e-3
	Steps     int       // most at the last time; 0: 1000
}

// MeanShiftInfo says how it went.
type MeanShiftInfo struct {
	Steps     []int     // of each row at the last time
	Moved     []float64 // by the last of them, in bandwidths: above the tolerance it did not stand still
	Bandwidth float64   // ρ at the last time, the mean of its logarithm over the modes
}

// Run moves x, data coordinates z, in place. One evaluation a step.
func (o MeanShift) Run(ctx context.Context, p ito.Path, f ito.Field, x ito.States, c ito.Cond) (MeanShiftInfo, error) {
	d, ok := p.(ito.Diagonal)
	if !ok {
		return MeanShiftInfo{}, &ito.UnsupportedError{What: "mean shift on path " + p.Name(),
			Why: "it has no signal and noise", Nearest: "a model on vp, ve, edm, flow or vsdm"}
	}
	if len(o.Times) == 0 || o.Tolerance < 0 || o.Steps < 0 {
		return MeanShiftInfo{}, &ito.InputError{Where: "mean shift", What: "no time, or a setting below 0",
			Do: "give one time or more"}
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-3
	}
	if o.Steps == 0 {
		o.Steps = 1000
	}
	mean, err := field.As(f, p, ito.PredX0)
	if err != nil {
		return MeanShiftInfo{}, err
	}
	m := path.NewModes(d)
	info := MeanShiftInfo{Steps: make([]int, x.N), Moved: make([]float64, x.N)}
	for _, t := range o.Times[:len(o.Times)-1] {
		if _, err := shift(ctx, m, mean, x, t, c); err != nil {
			return info, err
		}
	}
	t := o.Times[len(o.Times)-1]
	m.At(t)
	for i, α := range m.Alpha {
		info.Bandwidth += math.Log(m.Sigma[i]/α) / float64(len(m.Alpha))
	}
	info.Bandwidth = math.Exp(info.Bandwidth)
	rows := make([]int, x.N) // that still move
	for i := range rows {
		rows[i] = i
	}
	for range o.Steps {
		part := ito.NewStates(len(rows), x.D, 0)
		var cond ito.Cond
		if c.C > 0 {
			cond = ito.Cond{C: c.C, X: make([]float64, len(rows)*c.C)}
		}
		for k, i := range rows {
			copy(part.Row(k), x.Row(i))
			part.ID[k] = x.ID[i]
			copy(cond.Row(k), c.Row(i))
		}
		moved, err := shift(ctx, m, mean, part, t, cond)
		if err != nil {
			return info, err
		}
		left := rows[:0]
		for k, i := range rows {
			copy(x.Row(i), part.Row(k))
			info.Steps[i]++
			info.Moved[i] = moved[k] / info.Bandwidth
			if info.Moved[i] > o.Tolerance {
				left = append(left, i)
			}
		}
		if rows = left; len(rows) == 0 {
			break
		}
	}
	return info, nil
}

// shift is one step of all rows, and how far each went, root mean square over the columns.
func shift(ctx context.Context, m *path.Modes, mean ito.Field, x ito.States, t float64, c ito.Cond) ([]float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	at, to := x.Clone(), x.Like(x.D)
	y := make([]float64, x.D)
	m.At(t)
	for i := range x.N { // μ + Q α Qᵀ (z−μ)
		m.Point(y, x.Row(i))
		for j := range y {
			y[j] *= m.Alpha[min(j, len(m.Alpha)-1)]
		}
		m.Place(at.Row(i), y)
	}
	if err := mean.Predict(ctx, to, at, ito.Times{t}, c); err != nil {
		return nil, err
	}
	moved := make([]float64, x.N)
	for i := range x.N {
		for j, v := range to.Row(i) {
			δ := v - x.Row(i)[j]
			moved[i] += float64(δ*δ) / float64(x.D)
		}
		moved[i] = math.Sqrt(moved[i])
		if math.IsNaN(moved[i]) || math.IsInf(moved[i], 0) {
			return nil, &ito.NonFiniteError{What: "mean shift", Sample: x.ID[i], T: t}
		}
		copy(x.Row(i), to.Row(i))
	}
	return moved, nil
}

// Mode is a group of rows that mean shift has brought together.
type Mode struct {
	Rows []int     // the least first
	At   []float64 // the mean of them
}

// GroupModes joins rows whose distance is at most within, and those that are joined through others, the largest group
// first; groups of one size are in the order of their first rows. O(N²D).
func GroupModes(x ito.States, within float64) []Mode {
	root := make([]int, x.N)
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			i = root[i]
		}
		return i
	}
	for i := range x.N {
		for j := range i {
			sum := 0.0
			for k, v := range x.Row(i) {
				δ := v - x.Row(j)[k]
				sum += float64(δ * δ)
			}
			if a, b := find(i), find(j); a != b && sum <= within*within {
				root[max(a, b)] = min(a, b)
			}
		}
	}
	at := map[int]int{}
	var out []Mode
	for i := range x.N {
		r := find(i)
		if _, known := at[r]; !known {
			at[r] = len(out)
			out = append(out, Mode{At: make([]float64, x.D)})
		}
		m := &out[at[r]]
		m.Rows = append(m.Rows, i)
	}
	for _, m := range out {
		for _, i := range m.Rows {
			for k, v := range x.Row(i) {
				m.At[k] += v / float64(len(m.Rows))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Mode) int { return len(b.Rows) - len(a.Rows) })
	return out
}

// TimeOfLevel is the time at which a path has σ/α = ρ, the mean of its logarithm over the modes. A level outside of the
// path's span is an *ito.InputError that says which there are.
func TimeOfLevel(p ito.Path, rho float64) (float64, error) {
	if !ito.Has(p, ito.CapDiagonal) {
		return 0, &ito.UnsupportedError{What: "a noise level of path " + p.Name(), Why: "it has no signal and noise",
			Nearest: "vp, ve, edm, flow or vsdm"}
	}
	pl, err := affine.New(p, ito.PredX0)
	if err != nil {
		return 0, err
	}
	lo, hi := p.Span()
	least, _ := pl.MeanLambda(hi)
	most, _ := pl.MeanLambda(lo)
	λ := -math.Log(rho)
	if !(rho > 0 && λ >= least && λ <= most) {
		return 0, &ito.InputError{What: fmt.Sprintf("a level σ/α of %g on path %s", rho, p.Name()),
			Do: fmt.Sprintf("give one from %.3g to %.3g", math.Exp(-most), math.Exp(-least))}
	}
	return pl.TimeOf(hi, lo, λ), nil
}

// Unscale turns states of a path at a time, μ + Q(α ⊙ Qᵀ(z−μ)), into the z at which [MeanShift] starts.
func Unscale(p ito.Diagonal, x ito.States, t float64) {
	m := path.NewModes(p)
	m.At(t)
	y := make([]float64, x.D)
	for i := range x.N {
		m.Point(y, x.Row(i))
		for j := range y {
			y[j] /= m.Alpha[min(j, len(m.Alpha)-1)]
		}
		m.Place(x.Row(i), y)
	}
}

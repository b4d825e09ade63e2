package path

import (
	"encoding/json"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// RowMean is a path whose centre μ belongs to the row and comes with its condition: x_t − μ follows the inner path.
// With a [Reverting] path inside it is IR-SDE restoring each row from its own degraded μ.
//
// It is an [ito.RowMean] and not Diagonal, because it has no one mean: fields, hooks and trajectories see data
// coordinates, and every solver of the inner path works. Its word is centred.
type RowMean struct {
	inner ito.Diagonal
	from  int
}

// NewRowMean wraps p, whose own mean must be zero. μ is columns from, from+1, …, from+D−1 of the condition.
func NewRowMean(p ito.Diagonal, from int) (*RowMean, error) {
	const where = "path centred"
	if p == nil || from < 0 {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("the centre of path %v from column %d", p, from)}
	}
	if p.Mean() != nil {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("path %s has a mean of its own", p.Name()),
			Do: "leave its mean out"}
	}
	return &RowMean{p, from}, nil
}

// RowMeanConfig is the configuration of [RowMean]: the path inside by its kind and configuration.
type RowMeanConfig struct {
	Kind string          `json:"kind" name:"inner" help:"Kind of the path around the centre."`
	Path json.RawMessage `json:"path" name:"config" where:"local" help:"Its configuration."`
	From int             `json:"from" where:"remote" min:"0" help:"First column of the centre in the condition."`
}

// Config returns the configuration; a path inside that no file can hold is an error.
func (p *RowMean) Config() (RowMeanConfig, error) {
	kind, config, err := Marshal(p.inner)
	return RowMeanConfig{kind, config, p.from}, err
}

func planRowMean(c RowMeanConfig) (*RowMean, error) {
	if c.Kind == "centred" { // its own decoder would follow nesting as deep as the file goes
		return nil, &ito.InputError{Where: "path centred", What: "a centred path in a centred path"}
	}
	if len(c.Path) == 0 {
		c.Path = json.RawMessage("{}")
	}
	inner, err := Unmarshal(c.Kind, c.Path)
	if err != nil {
		return nil, err
	}
	d, ok := inner.(ito.Diagonal)
	if !ok {
		return nil, &ito.InputError{Where: "path centred", What: fmt.Sprintf("path %s is not diagonal", c.Kind)}
	}
	return NewRowMean(d, c.From)
}

// Around returns the path of x_t − μ.
func (p *RowMean) Around() ito.Diagonal { return p.inner }

// MeanOf writes μ of every row into dst.
func (p *RowMean) MeanOf(dst ito.States, c ito.Cond) error {
	if c.C < p.from+dst.D || len(c.X) != c.C*dst.N {
		return &ito.InputError{Where: "path centred", What: fmt.Sprintf("a condition of %d columns and %d values for "+
			"%d rows", c.C, len(c.X), dst.N),
			Do: fmt.Sprintf("give μ of every row in columns %d to %d", p.from, p.from+dst.D-1)}
	}
	for i := range dst.N {
		copy(dst.Row(i), c.Row(i)[p.from:])
	}
	return nil
}

// Has implements ito.Capable: the noise is the inner path's.
func (p *RowMean) Has(c ito.Capability) bool {
	if c == ito.CapGaussian {
		return ito.Has(p.inner, c)
	}
	return ito.Offers(p, c)
}

// Name returns "centred".
func (*RowMean) Name() string { return "centred" }

// Dim returns the inner path's.
func (p *RowMean) Dim() int { return p.inner.Dim() }

// Span returns the inner path's.
func (p *RowMean) Span() (lo, hi float64) { return p.inner.Span() }

// Perturb draws x_t given x_0 and μ; dst and x0 must not overlap.
func (p *RowMean) Perturb(dst, x0 ito.States, t ito.Times, c ito.Cond, n ito.Noise) error {
	if err := checkPerturb(p, dst, x0, t, dst.D); err != nil {
		return err
	}
	μ, y := dst.Like(dst.D), x0.Clone()
	if err := p.MeanOf(μ, c); err != nil {
		return err
	}
	matrix.AddScaled(y.X, -1, μ.X)
	if err := p.inner.Perturb(dst, y, t, c, n); err != nil {
		return err
	}
	matrix.AddScaled(dst.X, 1, μ.X)
	return nil
}

// Prior draws μ plus the inner path's prior.
func (p *RowMean) Prior(dst ito.States, c ito.Cond, n ito.Noise) error {
	if err := checkStates(p, "destination", dst, p.Dim()); err != nil {
		return err
	}
	μ := dst.Like(dst.D)
	if err := p.MeanOf(μ, c); err != nil {
		return err
	}
	if err := p.inner.Prior(dst, c, n); err != nil {
		return err
	}
	matrix.AddScaled(dst.X, 1, μ.X)
	return nil
}

package model

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/target/model"
	"github.com/seed9a7962a8/ito/task"
)

// SensitivityConfig sets whose draws are looked at.
type SensitivityConfig struct {
	Model string   `arg:"" where:"local" help:"The model file that was sampled"`
	Files []string `arg:"" where:"local" name:"draws" help:"Its draws, as ito infer wrote them"`
	Data  string   `where:"local" placeholder:"FILE" help:"The data that it was given"`
	Alpha float64  `default:"1.01" above:"1" max:"2" help:"The power to which prior and likelihood are raised, and its inverse"`
}

// SensitivityReport is how much posterior quantities change with the powers of the prior and of the likelihood.
type SensitivityReport struct {
	Model      string           `json:"model"`
	Draws      int              `json:"draws"`
	Alpha      float64          `json:"alpha"`
	Terms      []Term           `json:"terms"` // of the model, and to what they are counted
	Quantities []SensitivityRow `json:"quantities"`
	// Pareto k̂ of the weights of the higher and the lower power, the larger
	KHatPrior      float64  `json:"khat_prior"`
	KHatLikelihood float64  `json:"khat_likelihood"`
	Warnings       []string `json:"warnings"`
}

// Term is a term of the log density.
type Term struct {
	Kind         string `json:"kind"` // prior, likelihood, hierarchy or other
	Name         string `json:"name,omitempty"`
	Distribution string `json:"distribution"`
	Line         int    `json:"line"`
}

// SensitivityRow is of one column: the cumulative Jensen–Shannon distance by which it moves for every doubling of a
// power, and its mean in posterior standard deviations.
type SensitivityRow struct {
	Column         string  `json:"column"`
	Prior          float64 `json:"prior"`
	Likelihood     float64 `json:"likelihood"`
	PriorMean      float64 `json:"prior_mean"`
	LikelihoodMean float64 `json:"likelihood_mean"`
	Diagnosis      string  `json:"diagnosis,omitempty"`
}

// sensitive is the distance a doubling from which a quantity is sensitive (Kallioinen et al. 2023).
const sensitive = .05

// Sensitivity raises the prior and the likelihood to powers near 1, by Pareto smoothed weights of the draws, and
// measures how far every parameter and derived quantity moves (Kallioinen, Paananen, Bürkner and Vehtari, Statistics
// and Computing 34, 2023). What moves with the prior while the likelihood says little has a strong prior; what moves
// with both has a prior and data that disagree. Priors of a hierarchy, which depend on other parameters, and what
// target adds without saying what it is, are not scaled.
func Sensitivity(ctx context.Context, c SensitivityConfig, env task.Env) (*SensitivityReport, error) {
	pool, done := env.PoolOf(0)
	defer done()
	m, err := open(c.Model, c.Data, pool, env)
	if err != nil {
		return nil, err
	}
	parts, err := m.Parts()
	if err != nil {
		return nil, err
	}
	r := &SensitivityReport{Model: c.Model, Alpha: c.Alpha, Warnings: []string{}}
	counts := map[model.PartKind]int{}
	for _, p := range parts {
		counts[p.Kind]++
		r.Terms = append(r.Terms, Term{p.Kind.String(), p.Name, p.Distribution, p.Line})
	}
	if counts[model.PriorPart] == 0 || counts[model.LikelihoodPart] == 0 {
		return nil, &ito.InputError{Where: c.Model, What: fmt.Sprintf("it has %d terms of the prior and %d of the "+
			"likelihood", counts[model.PriorPart], counts[model.LikelihoodPart]),
			Do: `both are needed: write priors with prior(…), data with observe(…), or say target(lp, part = "prior")`}
	}
	s, x, err := posteriorOf(m, c.Files)
	if err != nil {
		return nil, err
	}
	r.Draws = x.N
	if x.N < 100 {
		return nil, &ito.InputError{Where: c.Files[0], What: fmt.Sprintf("%d draws", x.N), Do: "give 100 or more"}
	}
	terms := ito.NewStates(x.N, len(parts)+1, 0)
	if err := m.PartDensities(ctx, terms, x); err != nil {
		return nil, err
	}
	sums := [2][]float64{make([]float64, x.N), make([]float64, x.N)}
	for i := range x.N {
		for k, p := range parts {
			switch p.Kind {
			case model.PriorPart:
				sums[0][i] += terms.Row(i)[k]
			case model.LikelihoodPart:
				sums[1][i] += terms.Row(i)[k]
			}
		}
		if math.IsNaN(sums[0][i]+sums[1][i]) || math.IsInf(sums[0][i]+sums[1][i], 0) {
			return nil, &ito.InputError{Where: c.Model, What: fmt.Sprintf("a term is not finite at draw %d", i+1),
				Do: "check the model and that the draws are its own"}
		}
	}
	draws, columns, err := reported(ctx, m, x)
	if err != nil {
		return nil, err
	}
	chains := s.Chains
	var rows [2][]moved
	for k, l := range sums {
		var khat float64
		rows[k], khat = scaled(draws, l, c.Alpha, relative(l, chains))
		if k == 0 {
			r.KHatPrior = khat
		} else {
			r.KHatLikelihood = khat
		}
	}
	for j, name := range columns {
		row := SensitivityRow{Column: name, Prior: rows[0][j].distance, Likelihood: rows[1][j].distance,
			PriorMean: rows[0][j].mean, LikelihoodMean: rows[1][j].mean}
		switch {
		case row.Prior >= sensitive && row.Likelihood >= sensitive:
			row.Diagnosis = "prior and data may disagree"
		case row.Prior >= sensitive:
			row.Diagnosis = "strong prior or weak likelihood"
		}
		r.Quantities = append(r.Quantities, row)
	}
	r.warn(counts)
	return r, nil
}

// warn describes what the numbers rest on.
func (r *SensitivityReport) warn(counts map[model.PartKind]int) {
	for _, k := range []struct {
		what string
		khat float64
	}{{"prior", r.KHatPrior}, {"likelihood", r.KHatLikelihood}} {
		if k.khat > .7 {
			r.Warnings = append(r.Warnings, fmt.Sprintf("Pareto k̂ of the weights of the %s is %.2f: its column is "+
				"not reliable; give an alpha nearer to 1", k.what, k.khat))
		}
	}
	if n := counts[model.OtherPart]; n > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d target(…) of the file are neither prior nor likelihood: write "+
			"target(lp, part = \"prior\") or part = \"likelihood\"", n))
	}
}

// reported are the columns of a model that are not drawn at random: [columns][draws].
func reported(ctx context.Context, m *model.Model, x ito.States) (draws [][]float64, columns []string, err error) {
	wide, other := ito.NewStates(x.N, m.Width(), 0), ito.NewStates(1, m.Width(), 0)
	if err := m.Draw(ctx, wide, x, 0, 0); err != nil {
		return nil, nil, err
	}
	if err := m.Draw(ctx, other, x.Slice(0, 1), 0, 1); err != nil {
		return nil, nil, err
	}
	for j, name := range m.Columns() {
		if other.X[j] != wide.X[j] {
			continue
		}
		v, constant := make([]float64, x.N), true
		for i := range v {
			v[i] = wide.Row(i)[j]
			constant = constant && v[i] == v[0]
		}
		if !constant {
			draws, columns = append(draws, v), append(columns, name)
		}
	}
	return draws, columns, nil
}

// relative is the effective size of draws of chains for the mean of l, of one draw.
func relative(l []float64, chains int) float64 {
	n := len(l) / chains
	if n < 8 {
		return 1
	}
	parts := make([][]float64, chains)
	for c := range parts {
		parts[c] = l[c*n : (c+1)*n]
	}
	if e := metric.ESSMean(parts) / float64(len(l)); e > 0 {
		return min(e, 1)
	}
	return 1
}

// moved is how far a column moves for a doubling of a power.
type moved struct{ distance, mean float64 }

// scaled raises a term of log densities l to the powers α and 1/α. Distances are the mean of both, over log₂ α; the
// mean's derivative is its covariance with the term, in standard deviations.
func scaled(draws [][]float64, l []float64, α, efficiency float64) (out []moved, khat float64) {
	n := float64(len(l))
	out = make([]moved, len(draws))
	for _, a := range []float64{α, 1 / α} {
		w := make([]float64, len(l))
		for i, v := range l {
			w[i] = (a - 1) * v
		}
		smooth, k := metric.SmoothWeights(w, efficiency)
		if k > khat {
			khat = k
		}
		for i := range smooth {
			smooth[i] = math.Exp(smooth[i])
		}
		for j, x := range draws {
			out[j].distance += metric.CJS(x, smooth) / math.Log2(α) / 2
		}
	}
	mean := 0.
	for _, v := range l {
		mean += v / n
	}
	for j, x := range draws {
		m, ss, cov := 0., 0., 0.
		for _, v := range x {
			m += v / n
		}
		for i, v := range x {
			ss += (v - m) * (v - m)
			cov += (v - m) * (l[i] - mean)
		}
		if ss > 0 {
			out[j].mean = math.Ln2 * cov / n / math.Sqrt(ss/n)
		}
	}
	return out, khat
}

package model

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/task"
)

// CompareConfig names the reports of models of the same data.
type CompareConfig struct {
	Reports []string `arg:"" where:"local" name:"reports" help:"What ito model loo --json, or ito infer --json, printed for each model"`
}

// CompareReport is models from the best to the worst.
type CompareReport struct {
	By       string     `json:"by"` // elpd_loo, or log_z
	Models   []Compared `json:"models"`
	Warnings []string   `json:"warnings"`
}

// Compared is a model beside the best.
type Compared struct {
	Report     string   `json:"report"`
	Model      string   `json:"model"`
	Value      float64  `json:"value"` // expected log predictive density, or log Z
	SE         *float64 `json:"se"`    // of the value; nil: one run
	Difference float64  `json:"difference"`
	// of the difference: over the observations, which the models share, or of the runs of both
	DifferenceSE *float64 `json:"difference_se"`
	// Weight is the posterior probability of the model where all were equally likely before; of log Z alone
	Weight *float64 `json:"weight,omitempty"`
}

// report is what is read of either report.
type report struct {
	file, Model, Target, Digest string
	ELPD                        *float64  `json:"elpd_loo"`
	SE                          float64   `json:"se"`
	Pointwise                   []float64 `json:"pointwise"`
	Bad                         int       `json:"khat_bad"`
	LogZ                        *float64  `json:"log_z"`
	LogZSD                      *float64  `json:"log_z_sd"`
	Observed                    string    `json:"observed"`
	Summary                     struct {
		Chains int `json:"chains"`
	} `json:"summary"`
}

// Compare compares models of the same data, by the expected log predictive density of leave-one-out with the
// standard error of the differences of all observations, or by log Z with the error of its runs.
func Compare(_ context.Context, c CompareConfig, _ task.Env) (*CompareReport, error) {
	if len(c.Reports) < 2 {
		return nil, &ito.InputError{Where: "reports", What: "one report", Do: "name those of two models or more"}
	}
	var all []report
	for _, name := range c.Reports {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, &ito.InputError{Where: name, What: "it cannot be read", Do: "check the name"}
		}
		r := report{file: name}
		if err := json.Unmarshal(b, &r); err != nil || r.ELPD == nil && r.LogZ == nil {
			return nil, &ito.InputError{Where: name, What: "it is no report with elpd_loo or log_z",
				Do: "write it by ito model loo with `json`, or by ito infer with `json` and a method that estimates " +
					"log Z"}
		}
		all = append(all, r)
	}
	if slices.ContainsFunc(all, func(r report) bool { return r.ELPD == nil }) {
		return byEvidence(all)
	}
	return byLOO(all)
}

func byLOO(all []report) (*CompareReport, error) {
	out := &CompareReport{By: "elpd_loo", Warnings: []string{}}
	for _, r := range all {
		switch {
		case len(r.Pointwise) != len(all[0].Pointwise) || len(r.Pointwise) == 0:
			return nil, &ito.InputError{Where: r.file, What: fmt.Sprintf("%d observations where %s has %d",
				len(r.Pointwise), all[0].file, len(all[0].Pointwise)), Do: "compare models of the same observations"}
		case r.Observed != all[0].Observed:
			return nil, &ito.InputError{Where: r.file, What: "other observations than those of " + all[0].file,
				Do: "compare models of the same observations, in one order"}
		}
		if r.Bad > 0 {
			out.Warnings = append(out.Warnings, fmt.Sprintf("%s: k̂ is too high at %d observations", r.file, r.Bad))
		}
	}
	slices.SortStableFunc(all, func(a, b report) int { return cmp.Compare(*b.ELPD, *a.ELPD) })
	best, n := all[0], float64(len(all[0].Pointwise))
	for i, r := range all {
		d, ss := 0., 0.
		for k, v := range r.Pointwise {
			d += v - best.Pointwise[k]
		}
		for k, v := range r.Pointwise {
			ss += (v - best.Pointwise[k] - d/n) * (v - best.Pointwise[k] - d/n)
		}
		se, of := math.Sqrt(ss*n/max(n-1, 1)), r.SE
		out.Models = append(out.Models, Compared{Report: r.file, Model: r.Model, Value: *r.ELPD, SE: &of,
			Difference: d, DifferenceSE: &se})
		if i == 1 && (-d < 4 || -d < 2*se) {
			out.Warnings = append(out.Warnings, fmt.Sprintf("%s is hardly worse than %s: a difference below 4, or "+
				"below two of its errors, tells little", r.file, best.file))
		}
	}
	if n < 100 {
		out.Warnings = append(out.Warnings, fmt.Sprintf("with %.0f observations the error of a difference may be "+
			"twice as large", n))
	}
	return out, nil
}

func byEvidence(all []report) (*CompareReport, error) {
	out := &CompareReport{By: "log_z", Warnings: []string{}}
	for _, r := range all {
		if r.LogZ == nil {
			return nil, &ito.InputError{Where: r.file, What: "it has no log Z, and others have no elpd_loo",
				Do: "compare reports of one kind"}
		}
		if r.LogZSD == nil {
			out.Warnings = append(out.Warnings, r.file+": log Z of one run has no error; run several `chains`")
		}
	}
	slices.SortStableFunc(all, func(a, b report) int { return cmp.Compare(*b.LogZ, *a.LogZ) })
	best, total := all[0], 0.
	for _, r := range all {
		total += math.Exp(*r.LogZ - *best.LogZ)
	}
	variance := func(r report) float64 { return *r.LogZSD * *r.LogZSD / float64(max(r.Summary.Chains, 1)) }
	for _, r := range all {
		m := Compared{Report: r.file, Model: r.Target, Value: *r.LogZ, Difference: *r.LogZ - *best.LogZ}
		w := math.Exp(m.Difference) / total
		m.Weight = &w
		if r.LogZSD != nil {
			se := math.Sqrt(variance(r))
			m.SE = &se
			if best.LogZSD != nil {
				d := 0.
				if r.file != best.file {
					d = math.Sqrt(variance(r) + variance(best))
				}
				m.DifferenceSE = &d
				if d > .5 {
					out.Warnings = append(out.Warnings, fmt.Sprintf("the difference of %s is known to ± %.2g only: "+
						"take more draws or chains", r.file, d))
				}
			}
		}
		out.Models = append(out.Models, m)
	}
	out.Warnings = append(out.Warnings, "log Z compares models of the same data with the priors that they have: "+
		"a flat or very wide prior decides it")
	return out, nil
}

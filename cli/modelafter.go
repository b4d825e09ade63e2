package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/seed9a7962a8/ito/task/model"
)

// modelSensitivityCmd is "ito model sensitivity".
type modelSensitivityCmd struct {
	model.SensitivityConfig
	All  bool `help:"Show every quantity, not the first forty"`
	JSON bool `name:"json" help:"Print one JSON object"`
}

func (*modelSensitivityCmd) manual() page {
	return page{
		synopsis: "MODEL.star DRAWS… [--data FILE] [--alpha A] [--all] [--json]",
		text: []string{
			"Raises the prior, and then the likelihood, to the power A and 1/A, by Pareto smoothed weights of the " +
				"draws instead of another run, and prints how far every parameter and derived quantity moves for a " +
				"doubling of the power: the cumulative Jensen-Shannon distance (priorsense's measure; Kallioinen et " +
				"al. 2023) and, in posterior standard deviations, the mean. From .05 on a quantity is sensitive: to " +
				"the prior alone, the prior is strong or the data say little; to both, prior and data may disagree.",
			"The prior is what prior(…) and observe(…) of parameters add whose distributions depend on no other " +
				"parameter; the likelihood what observe(…) of data adds. Priors within a hierarchy, which depend on " +
				"parameters, are not scaled, and neither is target(…) unless it says part = \"prior\" or " +
				"\"likelihood\". --json lists every term and to what it is counted.",
		},
		examples: [][2]string{{"ito model sensitivity m.star d_*.csv --data d.json", "Does the prior decide?"}},
	}
}

// Run implements the command.
func (c *modelSensitivityCmd) Run(ctx context.Context, a *app) error {
	r, err := model.Sensitivity(ctx, c.SensitivityConfig, a.env(nil))
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 8, 2, ' ', 0)
	kinds := map[string]int{}
	for _, t := range r.Terms {
		kinds[t.Kind]++
	}
	fmt.Fprintf(w, "%d draws; terms: %d prior, %d likelihood, %d of hierarchies, %d other\n\n", r.Draws, kinds["prior"],
		kinds["likelihood"], kinds["hierarchy"], kinds["other"])
	fmt.Fprintln(w, "\tprior\tlikelihood\tmean by prior\tby likelihood\t")
	for i, q := range r.Quantities {
		if i == 40 && !c.All {
			fmt.Fprintf(w, "… %d more; --all and --json have them\n", len(r.Quantities)-40)
			break
		}
		fmt.Fprintf(w, "%s\t%.3f\t%.3f\t%+.3f\t%+.3f\t%s\n", q.Column, q.Prior, q.Likelihood, q.PriorMean,
			q.LikelihoodMean, q.Diagnosis)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	writeWarnings(a.stdout, r.Warnings)
	return nil
}

// modelCompareCmd is "ito model compare".
type modelCompareCmd struct {
	model.CompareConfig
	JSON bool `name:"json" help:"Print one JSON object"`
}

func (*modelCompareCmd) manual() page {
	return page{
		synopsis: "REPORT.json REPORT.json… [--json]",
		text: []string{
			"Compares models of the same data, best first. Reports of ito model loo --json are compared by elpd_loo: " +
				"the standard error of a difference is that of the differences of single observations, which must " +
				"be the same ones. Reports of ito infer --json with a method that estimates log Z are compared by " +
				"it: the error is that of the runs, and the last column the probability of each model where all " +
				"were equally likely before. log Z depends on the priors as they stand; that the data are the same " +
				"is for you to see to.",
		},
		examples: [][2]string{
			{"ito model loo a.star a_*.csv --data d.json --json > a.json; ito model loo b.star b_*.csv --data " +
				"d.json --json > b.json; ito model compare a.json b.json", "By leave-one-out."},
			{"ito infer a.star --data d.json --method smc --out a.npy --json > a.json; ito infer b.star --data " +
				"d.json --method smc --out b.npy --json > b.json; ito model compare a.json b.json", "By log Z."},
		},
	}
}

// Run implements the command.
func (c *modelCompareCmd) Run(ctx context.Context, a *app) error {
	r, err := model.Compare(ctx, c.CompareConfig, a.env(nil))
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(r)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "\tmodel\t%s\tse\tdifference\tse\t", r.By)
	if r.By == "log_z" {
		fmt.Fprint(w, "probability")
	}
	fmt.Fprintln(w)
	number := func(v *float64) string {
		if v == nil {
			return "–"
		}
		return fmt.Sprintf("%.2f", *v)
	}
	for _, m := range r.Models {
		fmt.Fprintf(w, "%s\t%s\t%.2f\t%s\t%.2f\t%s\t", m.Report, m.Model, m.Value, number(m.SE), m.Difference,
			number(m.DifferenceSE))
		if m.Weight != nil {
			fmt.Fprintf(w, "%.3f", *m.Weight)
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	writeWarnings(a.stdout, r.Warnings)
	return nil
}

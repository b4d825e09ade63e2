package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/info"
)

// infoCmd is "ito info".
type infoCmd struct {
	info.Config
	JSON bool `name:"json" help:"Print one JSON object"`
}

func (*infoCmd) manual() page {
	return page{
		synopsis: "[FILE] [--json]",
		text: []string{
			"Of a model: its path, network, columns, conditions, transform, the schedules that ito tune stored, and " +
				"where it came from, with the training configuration. Of a forecaster: its method with all settings, " +
				"the series it was made of and what it can be asked. Of a checkpoint: how far the training is. " +
				"Without a file: the version, the vector code that is used, " +
				"and the words that the other commands know.",
			"The digest of the weights is equal for models whose weights are equal, whatever else their files say.",
		},
		examples: [][2]string{
			{"ito info m.safetensors", "What the model is."},
			{"ITO_SIMD=portable ito info", "What the program would be without vector code."},
		},
	}
}

// Run implements the command.
func (c *infoCmd) Run(ctx context.Context, a *app) error {
	r, err := info.Run(ctx, c.Config, a.env(nil))
	if err != nil {
		return err
	}
	task.Words(&r, a.flagged)
	switch {
	case r.Program != nil:
		return c.program(a, r.Program)
	case r.Forecaster != nil:
		return c.forecaster(a, r.Forecaster)
	case r.Checkpoint != nil:
		return c.checkpoint(a, r.Checkpoint)
	case r.Family != nil:
		return c.family(a, r.Family)
	}
	return c.model(a, r.Model)
}

func (c *infoCmd) program(a *app, p *info.Program) error {
	if c.JSON {
		return a.printJSON(p)
	}
	return facts(a.stdout, [][2]string{
		{"version", p.Version + " (" + p.Go + ", " + p.Arch + ")"},
		{"simd", p.SIMD},
		{"processors", fmt.Sprintf("%d, %d of them used", p.CPUs, p.Workers)},
		{"model format", fmt.Sprint(p.Format)},
		{"paths", strings.Join(p.Paths, ", ")},
		{"solvers", strings.Join(p.Solvers, ", ")},
		{"grids", strings.Join(p.Grids, ", ")},
		{"built-in data", strings.Join(p.Data, ", ")},
	})
}

// scheduleText is a stored schedule in words.
func scheduleText(s info.StoredSchedule) string {
	if !s.Searched {
		return fmt.Sprintf("%s, error %s: better than what %s found", s.Name, table.Number(s.RMSE), s.Method)
	}
	if s.Name == s.Method {
		return fmt.Sprintf("%s, error %s against %s of %s", s.Name, table.Number(s.RMSE), table.Number(s.FixedRMSE),
			s.Fixed)
	}
	return fmt.Sprintf("%s by %s, error %s against %s of %s", s.Name, s.Method, table.Number(s.RMSE),
		table.Number(s.FixedRMSE), s.Fixed)
}

func (c *infoCmd) model(a *app, i *info.Model) error {
	m := i.Of
	if c.JSON {
		return a.printJSON(i)
	}
	rows := [][2]string{{"model", c.File}, {"path", i.Path + " " + string(i.PathConfig)},
		{"spectrum of A", table.Numbers(i.Spectrum)}}
	if i.Network != nil {
		b, err := json.Marshal(i.Network.Config)
		if err != nil {
			return err
		}
		rows = append(rows, [2]string{"network", fmt.Sprintf("%d parameters, predicts %s, digest %.16s",
			i.Network.Parameters, i.Predicts, i.Network.Digest)}, [2]string{"", i.Network.Kind + " " + string(b)},
			[2]string{"precision", i.Network.Precision},
			[2]string{"quantised", i.Network.Quantised})
	}
	var conditions []string
	for _, k := range i.Conditions {
		if len(k.Levels) > 0 {
			conditions = append(conditions, fmt.Sprintf("%s (%s)", k.Column, table.Few(k.Levels)))
		} else {
			conditions = append(conditions, fmt.Sprintf("%s (mean %.4g, sd %.4g)", k.Column, k.Mean, k.SD))
		}
	}
	if t, ok := m.Encoding.(*encode.Table); ok {
		conditions = append(conditions, t.Conditions()...)
	}
	p := i.Provenance
	rows = append(rows,
		[2]string{"prior", i.Prior},
		[2]string{"state", m.Space.String()},
		[2]string{"vocabulary", vocabulary(m.Vocabulary)},
		[2]string{"nodes", numbersOfNodes(m.Nodes)},
		[2]string{"transform", i.Transform},
		[2]string{"columns", fmt.Sprintf("%d: %s", len(i.Columns), table.Few(i.Columns))},
		[2]string{"constant", table.Few(i.Constant)},
		[2]string{"conditions", table.Few(conditions)},
		[2]string{"data", strings.TrimSpace(p.Data + " " + p.Digest)},
		[2]string{"made by", fmt.Sprintf("ito %s, %s, %s, %s", p.Version, p.Arch, p.SIMD, p.Created)})
	if p.HeldOut != nil {
		rows = append(rows, [2]string{"held out", heldOut(p.HeldOut)})
	}
	for _, s := range i.Schedules {
		name := fmt.Sprintf("%d calls", s.Calls)
		if s.Guidance != 1 {
			name += fmt.Sprintf(", guidance %g", s.Guidance)
		}
		rows = append(rows, [2]string{name, scheduleText(s)})
	}
	if err := facts(a.stdout, rows); err != nil {
		return err
	}
	if i.Table != nil {
		if err := tellTable(a.stdout, i.Table, i.Private); err != nil {
			return err
		}
	}
	if p.Config != "" {
		_, err := fmt.Fprintf(a.stdout, "\n# configuration\n%s", strings.TrimRight(p.Config, "\n")+"\n")
		return err
	}
	return nil
}

// tellTable writes the columns of a table with types, and what of the data is in the file.
func tellTable(w io.Writer, s *frame.Schema, private bool) error {
	rows := [][]string{{"column", "type", "missing"}}
	for i, c := range s.Columns {
		if i == 60 {
			rows = append(rows, []string{fmt.Sprintf("… and %d more", len(s.Columns)-i)})
			break
		}
		gap := "–"
		if c.Missing > 0 {
			gap = fmt.Sprintf("%.3g %%", 100*float64(c.Missing)/float64(max(c.Rows, 1)))
		}
		rows = append(rows, []string{c.Name, string(c.Kind), gap})
	}
	widest := 0
	for i := range rows[1:min(len(rows), 61)] {
		widest = max(widest, len([]rune(s.Columns[i].Describe())))
	}
	for i := range rows {
		if len(rows[i]) == 3 && i > 0 {
			text := s.Columns[i-1].Describe()
			rows[i] = append(rows[i], text+strings.Repeat(" ", widest-len([]rune(text))))
		}
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	if err := table.Write(w, rows); err != nil {
		return err
	}
	for _, r := range s.Rules {
		fmt.Fprintf(w, "constraint: %s\n", r)
	}
	if private {
		_, err := fmt.Fprintln(w, "\nthe training was differentially private (epsilon and delta below): the file "+
			"holds what the public schema\nsays, and of the rows what the noisy steps left; "+
			"their number and digest are not in it")
		return err
	}
	_, err := fmt.Fprintln(w, "\nreal values in the file: all levels and constants, the least and the largest number "+
		"of each column, numbers\nthat come often, quantiles, and combinations that a constraint fixes; "+
		"no row as a whole, beyond what the network has "+
		"learnt by heart")
	return err
}

// vocabulary is one in words.
func vocabulary(v *ito.Vocabulary) string {
	switch {
	case v == nil:
		return ""
	case v.Tokens == nil:
		return v.Unit + "s"
	}
	quoted := make([]string, len(v.Tokens))
	for i, t := range v.Tokens {
		quoted[i] = strconv.Quote(t)
	}
	return fmt.Sprintf("%d %ss: %s", len(v.Tokens), v.Unit, table.Few(quoted))
}

// numbersOfNodes is the law of them in words.
func numbersOfNodes(l *ito.NodeLaw) string {
	if l == nil {
		return ""
	}
	places := strings.Trim(strings.ReplaceAll(fmt.Sprint(l.Places), " ", ", "), "[]")
	return fmt.Sprintf("%d to %d, on %s places", l.N[0], l.N[len(l.N)-1], places)
}

func (c *infoCmd) forecaster(a *app, f *info.Forecaster) error {
	if c.JSON {
		return a.printJSON(f)
	}
	return facts(a.stdout, [][2]string{{"forecaster", f.File}, {"method", f.Model.Kind + " " + string(f.Model.Config)},
		{"horizon", fmt.Sprintf("%d steps of %s", f.Horizon, f.Freq)},
		{"known ahead", strings.Join(f.Known, ", ")}, {"known behind", strings.Join(f.Past, ", ")},
		{"state", fmt.Sprintf("%d numbers, digest %.16s", f.Parameters, f.Weights)},
		{"data", fmt.Sprintf("%d series up to %s, digest %.16s", f.Series, f.Until.Format("2006-01-02 15:04:05 -07:00"),
			f.Digest)},
		{"made by", strings.TrimSpace(fmt.Sprintf("ito %s, seed %d", f.Program, f.Seed))}})
}

func (c *infoCmd) checkpoint(a *app, k *info.Checkpoint) error {
	if c.JSON {
		return a.printJSON(k)
	}
	if err := facts(a.stdout, [][2]string{{"checkpoint", k.File},
		{"written", k.Written.Format("2006-01-02 15:04:05")}, {"state", clip(string(k.State), 400)}}); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "\n# configuration\n%s\n", strings.TrimRight(k.Config, "\n"))
	return err
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

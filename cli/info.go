package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/wrap"
)

// infoCmd is "ito info".
type infoCmd struct {
	File string `where:"local" arg:"" optional:"" help:"A model or a checkpoint; without one, this program"`
	JSON bool   `name:"json" help:"Print one JSON object"`
}

func (*infoCmd) manual() page {
	return page{
		synopsis: "[FILE] [--json]",
		text: []string{
			"Of a model: its path, network, columns, conditions, transform, the schedules that ito tune stored, and " +
				"where it came from, with the training configuration. Of a checkpoint: how far the training is. " +
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
func (c *infoCmd) Run(a *app) error {
	if c.File == "" {
		return c.program(a)
	}
	if m, err := store.LoadModel(c.File); err == nil {
		return c.model(a, m)
	} else if k, errCheckpoint := store.LoadCheckpoint(c.File); errCheckpoint == nil {
		return c.checkpoint(a, k)
	} else {
		return err
	}
}

// programInfo is what this program is.
type programInfo struct {
	Version string   `json:"version"`
	Go      string   `json:"go"`
	Arch    string   `json:"arch"`
	SIMD    string   `json:"simd"`
	CPUs    int      `json:"cpus"`
	Workers int      `json:"workers"`
	Format  int      `json:"model_format"`
	Paths   []string `json:"paths"`
	Solvers []string `json:"solvers"`
	Grids   []string `json:"grids"`
	Data    []string `json:"data"`
}

func (c *infoCmd) program(a *app) error {
	p := programInfo{
		Version: version(), Go: runtime.Version(), Arch: runtime.GOOS + "/" + runtime.GOARCH,
		SIMD: simd.Level(), CPUs: runtime.NumCPU(), Workers: runtime.GOMAXPROCS(0), Format: store.FormatVersion,
		Paths: path.Kinds(), Grids: solve.GridNames(), Data: data.Names(),
	}
	for _, s := range solve.Every() {
		p.Solvers = append(p.Solvers, s.Info().Name)
	}
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

// modelInfo is what a model file holds.
type modelInfo struct {
	Path       string          `json:"path"`
	PathConfig json.RawMessage `json:"path_config"`
	Predicts   string          `json:"predicts"`
	Network    *networkInfo    `json:"network,omitempty"`
	Spectrum   []float64       `json:"spectrum_of_a,omitempty"`
	Prior      string          `json:"prior"`
	Space      *ito.Space      `json:"space,omitempty"`
	Transform  string          `json:"transform"`
	Vocabulary *ito.Vocabulary `json:"vocabulary,omitempty"`
	Table      *frame.Schema   `json:"table,omitempty"`
	Nodes      *ito.NodeLaw    `json:"nodes,omitempty"`
	Columns    []string        `json:"columns"`
	Constant   []string        `json:"constant_columns,omitempty"`
	Conditions []ito.Condition `json:"conditions,omitempty"`
	Provenance ito.Provenance  `json:"provenance"`
	Schedules  []scheduleInfo  `json:"schedules,omitempty"`
}

// scheduleInfo is a stored schedule.
type scheduleInfo struct {
	Calls    int       `json:"calls"`
	Guidance float64   `json:"guidance"`
	Solver   string    `json:"solver"`
	Times    []float64 `json:"times"`
	ito.Found
}

func (s scheduleInfo) String() string {
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

// networkInfo is the network of a model.
type networkInfo struct {
	Kind       string     `json:"kind"`
	Config     nn.Network `json:"config"`
	Ports      nn.Ports   `json:"ports"`
	Parameters int        `json:"parameters"`
	Digest     string     `json:"digest"`
}

func (c *infoCmd) model(a *app, m *ito.Model) error {
	i, err := describe(c.File, m)
	if err != nil {
		return err
	}
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
			i.Network.Parameters, i.Predicts, i.Network.Digest)}, [2]string{"", i.Network.Kind + " " + string(b)})
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
	for _, s := range i.Schedules {
		name := fmt.Sprintf("%d calls", s.Calls)
		if s.Guidance != 1 {
			name += fmt.Sprintf(", guidance %g", s.Guidance)
		}
		rows = append(rows, [2]string{name, s.String()})
	}
	if err := facts(a.stdout, rows); err != nil {
		return err
	}
	if i.Table != nil {
		if err := tellTable(a.stdout, i.Table); err != nil {
			return err
		}
	}
	if p.Config != "" {
		_, err = fmt.Fprintf(a.stdout, "\n# configuration\n%s", strings.TrimRight(p.Config, "\n")+"\n")
	}
	return err
}

// tellTable writes the columns of a table with types, and what of the data is in the file.
func tellTable(w io.Writer, s *frame.Schema) error {
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
	_, err := fmt.Fprintln(w, "\nreal values in the file: all levels and constants, the least and the largest number "+
		"of each column, numbers\nthat come often, and quantiles; no row as a whole, beyond what the network has "+
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

// describe gathers what is known of a model.
func describe(file string, m *ito.Model) (*modelInfo, error) {
	kind, config, err := path.Marshal(m.Path)
	if err != nil {
		return nil, err
	}
	d := task.Width(m)
	i := &modelInfo{
		Path: kind, PathConfig: config, Predicts: m.Field.Kind().String(), Transform: m.Transform.Kind,
		Columns: task.Columns(m, d), Conditions: m.Conditions, Provenance: m.Provenance, Prior: "of the path",
	}
	if len(m.Space.Parts) > 0 {
		i.Space = &m.Space
	}
	if t, ok := m.Encoding.(*encode.Table); ok {
		i.Table, i.Transform = &t.Schema, "by the types of the columns"
	}
	i.Vocabulary, i.Nodes = m.Vocabulary, m.Nodes
	if m.Prior != nil {
		i.Prior = "normal, with moments of its own"
	}
	f, isNet := m.Field.(*field.Net)
	if isNet {
		switch w := f.Wrap.(type) {
		case *wrap.Pairs:
			var learned []string
			for _, t := range w.Targets() {
				learned = append(learned, t.String())
			}
			i.Predicts = strings.Join(learned, " and ")
			if m.Prior == nil {
				i.Prior = "rows of another set, given to ito sample --from"
			}
		case *wrap.Potential:
			i.Predicts += ", as the gradient of a potential"
		}
	}
	if i.Transform == "" {
		i.Transform = "none"
	}
	if m.Transform.Keep != nil {
		for j, name := range i.Columns {
			if !slices.Contains(m.Transform.Keep, j) {
				i.Constant = append(i.Constant, name)
			}
		}
	}
	for _, s := range m.Schedules {
		i.Schedules = append(i.Schedules, scheduleInfo{s.Calls, s.Guidance, s.Solver.Info().Name, s.Times, s.Found})
	}
	switch p := m.Path.(type) {
	case *path.VSDM:
		i.Spectrum = p.Spectrum()
	case *path.Momentum:
		c, _ := p.VSMDConfig()
		i.Spectrum = slices.Sorted(slices.Values(c.Av))
	}
	if isNet {
		w := f.Weights
		i.Network = &networkInfo{Kind: w.Net.Kind(), Config: w.Net, Ports: w.Ports, Parameters: len(w.Params)}
		if i.Network.Digest, err = weightsDigest(file); err != nil {
			return nil, err
		}
	}
	return i, nil
}

// weightsDigest is the sha256 of the tensors of a file, names and shapes included, without those of its schedules.
func weightsDigest(file string) (string, error) {
	f, err := store.ReadFile(file)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, t := range f.Tensors {
		if strings.HasPrefix(t.Name, store.ScheduleTensors) {
			continue
		}
		fmt.Fprintf(h, "%s %s %v\n", t.Name, t.DType, t.Shape)
		h.Write(t.Data)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func (c *infoCmd) checkpoint(a *app, k *store.Checkpoint) error {
	info, err := os.Stat(c.File)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(map[string]any{"checkpoint": c.File, "state": k.State, "config": k.Config,
			"bytes": info.Size()})
	}
	if err := facts(a.stdout, [][2]string{{"checkpoint", c.File},
		{"written", info.ModTime().Format("2006-01-02 15:04:05")}, {"state", clip(string(k.State), 400)}}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "\n# configuration\n%s\n", strings.TrimRight(k.Config, "\n"))
	return err
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// Package info describes a model, a checkpoint or the program.
package info

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/wrap"
)

// Config names a file.
type Config struct {
	File string `where:"local" arg:"" optional:"" help:"A model, a forecaster or a checkpoint; without one, this program"`
}

// Report is what is known: one of the four.
type Report struct {
	Program    *Program
	Model      *Model
	Forecaster *Forecaster
	Checkpoint *Checkpoint
	Family     *Family
}

// Run describes a model, a forecaster, a checkpoint, or without a file the program.
func Run(_ context.Context, c Config, env task.Env) (r Report, err error) {
	if c.File == "" {
		r.Program = describeProgram(env.Version)
		return r, nil
	}
	m, err := sampled(c.File)
	if errors.Is(err, store.ErrTables) {
		family, _, err := store.LoadTables(c.File)
		if err == nil {
			r.Family, err = describeTables(c.File, family)
		}
		return r, err
	}
	if err == nil {
		r.Model, err = describe(c.File, m)
		return r, err
	}
	if h, state, errForecaster := forecast.Read(c.File); errForecaster == nil {
		r.Forecaster, err = describeForecaster(c.File, h, state)
		return r, err
	}
	k, errCheckpoint := store.LoadCheckpoint(c.File)
	if errCheckpoint != nil {
		return r, err
	}
	file, err := os.Stat(c.File)
	if err != nil {
		return r, err
	}
	r.Checkpoint = &Checkpoint{File: c.File, State: k.State, Config: k.Config, Bytes: file.Size(),
		Written: file.ModTime()}
	return r, nil
}

// Checkpoint is how far a training is.
type Checkpoint struct {
	Bytes   int64           `json:"bytes"`
	File    string          `json:"checkpoint"`
	Config  string          `json:"config"`
	State   json.RawMessage `json:"state"`
	Written time.Time       `json:"-"`
}

// Program is what this program is.
type Program struct {
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

// describeProgram gathers what is known of the program.
func describeProgram(version string) *Program {
	p := &Program{
		Version: version, Go: runtime.Version(), Arch: runtime.GOOS + "/" + runtime.GOARCH,
		SIMD: simd.Level(), CPUs: runtime.NumCPU(), Workers: runtime.GOMAXPROCS(0), Format: store.FormatVersion,
		Paths: path.Kinds(), Grids: solve.GridNames(), Data: data.Names(), Solvers: solve.Kinds(),
	}
	return p
}

// Model is what a model file holds.
type Model struct {
	Path       string           `json:"path"`
	PathConfig json.RawMessage  `json:"path_config"`
	Predicts   string           `json:"predicts"`
	Network    *Network         `json:"network,omitempty"`
	Spectrum   []float64        `json:"spectrum_of_a,omitempty"`
	Prior      string           `json:"prior" says:"settings"`
	Space      *ito.Space       `json:"space,omitempty"`
	Transform  string           `json:"transform"`
	Vocabulary *ito.Vocabulary  `json:"vocabulary,omitempty"`
	Table      *frame.Schema    `json:"table,omitempty"`
	Nodes      *ito.NodeLaw     `json:"nodes,omitempty"`
	Columns    []string         `json:"columns"`
	Constant   []string         `json:"constant_columns,omitempty"`
	Conditions []ito.Condition  `json:"conditions,omitempty"`
	Provenance ito.Provenance   `json:"provenance"`
	Private    bool             `json:"differentially_private,omitempty"`
	Schedules  []StoredSchedule `json:"schedules,omitempty"`

	Of *ito.Model `json:"-"` // the model itself
}

// StoredSchedule is a stored schedule.
type StoredSchedule struct {
	Calls    int       `json:"calls"`
	Guidance float64   `json:"guidance"`
	Solver   string    `json:"solver"`
	Times    []float64 `json:"times"`
	ito.Found
}

// Network is the network of a model.
type Network struct {
	Kind       string     `json:"kind"`
	Config     nn.Network `json:"config"`
	Ports      nn.Ports   `json:"ports"`
	Parameters int        `json:"parameters"`
	Digest     string     `json:"digest"`
	Precision  string     `json:"precision,omitempty"` // of its products, where it is not float32
	// Quantised says what the grids of a network of bytes were found by; "": it is none.
	Quantised string `json:"quantised,omitempty"`
}

// describe gathers what is known of a model.
func describe(file string, m *ito.Model) (*Model, error) {
	kind, config, err := path.Marshal(m.Path)
	if err != nil {
		return nil, err
	}
	d := task.Width(m)
	i := &Model{
		Path: kind, PathConfig: config, Predicts: m.Field.Kind().String(), Transform: m.Transform.Kind,
		Columns: task.Columns(m, d), Conditions: m.Conditions, Provenance: m.Provenance, Prior: "of the path",
		Private: strings.Contains("\n"+m.Provenance.Config, "\nepsilon = "),
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
		case wrap.Between:
			var learned []string
			for _, t := range w.Targets() {
				learned = append(learned, t.String())
			}
			i.Predicts = strings.Join(learned, " and ")
			if m.Prior == nil {
				i.Prior = "rows of another set, given to ito sample by `from`"
			}
		case wrap.Energy:
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
		i.Schedules = append(i.Schedules, StoredSchedule{s.Calls, s.Guidance, s.Solver.Info().Name, s.Times, s.Found})
	}
	if p, ok := m.Path.(interface{ Spectrum() []float64 }); ok { // what was learned of the path
		i.Spectrum = p.Spectrum()
	}
	if isNet {
		w := f.Weights
		i.Network = &Network{Kind: w.Net.Kind(), Config: w.Net, Ports: w.Ports, Parameters: len(w.Params)}
		if w.Precision != ad.Full {
			i.Network.Precision = w.Precision.String()
		}
		if q := w.Quantised; q != nil {
			i.Network.Quantised = fmt.Sprintf("weights of %d tensors are bytes, inputs of %d layers by %s",
				len(q.Scales), len(q.Grids), q.Calibration)
		}
		if i.Network.Digest, err = WeightsDigest(file); err != nil {
			return nil, err
		}
	}
	i.Of = m
	return i, nil
}

// WeightsDigest is the sha256 of the tensors of a file, names and shapes included, without those of its schedules.
func WeightsDigest(file string) (string, error) {
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

// sampled is a model, also one that was distilled.
func sampled(file string) (*ito.Model, error) {
	m, _, err := store.LoadSampled(file)
	return m, err
}

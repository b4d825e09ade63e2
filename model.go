package ito

// Model is what a file holds: a field bound to the path that it was trained on, the prior from which
// sampling starts, and the transform between the user's columns and the states.
type Model struct {
	Path  Path
	Field Field
	Space Space     // what a state is; the zero value: a row of numbers
	Prior *Gaussian // nil: the path's own prior
	// Vocabulary is what the tokens of Space are; nil: a state has none, or they have no names.
	Vocabulary *Vocabulary
	Nodes      *NodeLaw // how many nodes a sample has, of a Space with a mask; nil: nothing is said
	Transform  Transform
	Encoding   Encoding // of a table with typed columns, instead of Transform; nil: rows are numbers
	Columns    []string // names of the user's columns, in order
	Conditions []Condition
	Provenance Provenance
	Schedules  []SampleSchedule // how to sample it with few network calls, by their number; nil: nothing was tuned
}

// SampleSchedule is a way to sample a model with a fixed number of network calls, which was searched for this
// model and is
// stored with it.
type SampleSchedule struct {
	Calls int // network calls a sample
	// weight of the condition that it was searched with and that the calls are counted for; 1: as learnt
	Guidance float64
	Solver   Solver // with everything that it needs to know
	Times    Grid
	Found    Found
}

// Found says where a schedule comes from and how good it is: errors are √mean ‖x − x_ref‖² to the end of the
// model's own probability flow, on starting states that the search has not seen.
type Found struct {
	Method string `json:"method"` // of the search: usf, gits or v3
	// the solver and its grid in words; of a fixed solver where the search found nothing better
	Name      string  `json:"name"`
	Searched  bool    `json:"searched"`   // false: it is a fixed solver
	RMSE      float64 `json:"rmse"`       // of the schedule
	Fixed     string  `json:"fixed"`      // the best fixed solver, as published, on the best named grid
	FixedRMSE float64 `json:"fixed_rmse"` // of that
	Config    string  `json:"config"`     // of the search, as TOML
}

// Schedule returns the schedule for exactly so many network calls and this weight of the condition, nil if there is
// none.
func (m *Model) Schedule(calls int, guidance float64) *SampleSchedule {
	for i, s := range m.Schedules {
		if s.Calls == calls && s.Guidance == guidance {
			return &m.Schedules[i]
		}
	}
	return nil
}

// Condition is one conditioning column. A categorical condition is one-hot over its Levels; a numeric
// one is standardised by Mean and SD. An absent condition is all zeros.
type Condition struct {
	Column string   `json:"column"`
	Levels []string `json:"levels,omitempty"`
	Mean   float64  `json:"mean,omitempty"`
	SD     float64  `json:"sd,omitempty"`
	// Shares of the levels in the data; empty where they are not known
	Shares []float64 `json:"shares,omitempty"`
	// Optional: it was learnt absent as well as given, whatever the others were, and need not be named
	Optional bool `json:"optional,omitempty"`
}

// Width is the number of columns of Cond that the condition takes: one for each level, or a value and
// a flag that says that it is present.
func (c Condition) Width() int {
	if len(c.Levels) > 0 {
		return len(c.Levels)
	}
	return 2
}

// CondWidth is the width of the model's Cond: the conditions, and behind them the mask, where the space has one.
func (m *Model) CondWidth() int {
	w := 0
	for _, c := range m.Conditions {
		w += c.Width()
	}
	if k := m.Space.Mask; k != nil {
		w += k.N
	}
	if m.Encoding != nil {
		w += m.Encoding.CondWidth()
	}
	return w
}

// Encoding leads from states to the rows of a table with typed columns, whose cells are numbers: amounts, places of
// levels, seconds since 1970, NaN where a cell is missing. Its kind says how the cells are written. It is immutable
// and safe for concurrent use.
type Encoding interface {
	Kind() string
	Columns() []string // names, in order: a row has as many cells
	Dim() int          // of a state
	CondWidth() int    // of a condition made of cells that are given
	// Decode writes the row of a state, whatever the state is.
	Decode(row, state []float64) error
}

// Provenance says where a model came from.
type Provenance struct {
	Version string `json:"version"`          // of ito
	Arch    string `json:"arch"`             // GOOS/GOARCH
	SIMD    string `json:"simd"`             // level of the vector code
	Created string `json:"created"`          // RFC 3339
	Data    string `json:"data,omitempty"`   // name of the data set
	Digest  string `json:"digest,omitempty"` // sha256 of the training rows
	Seed    uint64 `json:"seed"`
	Config  string `json:"config,omitempty"` // the training configuration as TOML
	// HeldOut says where training ended by the loss on held-out rows; nil: none were.
	HeldOut *HeldOut `json:"held_out,omitempty"`
	// Distilled says that the model is a student, whose field samples by its own schedules alone; nil: it is none.
	Distilled *Distilled `json:"distilled,omitempty"`
}

// Distilled says how a model was made one of few steps.
type Distilled struct {
	Method string `json:"method"`
	Steps  int    `json:"steps"`            // network calls of a sample, at most
	Config string `json:"config,omitempty"` // as TOML, with what it was made of
}

// HeldOut is what rows that were not trained on decided.
type HeldOut struct {
	Rows  int     `json:"rows"`
	Step  int     `json:"step"`  // whose network the model has: their loss was least there
	Steps int     `json:"steps"` // that were done
	Loss  float64 `json:"loss"`
}

package ito

// Gaussian is a normal distribution by its moments: a prior, or what is known of a data set.
type Gaussian struct {
	Mean []float64 `json:"mean"` // [D]
	Cov  []float64 `json:"cov"`  // [D,D] row-major
}

// Model is what a file holds: a field bound to the path that it was trained on, the prior from which
// sampling starts, and the transform between the user's columns and the states.
type Model struct {
	Path       Path
	Field      Field
	Prior      *Gaussian // nil: the path's own prior
	Transform  Transform
	Columns    []string // names of the user's columns, in order
	Conditions []Condition
	Provenance Provenance
}

// Condition is one conditioning column. A categorical condition is one-hot over its Levels; a numeric
// one is standardised by Mean and SD. An absent condition is all zeros.
type Condition struct {
	Column string   `json:"column"`
	Levels []string `json:"levels,omitempty"`
	Mean   float64  `json:"mean,omitempty"`
	SD     float64  `json:"sd,omitempty"`
}

// Width is the number of columns of Cond that the condition takes: one for each level, or a value and
// a flag that says that it is present.
func (c Condition) Width() int {
	if len(c.Levels) > 0 {
		return len(c.Levels)
	}
	return 2
}

// CondWidth is the width of the model's Cond.
func (m *Model) CondWidth() int {
	w := 0
	for _, c := range m.Conditions {
		w += c.Width()
	}
	return w
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
}

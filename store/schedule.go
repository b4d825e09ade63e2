package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

// scheduleHeader is a schedule in a model's header. Arrays of its solver are tensors beside the network's: the
// statistics of DPM-Solver-v3 are schedule.0.l, schedule.0.s and schedule.0.b of the first schedule.
type scheduleHeader struct {
	Calls    int             `json:"calls"`
	Guidance float64         `json:"guidance"`
	Solver   string          `json:"solver"`
	Package  string          `json:"package,omitempty"` // that registered the solver, of another module
	Settings json.RawMessage `json:"settings"`
	Times    ito.Grid        `json:"times"`
	Found    ito.Found       `json:"found"`
}

// scheduled are the solvers that have had words in files from the beginning, each of all orders and forms; its exported
// fields are its settings. Others are known by the kind by which they are registered.
var scheduled = []struct {
	word   string
	solver ito.Solver
}{
	{"usf", tune.USF{}}, {"dpm-v3", tune.DPMv3{}}, {"heun", solve.Heun{}}, {"euler", solve.Euler{}},
	{"ddim", solve.DDIM{}},
	{"dpm", solve.DPM{}}, {"dpm-fast", solve.DPMFast{}}, {"dpmpp", solve.DPMpp{}}, {"unipc", solve.UniPC{}},
	{"deis", solve.DEIS{}}, {"ipndm", solve.IPNDM{}}, {"edm", solve.EDM{}},
	{"consistency", solve.Consistency{}},
}

func writeSchedule(i int, s ito.SampleSchedule) (h scheduleHeader, tensors []Tensor, err error) {
	h = scheduleHeader{Calls: s.Calls, Guidance: s.Guidance, Times: s.Times, Found: s.Found}
	for _, k := range scheduled {
		if reflect.TypeOf(k.solver) == reflect.TypeOf(s.Solver) {
			h.Solver = k.word
		}
	}
	stored, forms := s.Solver.(solve.Stored)
	settings := any(s.Solver)
	if h.Solver == "" {
		named, err := registered(s.Solver, forms)
		if err != nil {
			return h, nil, err
		}
		h.Solver, h.Package, settings = named.Kind, named.Package, named.Config
	}
	if forms {
		var arrays []solve.Array
		if settings, arrays, err = stored.Form(); err != nil {
			return h, nil, err
		}
		for _, a := range arrays {
			tensors = append(tensors, NewF64(tensorOf(i, a.Name), a.X, a.Rows, a.Columns))
		}
	}
	h.Settings, err = json.Marshal(settings)
	return h, tensors, err
}

// registered is a solver by the kind by which it is registered, with its settings unless it has a form of its own.
func registered(s ito.Solver, forms bool) (n spec.Named, err error) {
	empty, err := solve.Empty(s)
	if err == nil && reflect.TypeOf(empty) != reflect.TypeOf(s) {
		err = fmt.Errorf("its name is that of a %T", empty)
	}
	if err == nil && forms {
		n, err = solve.Named(empty)
	} else if err == nil {
		n, err = solve.Named(s)
	}
	if err != nil {
		return n, &ito.UnsupportedError{What: fmt.Sprintf("writing a schedule of solver %s", s.Info().Name),
			Why: fmt.Sprintf("a file has no word for it: %v", err), Nearest: "one that solve.Register was given"}
	}
	return n, nil
}

// ScheduleTensors is how the names of tensors begin that belong to schedules and not to the network.
const ScheduleTensors = "schedule."

func tensorOf(i int, name string) string { return fmt.Sprintf("%s%d.%s", ScheduleTensors, i, name) }

// read makes schedule i of a file, and returns how many tensors it took.
func (h scheduleHeader) read(i int, f *File) (s ito.SampleSchedule, tensors int, err error) {
	s = ito.SampleSchedule{Calls: h.Calls, Guidance: h.Guidance, Times: h.Times, Found: h.Found}
	var empty ito.Solver
	for _, k := range scheduled {
		if k.word == h.Solver && h.Package == "" {
			empty = k.solver
		}
	}
	named := spec.Named{Kind: h.Solver, Package: h.Package, Config: h.Settings}
	old := empty != nil
	if !old {
		none := named
		none.Config = json.RawMessage("{}")
		if empty, err = solve.FromNamed(none); err != nil {
			return s, 0, notModel("schedule %d: %v", i, err)
		}
	}
	switch stored, forms := empty.(solve.Stored); {
	case forms:
		var arrays []solve.Array
		if arrays, err = readArrays(f, tensorOf(i, "")); err == nil {
			tensors = len(arrays)
			s.Solver, err = stored.FromForm(func(settings any) error { return exactly(h.Settings, settings) }, arrays)
		}
	case old:
		p := reflect.New(reflect.TypeOf(empty))
		err = exactly(h.Settings, p.Interface())
		s.Solver = p.Elem().Interface().(ito.Solver)
	default:
		s.Solver, err = solve.FromNamed(named)
	}
	if err != nil {
		return s, 0, notModel("schedule %d: %v", i, err)
	}
	return s, tensors, nil
}

// readArrays reads the matrices whose names begin so, in the order of the file.
func readArrays(f *File, prefix string) (arrays []solve.Array, err error) {
	for _, t := range f.Tensors {
		name, ok := strings.CutPrefix(t.Name, prefix)
		if !ok {
			continue
		}
		if t.DType != F64 || len(t.Shape) != 2 {
			return nil, fmt.Errorf("tensor %s is %s%v, and no matrix of F64", t.Name, t.DType, t.Shape)
		}
		a := solve.Array{Name: name, Rows: t.Shape[0], Columns: t.Shape[1]}
		if a.X, err = t.Float64s(); err != nil {
			return nil, err
		}
		arrays = append(arrays, a)
	}
	return arrays, nil
}

// exactly reads one JSON value without fields that v does not have.
func exactly(text json.RawMessage, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("something follows it")
	}
	return nil
}

// checkSchedules reports schedules that a model of dimension d cannot be sampled by, or two for the same calls.
func checkSchedules(m *ito.Model, d int) error {
	for i, s := range m.Schedules {
		if err := checkSchedule(i, s, m, d); err != nil {
			return err
		}
		for _, other := range m.Schedules[:i] {
			if other.Calls == s.Calls && other.Guidance == s.Guidance {
				return notModel("two schedules for %d calls", s.Calls)
			}
		}
	}
	return nil
}

// checkSchedule is checkSchedules for number i.
func checkSchedule(i int, s ito.SampleSchedule, m *ito.Model, d int) error {
	n, info := len(s.Times), s.Solver.Info()
	switch {
	case s.Calls < 1 || math.IsNaN(s.Guidance) || math.IsInf(s.Guidance, 0):
		return notModel("schedule %d is for %d calls and a guidance of %g", i, s.Calls, s.Guidance)
	case n < 2 || n > 2+s.Calls:
		return notModel("schedule %d has %d times for %d calls", i, n, s.Calls)
	case info.Stochastic && s.Solver != ito.Solver(solve.Consistency{}) || info.Adaptive:
		return notModel("schedule %d is of solver %s, which has no fixed calls", i, info.Name)
	}
	lo, hi := m.Path.Span()
	for k, t := range s.Times {
		if !(t >= lo && t <= hi) || k > 0 && !(t < s.Times[k-1]) {
			return notModel("time %d of schedule %d is %g on a path from %g to %g", k, i, t, hi, lo)
		}
	}
	if v, ok := s.Solver.(solve.Sized); ok && v.Dim() != d {
		return notModel("schedule %d is of states of %d coordinates, the network reads %d", i, v.Dim(), d)
	}
	if _, err := s.Solver.Plan(m.Path, s.Times, m.Field.Kind()); err != nil {
		return notModel("schedule %d: %v", i, err)
	}
	return nil
}

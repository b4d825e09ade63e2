package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

// scheduleHeader is a schedule in a model's header. The statistics of DPM-Solver-v3 are tensors beside the network's:
// schedule.0.l, schedule.0.s and schedule.0.b of the first schedule.
type scheduleHeader struct {
	Calls    int             `json:"calls"`
	Guidance float64         `json:"guidance"`
	Solver   string          `json:"solver"`
	Settings json.RawMessage `json:"settings"`
	Times    ito.Grid        `json:"times"`
	Found    ito.Found       `json:"found"`
}

// scheduled are the solvers that a file can hold, by the word for each; its exported fields are its settings.
var scheduled = []struct {
	word   string
	solver ito.Solver
}{
	{"usf", tune.USF{}}, {kindV3, tune.DPMv3{}}, {"heun", solve.Heun{}}, {"euler", solve.Euler{}},
	{"ddim", solve.DDIM{}},
	{"dpm", solve.DPM{}}, {"dpm-fast", solve.DPMFast{}}, {"dpmpp", solve.DPMpp{}}, {"unipc", solve.UniPC{}},
	{"deis", solve.DEIS{}}, {"ipndm", solve.IPNDM{}}, {"edm", solve.EDM{}},
	{"consistency", solve.Consistency{}},
}

const kindV3 = "dpm-v3"

// v3Header are the settings of DPM-Solver-v3.
type v3Header struct {
	Solver   tune.DPMv3 `json:"solver"` // without its statistics
	D        int        `json:"d"`
	Rows     int        `json:"rows"` // of the statistics
	From, To float64
}

func writeSchedule(i int, s ito.SampleSchedule) (scheduleHeader, []Tensor, error) {
	h := scheduleHeader{Calls: s.Calls, Guidance: s.Guidance, Times: s.Times, Found: s.Found}
	for _, k := range scheduled {
		if reflect.TypeOf(k.solver) == reflect.TypeOf(s.Solver) {
			h.Solver = k.word
		}
	}
	if h.Solver == "" {
		return h, nil, &ito.UnsupportedError{What: fmt.Sprintf("writing a schedule of a %T", s.Solver),
			Why: "a file has no word for it", Nearest: "tune.USF"}
	}
	settings, tensors := any(s.Solver), []Tensor(nil)
	if v, ok := s.Solver.(tune.DPMv3); ok {
		if err := v.EMS.Check(); err != nil {
			return h, nil, err
		}
		e := v.EMS
		v.EMS = nil
		rows := len(e.L) / e.D
		settings = v3Header{v, e.D, rows, e.From, e.To}
		for _, t := range statistics(e) {
			tensors = append(tensors, NewF64(tensorOf(i, t.name), *t.values, rows, e.D))
		}
	}
	var err error
	h.Settings, err = json.Marshal(settings)
	return h, tensors, err
}

// ScheduleTensors is how the names of tensors begin that belong to schedules and not to the network.
const ScheduleTensors = "schedule."

func tensorOf(i int, name string) string { return fmt.Sprintf("%s%d.%s", ScheduleTensors, i, name) }

type statistic struct {
	name   string
	values *[]float64
}

func statistics(e *tune.EMS) []statistic { return []statistic{{"l", &e.L}, {"s", &e.S}, {"b", &e.B}} }

// read makes schedule i of a file, and says how many tensors it took.
func (h scheduleHeader) read(i int, f *File) (s ito.SampleSchedule, tensors int, err error) {
	s = ito.SampleSchedule{Calls: h.Calls, Guidance: h.Guidance, Times: h.Times, Found: h.Found}
	if h.Solver == kindV3 {
		var v v3Header
		if err := exactly(h.Settings, &v); err != nil {
			return s, 0, notModel("schedule %d: %v", i, err)
		}
		e := &tune.EMS{D: v.D, From: v.From, To: v.To}
		for _, t := range statistics(e) {
			t64, err := readTensor(f, tensorOf(i, t.name), F64, []int{v.Rows, v.D})
			if err != nil {
				return s, 0, err
			}
			if *t.values, err = t64.Float64s(); err != nil {
				return s, 0, err
			}
		}
		v.Solver.EMS = e
		s.Solver = v.Solver
		return s, len(statistics(e)), nil
	}
	for _, k := range scheduled {
		if k.word != h.Solver {
			continue
		}
		p := reflect.New(reflect.TypeOf(k.solver))
		if err := exactly(h.Settings, p.Interface()); err != nil {
			return s, 0, notModel("schedule %d: %v", i, err)
		}
		s.Solver = p.Elem().Interface().(ito.Solver)
		return s, 0, nil
	}
	return s, 0, notModel("schedule %d is of solver %q", i, h.Solver)
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
	if v, ok := s.Solver.(tune.DPMv3); ok && v.EMS.D != d {
		return notModel("schedule %d has statistics of %d coordinates, the network reads %d", i, v.EMS.D, d)
	}
	if _, err := s.Solver.Plan(m.Path, s.Times, m.Field.Kind()); err != nil {
		return notModel("schedule %d: %v", i, err)
	}
	return nil
}

package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

// scheduledModel is a model with a schedule of every kind that a file has a word for.
func scheduledModel() *ito.Model {
	m := sampleModel(path.VP{}, ito.PredEps, nn.MLP{Width: 4}, nn.Flat(2, 2, 0))
	ems := &tune.EMS{D: 2, From: -6, To: 5, L: []float64{.1, .2, .3, .4, .5, .6}, S: []float64{0, -1, 0, -1, 1. / 3,
		0}, B: []float64{1, 2, 3, 4, 5, 6}}
	found := ito.Found{Method: "usf", Name: "usf", Searched: true, RMSE: .1, Fixed: "heun uniform", FixedRMSE: .2,
		Config: "method = \"usf\"\n"}
	for i, s := range []ito.Solver{
		tune.USF{Steps: []tune.Decision{{Skip: true}, {Eps: true, Rule: tune.RuleAdams, Use: []int{0, 1}},
			{Use: []int{0, 1, 2}, Correct: tune.RuleTaylor}}},
		tune.DPMv3{EMS: ems, Order: 2, LowerFinal: -1}, solve.Heun{}, solve.Euler{}, solve.DDIM{}, solve.DPM{Order: 3},
		solve.DPMFast{NFE: 8},
		solve.DPMpp{Order: 3, Second: solve.SecondTaylor}, solve.UniPC{B: solve.UniB1, Eps: true},
		solve.DEIS{Clock: solve.ClockRho}, solve.IPNDM{Order: 3}, solve.EDM{Stage: solve.StageGeometric},
	} {
		m.Schedules = append(m.Schedules, ito.SampleSchedule{Calls: 4 + i, Guidance: 1, Solver: s, Times: ito.Grid{1,
			.5,
			1. / 3, .001}, Found: found})
	}
	return m
}

// Schedules come back as they were; a file without them has the version and the bytes that it always had.
func TestSchedulesRoundTrip(t *testing.T) {
	dir := t.TempDir()
	file, again := filepath.Join(dir, "m"), filepath.Join(dir, "again")
	m := scheduledModel()
	if err := SaveModel(file, m); err != nil {
		t.Fatal(err)
	}
	got, err := LoadModel(file)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Schedules, m.Schedules) {
		t.Errorf("%+v came back as %+v", m.Schedules, got.Schedules)
	}
	if s := got.Schedule(5, 1); s == nil || s.Solver.Info().Name != "dpm-v3-2" || got.Schedule(3, 1) != nil ||
		got.Schedule(5, 2) != nil {
		t.Errorf("schedule for 5 calls: %+v", s)
	}
	if err := SaveModel(again, got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(must(os.ReadFile(file)), must(os.ReadFile(again))) {
		t.Error("a model that is read and written has other bytes")
	}
	// What older programs wrote of the number of steps below which orders fall.
	for text, want := range map[string]solve.LowerFinal{`{"LowerFinal":0}`: 0, `{"LowerFinal":-1}`: -1,
		`{"LowerFinal":7}`: 7} {
		var d solve.DPMpp
		if err := json.Unmarshal([]byte(text), &d); err != nil || d.LowerFinal != want {
			t.Errorf("%s is %d, %v", text, d.LowerFinal, err)
		}
	}
	if v := must(ReadFile(file)).Metadata[keyVersion]; v != "3" {
		t.Errorf("version %s: a program that knows one family of networks would misread it", v)
	}
}

func TestScheduleRefusals(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m")
	for what, change := range map[string]func(s *ito.SampleSchedule){
		"stochastic":  func(s *ito.SampleSchedule) { s.Solver = solve.EM{} },
		"churn":       func(s *ito.SampleSchedule) { s.Solver = solve.EDMChurn() },
		"adaptive":    func(s *ito.SampleSchedule) { s.Solver = solve.Dopri5{} },
		"no calls":    func(s *ito.SampleSchedule) { s.Calls = 0 },
		"calls twice": func(s *ito.SampleSchedule) { s.Calls = 6 },
		"guidance":    func(s *ito.SampleSchedule) { s.Guidance = math.NaN() },
		"one time":    func(s *ito.SampleSchedule) { s.Times = s.Times[:1] },
		"two steps":   func(s *ito.SampleSchedule) { s.Times = ito.Grid{1, .5, .001} },
		"times":       func(s *ito.SampleSchedule) { s.Times = ito.Grid{1, .2, .3, .001} },
		"NaN":         func(s *ito.SampleSchedule) { s.Times = ito.Grid{1, math.NaN(), .3, .001} },
		"beyond":      func(s *ito.SampleSchedule) { s.Times = ito.Grid{1, .5, .3, 1e-4} },
		"decision": func(s *ito.SampleSchedule) {
			s.Solver = tune.USF{Steps: []tune.Decision{{Use: []int{1}}, {},
				{}}}
		},
		"no statistics": func(s *ito.SampleSchedule) { s.Solver = tune.DPMv3{} },
		"statistics": func(s *ito.SampleSchedule) {
			s.Solver = tune.DPMv3{EMS: tune.ConstantEMS(3, -6, 5, 1, 0,
				0)}
		},
	} {
		m := scheduledModel()
		change(&m.Schedules[0])
		if err := SaveModel(file, m); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, edit := range map[string][2]string{
		"word":          {`"solver":"usf"`, `"solver":"ufs"`},
		"settings":      {`"Steps":[`, `"Stages":[`},
		"type":          {`"use":[0,1]`, `"use":[0,"1"]`},
		"far back":      {`"use":[0,1]`, `"use":[0,9223372036854775807]`},
		"rule":          {`"rule":6`, `"rule":200`},
		"order":         {`"Order":3`, `"Order":-9223372036854775808`},
		"rows":          {`"rows":3`, `"rows":4611686018427387904`},
		"d":             {`"d":2`, `"d":0`},
		"a field":       {`"guidance":1`, `"guidance":1,"more":2`},
		"no settings":   {`"settings":{}`, `"settings":null,"more":{}`},
		"more settings": {`"settings":{}`, `"settings":{"a":1}`},
	} {
		f := must(modelFile(scheduledModel()))
		head := f.Metadata[keyModel]
		if !strings.Contains(head, edit[0]) {
			t.Fatalf("%s: no %s in %s", what, edit[0], head)
		}
		f.Metadata[keyModel] = strings.Replace(head, edit[0], edit[1], 1)
		if err := Save(file, f); err != nil {
			t.Fatal(err)
		}
		var e *FormatError
		if _, err := LoadModel(file); !errors.As(err, &e) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Command schedules stores schedules of the module's solvers with the model FILE, and says whether a search tries them.
package main

import (
	"fmt"
	"os"
	"reflect"

	"example.com/other/parts"
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/tune"
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func run(file string) error {
	m, err := store.LoadModel(file)
	if err != nil {
		return err
	}
	hi, lo := 1., .01
	for i, s := range []ito.Solver{parts.Blend{}, parts.Taught{Learnt: []float64{1, 2}}} {
		m.Schedules = append(m.Schedules, ito.SampleSchedule{Calls: 2 + i, Guidance: 1, Solver: s,
			Times: ito.Grid{hi, .3, lo}})
	}
	if err := store.SaveModel(file, m); err != nil {
		return err
	}
	again, err := store.LoadModel(file)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(again.Schedules, m.Schedules) {
		return fmt.Errorf("%+v came back as %+v", m.Schedules, again.Schedules)
	}
	m.Schedules[1].Solver = parts.Taught{Learnt: []float64{1, 2, 3}}
	if err := store.SaveModel(file+".wide", m); err == nil {
		return fmt.Errorf("a schedule of three numbers for a model of two is stored")
	}
	for _, f := range tune.FixedSolvers(m.Path, hi, lo, 4) {
		if f.Name == "blend" && f.Grid == "uniform" {
			d, err := tune.Decisions(f.Solver, 4)
			fmt.Println("a search tries", f.Name, "as", len(d), "decisions", err)
		}
	}
	return nil
}

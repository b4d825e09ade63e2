package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/internal/config"
)

// unused refuses settings that the command line gives and the method does not have: those that can be another value and the plan is the same.
func unused(m infer.Method, t ito.Target, s infer.Settings, given []string) error {
	plan, err := m.Plan(t, s)
	if err != nil {
		return err
	}
	plan.Method = infer.Method{} // it has a function, which equals nothing
	v := reflect.ValueOf(&s).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name := f.Tag.Get("name")
		if name == "" {
			name = config.FlagName(f.Name)
		}
		if name == "seed" || !slices.Contains(given, name) {
			continue
		}
		was := reflect.ValueOf(v.Field(i).Interface())
		alter(v.Field(i), f.Tag.Get("enum"))
		other, err := m.Plan(t, s)
		v.Field(i).Set(was)
		other.Method = infer.Method{}
		if err == nil && reflect.DeepEqual(plan, other) {
			return &ito.InputError{Where: "--" + name, What: fmt.Sprintf("the method %s has no such setting", m.Name), Do: "leave it out, or see ito infer --help"}
		}
	}
	return nil
}

// alter gives a field another value that is legal wherever its own is.
func alter(f reflect.Value, enum string) {
	switch f.Kind() {
	case reflect.Int:
		f.SetInt(max(f.Int(), 0) + 2)
	case reflect.Float64:
		if x := f.Float(); x > 0 {
			f.SetFloat(x / 2)
		} else {
			f.SetFloat(.5)
		}
	case reflect.String:
		for _, w := range strings.Split(enum, ",") {
			if w != f.String() {
				f.SetString(w)
				return
			}
		}
	}
}

package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/internal/spec"
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
			name = spec.FlagName(f.Name)
		}
		if name == "seed" || !slices.Contains(given, name) {
			continue
		}
		was := reflect.ValueOf(v.Field(i).Interface())
		matters := false
		for _, x := range others(v.Field(i), f.Tag.Get("enum")) {
			v.Field(i).Set(x)
			other, err := m.Plan(t, s)
			other.Method = infer.Method{}
			matters = matters || err != nil || !reflect.DeepEqual(plan, other)
		}
		v.Field(i).Set(was)
		if !matters {
			return &ito.InputError{Where: "--" + name, What: fmt.Sprintf("the method %s has no such setting", m.Name), Do: "leave it out, or see ito infer --help"}
		}
	}
	return nil
}

// others are values of a field, besides its own, that are legal wherever its own is. Of a word they are all others: one of them may
// mean the same, as auto does.
func others(f reflect.Value, enum string) []reflect.Value {
	switch f.Kind() {
	case reflect.Int:
		return []reflect.Value{reflect.ValueOf(max(f.Int(), 0) + 2).Convert(f.Type())}
	case reflect.Float64:
		x := f.Float() / 2
		if x <= 0 {
			x = .5
		}
		return []reflect.Value{reflect.ValueOf(x)}
	case reflect.String:
		var words []reflect.Value
		for w := range strings.SplitSeq(enum, ",") {
			if w != f.String() {
				words = append(words, reflect.ValueOf(w))
			}
		}
		return words
	}
	return nil
}

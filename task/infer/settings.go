package infer

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// SettingNames lists the settings of the sampler: the fields, and the names that people give them.
func SettingNames() (fields, names []string) {
	t := reflect.TypeFor[infer.Settings]()
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("kong") == "-" {
			continue
		}
		name := f.Tag.Get("name")
		if name == "" {
			name = spec.FlagName(f.Name)
		}
		fields, names = append(fields, f.Name), append(names, name)
	}
	return fields, names
}

// Unused refuses settings that somebody asked for and the method never has.
func Unused(m infer.Method, given []string) error {
	fields, names := SettingNames()
	for i, name := range names {
		if with := infer.MethodsWith(fields[i]); slices.Contains(given, name) && !slices.Contains(with, m.Name) {
			return &ito.InputError{Where: "`" + name + "`", What: fmt.Sprintf("the method %s has no such setting",
				m.Name), Do: "leave it out, or take a method that has it: " + strings.Join(with, ", ")}
		}
	}
	return nil
}

// idle refuses settings that the method has, and that change nothing beside the others or on this target.
func idle(m infer.Method, t ito.Target, s infer.Settings, given []string) error {
	fields, names := SettingNames()
	for i, name := range names {
		if has, when := m.Has(fields[i], t, s); slices.Contains(given, name) && !has {
			return &ito.InputError{Where: "`" + name + "`", What: fmt.Sprintf("it changes nothing here: the method "+
				"%s has it only %s", m.Name, when), Do: "leave it out"}
		}
	}
	return nil
}

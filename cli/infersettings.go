package cli

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// settingFlags lists the flags of the sampler by the fields that they set.
func settingFlags() (fields, flags []string) {
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
		fields, flags = append(fields, f.Name), append(flags, name)
	}
	return fields, flags
}

// unused refuses settings that the command line gives and the method never has.
func unused(m infer.Method, given []string) error {
	fields, flags := settingFlags()
	for i, flag := range flags {
		if with := infer.MethodsWith(fields[i]); slices.Contains(given, flag) && !slices.Contains(with, m.Name) {
			return &ito.InputError{Where: "--" + flag, What: fmt.Sprintf("the method %s has no such setting", m.Name), Do: "leave it out, or take a method that has it: " + strings.Join(with, ", ")}
		}
	}
	return nil
}

// idle refuses settings that the method has, and that change nothing beside the others or on this target.
func idle(m infer.Method, t ito.Target, s infer.Settings, given []string) error {
	fields, flags := settingFlags()
	for i, flag := range flags {
		if has, when := m.Has(fields[i], t, s); slices.Contains(given, flag) && !has {
			return &ito.InputError{Where: "--" + flag, What: fmt.Sprintf("it changes nothing here: the method %s has it only %s", m.Name, when), Do: "leave it out"}
		}
	}
	return nil
}

// settingsText names the flags that a method has, for the manual.
func settingsText(m infer.Method) string {
	fields, flags := settingFlags()
	var own []string
	for _, f := range m.Settings() {
		if flag := flags[slices.Index(fields, f)]; !slices.Contains([]string{"seed", "draws", "chains"}, flag) { // all have these
			own = append(own, "--"+flag)
		}
	}
	return strings.Join(own, ", ")
}

package task

import (
	"os"
	"reflect"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// Apart refuses an output that is one of the files that a configuration reads: it would be replaced by what is made of
// it. A file counts under any name, also behind a link. Out itself is the field of that name.
func Apart(out string, config any) error {
	at, err := os.Stat(out)
	if err != nil || !at.Mode().IsRegular() {
		return nil
	}
	return apart(out, at, reflect.ValueOf(config))
}

func apart(out string, at os.FileInfo, v reflect.Value) error {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	for i := range v.NumField() {
		f, field := v.Field(i), v.Type().Field(i)
		if !field.IsExported() || field.Name == "Out" || field.Name == "Trajectory" || field.Name == "Plot" {
			continue
		}
		var names []string
		switch {
		case f.Kind() == reflect.Struct:
			if err := apart(out, at, f); err != nil {
				return err
			}
		case f.Kind() == reflect.String:
			names = []string{f.String()}
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.String:
			for k := range f.Len() {
				names = append(names, f.Index(k).String())
			}
		}
		for _, name := range names {
			if name == "" {
				continue
			}
			if in, err := os.Stat(name); err == nil && os.SameFile(in, at) {
				setting := field.Tag.Get("name")
				if setting == "" {
					setting = spec.FlagName(field.Name)
				}
				setting = "`" + setting + "`"
				if _, argument := field.Tag.Lookup("arg"); argument {
					setting = strings.ToUpper(strings.Trim(setting, "`"))
				}
				return &ito.InputError{Where: "`out` " + out, What: "it is what is read as " + setting + ", " + name +
					", and would be replaced", Do: "name another file"}
			}
		}
	}
	return nil
}

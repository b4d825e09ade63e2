package task

import "reflect"

// Words rewrites what a report says to people: every string of a field that has the tag says:"settings" becomes
// write of it. A library names settings in backquotes, `steps` or `solver=heun`, and write puts them as the users of a
// caller give them: as flags, as fields of a request. Report is a pointer, or holds one to what is to be
// rewritten; what
// is not written as JSON is left alone.
func Words(report any, write func(string) string) { rewrite(reflect.ValueOf(report), false, write) }

func rewrite(v reflect.Value, says bool, write func(string) string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			rewrite(v.Elem(), says, write)
		}
	case reflect.Slice, reflect.Array:
		if k := v.Type().Elem().Kind(); k != reflect.Struct && k != reflect.Pointer && k != reflect.Interface && !says {
			return
		}
		for i := range v.Len() {
			rewrite(v.Index(i), says, write)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
				rewrite(v.Field(i), f.Tag.Get("says") == "settings", write)
			}
		}
	case reflect.String:
		if says && v.CanSet() {
			v.SetString(write(v.String()))
		}
	}
}

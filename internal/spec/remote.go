package spec

import "slices"

// EncodeRemote is [Encode] without the fields that are local: what may travel, for [DecodeRemote] on the other side.
func EncodeRemote(c any) ([]byte, error) {
	return encode(fields(structOf(c), "", true), func(f *field) bool {
		return f.local() || f.tag.Get("config") == "-"
	})
}

// LocalText lists the local fields that are not at their default, with their text, but for those of except.
func LocalText(c any, except []string) map[string]string {
	out, defs := map[string]string{}, defaultsOf(c)
	for i, f := range fields(structOf(c), "", false) {
		if f.local() && !slices.Contains(except, f.name) && text(&f) != text(&defs[i]) {
			out[f.name] = f.bare()
		}
	}
	return out
}

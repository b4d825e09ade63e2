package spec

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// EncodeRemote is [Encode] without the fields that are local: what may travel, for [DecodeRemote] on the other side.
func EncodeRemote(c any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for _, f := range fields(structOf(c), "", true) {
		if f.local() || f.tag.Get("config") == "-" {
			continue
		}
		v, err := f.effective().json()
		if err != nil {
			return nil, &ito.InputError{Where: f.name, What: err.Error()}
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		key, _ := json.Marshal(f.key)
		b.Write(key)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
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

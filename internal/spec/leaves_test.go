package spec

import (
	"reflect"
	"testing"
)

// Tags taken apart are those that reflect finds.
func TestTags(t *testing.T) {
	for _, tag := range []reflect.StructTag{``, `a:"1"`, `a:"1" b:"x y"  c:""`, `a:"q\"u\\o" a:"2"`, `a:"1"b:"2"`, `a`,
		`a: "1"`, `a:"1`, `json:"n,omitempty" help:"What: a thing, as x:\"y\"" min:"0"`, ` :"1" a:"2"`} {
		got := parseTags(tag)
		for _, key := range []string{"a", "b", "c", "json", "help", "min"} {
			want, there := tag.Lookup(key)
			if v, ok := got.Lookup(key); v != want || ok != there || got.Get(key) != want {
				t.Errorf("%s: %s is %q %t, want %q %t", tag, key, v, ok, want, there)
			}
		}
	}
}

// What a request costs of this package.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		c := New[asked]()
		if err := Check(&c); err != nil {
			b.Fatal(err)
		}
	}
}

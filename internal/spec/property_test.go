package spec

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

type asked struct {
	N      int      `default:"3" min:"1" max:"9" help:"How many."`
	Part   float64  `above:"0" below:"1" default:"0.5"`
	Mode   string   `enum:"fast,slow" default:"fast" help:"One of ${enum}."`
	Loud   bool     `json:"loud"`
	Seed   uint64   `default:"1"`
	Names  []string `help:"Some."`
	Levels []int
	Out    string `where:"local"`
}

// A property is what JSON Schema needs, and what is local is not there.
func TestProperties(t *testing.T) {
	p := Properties(asked{})
	if len(p) != 7 {
		t.Fatalf("%d properties", len(p))
	}
	if n := p[0]; n.Key != "n" || n.Type != "integer" || *n.Least != 1 || *n.Most != 9 || n.Above || n.Below ||
		string(n.Default) != "3" || n.Help != "How many." {
		t.Errorf("%+v", n)
	}
	if x := p[1]; x.Type != "number" || *x.Least != 0 || *x.Most != 1 || !x.Above || !x.Below {
		t.Errorf("%+v", x)
	}
	if m := p[2]; m.Type != "string" || len(m.Enum) != 2 || string(m.Default) != `"fast"` || m.Help !=
		"One of fast, slow." {
		t.Errorf("%+v", m)
	}
	if s := p[4]; p[3].Type != "boolean" || s.Type != "integer" || *s.Least != 0 {
		t.Errorf("%+v %+v", p[3], s)
	}
	if l := p[5]; l.Type != "array" || l.Items.Type != "string" || p[6].Items.Type != "integer" {
		t.Errorf("%+v", l)
	}
}

// A query sets what JSON does, and is refused in the same words.
func TestDecodeQuery(t *testing.T) {
	c := New[asked]()
	good := map[string][]string{"n": {"7"}, "part": {".25"}, "mode": {"slow"}, "loud": {"true"}, "seed": {"12"},
		"names": {"a,b", "c"}, "levels": {"1", "2"}}
	if err := DecodeQuery(good, &c); err != nil || c.N != 7 || c.Part != .25 || c.Mode != "slow" || !c.Loud || c.Seed !=
		12 || strings.Join(c.Names, " ") != "a b c" || len(c.Levels) != 2 || c.Levels[1] != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	for want, bad := range map[string]map[string][]string{
		"`n`: it is an integer, not text":                    {"n": {"many"}},
		"`n`: must not be above 9":                           {"n": {"10"}},
		"`n`: it is given 2 times":                           {"n": {"1", "2"}},
		"`moed`: there is no such setting; did you mean":     {"moed": {"slow"}},
		"`mode`: unknown mode \"slwo\"; did you mean":        {"mode": {"slwo"}},
		"`out`: out is not taken from a request":             {"out": {"/etc/passwd"}},
		"`seed`: it is an integer that is not negative, not": {"seed": {"-1"}},
		"`loud`: it is true or false, not text":              {"loud": {"si"}},
	} {
		c := New[asked]()
		if err := DecodeQuery(bad, &c); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v\nwant %s", bad, err, want)
		}
	}
}

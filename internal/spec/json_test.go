package spec

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

func TestEncode(t *testing.T) {
	n, err := things.Marshal(&lamp{Fixed: 7, Power: 1. / 3, Dim: 1, Near: .5, Reach: 1e21, Bulbs: 1, Colour: "red",
		Label: "a<b", Lit: true, Levels: []float64{1, 2.5}, Raw: json.RawMessage(`{"x":1}`)})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"power":0.3333333333333333,"dim":1,"near":0.5,"reach":1e+21,"bulbs":1,"serial":0,"colour":"red","label":"a\u003cb","shade":"none","lit":"on","is-warm":false,"wait":"0s",` +
		`"temp":"0C","levels":[1,2.5],"names":null,"ranks":null,"seeds":null,"grid":null,"raw":{"x":1},"file":""}`
	if n.Kind != "lamp" || n.Package != "" || string(n.Config) != want {
		t.Errorf("%+v\n%s", n, n.Config)
	}
}

func TestDecodeRefusals(t *testing.T) {
	for body, want := range map[string]string{
		``:                    `body:1:1: the text ends within the configuration; give one JSON object, as {"key": value}`,
		`[]`:                  `body:1:2: not an object; give one JSON object, as {"key": value}`,
		`{"dim":1`:            `body:1:9: the text ends within the configuration`,
		`{} {}`:               `body:1:5: something follows the configuration`,
		"{\n  \"dmi\": 1}":    `body:2:8: unknown key "dmi"; did you mean "dim"?`,
		`{"Dim":1}`:           `unknown key "Dim"; did you mean "dim"?`,
		`{"dim":1,"dim":1}`:   `body:1:15: the key "dim" twice; set it once`,
		`{"dim":"1"}`:         `dim is a number, not text; write, for example, "dim": 1`,
		`{"dim":2}`:           `dim must not be above 1, not 2.0; give a number from 0 to 1`,
		`{"power":"inf"}`:     `power is not finite`,
		`{"power":1e999}`:     `power is a number, not 1e999`,
		`{"bulbs":1.5}`:       `bulbs is an integer, not 1.5`,
		`{"bulbs":100}`:       `bulbs must not be above 99, not 100`,
		`{"serial":-1}`:       `serial is an integer that is not negative, not -1`,
		`{"colour":"rde"}`:    `colour unknown colour "rde"; did you mean "red"?`,
		`{"shade":2}`:         `shade is a string, not 2; write, for example, "shade": "paper"`,
		`{"shade":"iron"}`:    `"iron" is not one of none, paper, glass`,
		`{"is-warm":1}`:       `is-warm is true or false, not 1`,
		`{"wait":5}`:          `wait is a time such as "2s", not 5`,
		`{"levels":[1,null]}`: `levels is a number, not null at 1`,
		`{"levels":3}`:        `levels is a list, not 3`,
		`{"grid":[[1],2]}`:    `grid is a list, not 2`,
		`{"temp":"cold"}`:     `temp is a string`,
		`{"fixed":3}`:         `unknown key "fixed"`,
	} {
		l := parsed(t, "lamp").(*lamp)
		err := Decode("body", []byte(body), l)
		if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v\nwant\n%s", body, err, want)
		}
	}
}

// What a request may not set is refused by name, wherever it stands; everything else is as in a file.
func TestRemote(t *testing.T) {
	const refusal = "file is not taken from a request"
	for _, f := range []func() error{
		func() error { return DecodeRemote("body", []byte(`{"dim":0.5,"file":"/etc/passwd"}`), &lamp{}) },
		func() error { return DecodeRemote("body", []byte(`{"file":""}`), &lamp{}) },
		func() error { _, err := things.ParseRemote("lamp:file=/etc/passwd"); return err },
		func() error { _, err := things.ParseRemote(`holder:thing="lamp:file=x"`); return err },
		func() error {
			_, err := things.UnmarshalRemote(Named{Kind: "lamp", Config: []byte(`{"file":"x"}`)})
			return err
		},
		func() error { return DecodeRemote("body", []byte(`{"thing":"lamp:file=x"}`), &holder{}) },
		func() error {
			return DecodeRemote("body", []byte(`{"thing":{"kind":"lamp","config":{"file":"x"}}}`), &holder{})
		},
	} {
		if err := f(); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), refusal) {
			t.Errorf("%v", err)
		}
	}
	if err := DecodeRemote("body", []byte(`{"out":"x"}`), &holder{}); err == nil || !strings.Contains(err.Error(),
		"out is not taken from a request") {
		t.Error(err)
	}
	if err := DecodeRemote("body", []byte(`{"otu":"x"}`), &holder{}); err == nil || strings.Contains(err.Error(),
		"out") {
		t.Errorf("a request is offered what it cannot have: %v", err)
	}
	h := New[holder]()
	if err := DecodeRemote("body", []byte(`{"thing":{"kind":"lamp","config":{"dim":0.5}},"n":3}`), &h); err != nil ||
		h.Thing != "lamp:near=0.5,dim=0.5" && h.Thing != "lamp:dim=0.5" || h.N != 3 {
		t.Errorf("%+v, %v", h, err)
	}
	for _, word := range []string{"lamp:dim=0.5", "auto"} {
		if err := DecodeRemote("body", []byte(`{"thing":"`+word+`"}`), &h); err != nil || h.Thing != word {
			t.Errorf("%+v, %v", h, err)
		}
	}
	if _, err := things.ParseRemote("lamp:dim=0.5"); err != nil {
		t.Error(err)
	}
}

// A field of words is a word or a table in TOML, checked like a flag.
func TestWordsInTOML(t *testing.T) {
	for document, want := range map[string]string{
		"thing = \"lamp:dim=0.5\"":                                    "lamp:dim=0.5",
		"[thing]\nkind = \"lamp\"\ndim = 0.5\nlevels = [1, 2.5]":      "lamp:dim=0.5,levels=1,2.5",
		"thing = {kind = \"lamp\", shade = \"glass\", wait = \"1s\"}": "lamp:shade=glass,wait=1s",
		"thing = \"auto\"":                                            "auto",
		"thing = {kind = \"holder\", thing = \"lamp:dim=0.5\"}":       `holder:thing="lamp:dim=0.5"`,
	} {
		h := New[holder]()
		if err := Parse("c", document, &h); err != nil || h.Thing != want {
			t.Errorf("%s: %q, %v", document, h.Thing, err)
		}
	}
	for document, want := range map[string]string{
		"n = 1\nthing = \"lmap\"":              `c:2:1: unknown thing "lmap"; did you mean "lamp"?`,
		"[thing]\ndim = 1":                     `c:1:1: a table without the key kind; write kind = "lamp" or another thing`,
		"thing = {kind = \"lamp\", dmi=1}":     `thing lamp has no setting "dmi"; did you mean "dim"?`,
		"thing = {kind = \"lamp\", dim=\"1\"}": `dim is a number, not a string; write, for example, dim = 1.0`,
		"thing = {kind = \"lamp\", dim=2}":     `thing lamp takes no dim of 2.0; give dim=0…1`,
	} {
		h := New[holder]()
		if err := Parse("c", document, &h); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", document, err)
		}
	}
	h := holder{Thing: "lmap", N: 1}
	if err := Check(&h); err == nil || !strings.HasPrefix(err.Error(),
		"`thing`: unknown thing \"lmap\"; did you mean \"lamp\"? There are auto,") {
		t.Error(err)
	}
}

// A kind that is not there is named with its package.
func TestKindsOfOthers(t *testing.T) {
	for _, c := range []struct {
		n    Named
		want string
	}{
		{Named{Kind: "tcn", Package: "example.com/nets/tcn"},
			"thing tcn is not in this program; package example.com/nets/tcn registers it; run the program that is " +
				"built with that package"},
		{Named{Kind: "lamp", Package: "example.com/lamps"},
			"thing lamp is of package example.com/lamps, and in this program of " +
				"github.com/seed9a7962a8/ito/internal/spec"},
		{Named{Kind: "lmap"}, `unknown thing "lmap"; did you mean "lamp"?`},
	} {
		if v, err := things.Unmarshal(c.n); !errors.Is(err, ito.ErrInput) || v != nil || !strings.HasPrefix(err.Error(),
			c.want) {
			t.Errorf("%+v: %v", c.n, err)
		}
	}
	for pkg, want := range map[string]string{"main": "main", "example.com/x": "example.com/x", house + "/nn": "",
		house: "", house + "2": house + "2"} {
		if got := foreign(pkg); got != want {
			t.Errorf("%s: %q", pkg, got)
		}
	}
}

func TestDescribeAndUntagged(t *testing.T) {
	d := things.Describe()
	if len(d) != 4 || d[0].Kind != "lamp" || d[0].Doc != "A lamp." || d[0].Settings[0] != (Setting{Name: "power",
		Takes: "above 0", Default: "20", Help: "Watt."}) || !d[0].Settings[len(d[0].Settings)-1].Local ||
		d[2].Settings != nil {
		t.Errorf("%+v", d)
	}
	type loose struct {
		Out        string `config:"-"`
		Workers    int
		StageFile  string
		Grid       string `placeholder:"FILE or NAME"`
		Start      string `type:"existingfile"`
		WithOutput bool
		From       string `where:"local"`
		Model      string `where:"elsewhere"`
		Data       string `where:"remote"`
		Width      int
	}
	if got := strings.Join(Untagged(loose{}), " "); got != "out workers stage-file grid start model" {
		t.Error(got)
	}
	if got := strings.Join(LocalNames(loose{}), " "); got != "from" {
		t.Error(got)
	}
}

func FuzzDecode(f *testing.F) {
	n, _ := things.Marshal(&lamp{Fixed: 7, Power: 1, Near: .5, Reach: 1, Bulbs: 1, Colour: "red"})
	f.Add([]byte(n.Config))
	f.Add([]byte(`{"grid":[[1,2],[]],"raw":null,"reach":"inf"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		l := parsed(t, "lamp").(*lamp)
		if err := Decode("body", body, l); err != nil {
			if !errors.Is(err, ito.ErrInput) {
				t.Fatal(err)
			}
			return
		}
		b, err := Encode(l)
		if err != nil {
			t.Fatal(err)
		}
		again := parsed(t, "lamp").(*lamp)
		if err := Decode("again", b, again); err != nil || !same(l, again) {
			t.Fatalf("%s: %v", b, err)
		}
	})
}

package spec

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	def := parsed(t, "lamp").(*lamp)
	want := lamp{Power: 20, Dim: 1, Near: .25, Reach: math.Inf(1), Bulbs: 3, Colour: "white", Shade: 1,
		Wait: 2 * time.Second, Fixed: 7}
	if !reflect.DeepEqual(*def, want) {
		t.Errorf("the default is %+v, not %+v", *def, want)
	}
	for _, c := range []struct {
		word, canonical string
		set             func(*lamp)
	}{
		{"lamp:dim=0", "", func(l *lamp) { l.Dim = 0 }},
		{"lamp:dim=0.5,power=30", "lamp:power=30,dim=0.5", func(l *lamp) { l.Power, l.Dim = 30, .5 }},
		{"lamp:power=20", "lamp", func(*lamp) {}},
		{"lamp:reach=+inf", "lamp", func(*lamp) {}},
		{"lamp: power= 3e1 ,dim=1.0", "lamp:power=30", func(l *lamp) { l.Power = 30 }},
		{"lamp:shade=glass,lit=on,is-warm=yes", "lamp:shade=glass,lit=on,is-warm=true",
			func(l *lamp) { l.Shade, l.Lit, l.Warm = 2, true, true }},
		{"lamp:colour=deep-red,wait=1m,temp=-3C", "lamp:colour=deep-red,wait=1m0s,temp=-3C",
			func(l *lamp) { l.Colour, l.Wait, l.Temp = "deep-red", time.Minute, -3 }},
		{"lamp:levels=1,2,3,ranks=-1,seeds=18446744073709551615,5", "", func(l *lamp) {
			l.Levels, l.Ranks, l.Seeds = []float64{1, 2, 3}, []int{-1}, []uint64{math.MaxUint64, 5}
		}},
		{"lamp:grid=[1,2],[],[3]", "", func(l *lamp) { l.Grid = [][]float64{{1, 2}, {}, {3}} }},
		{`lamp:names="",a,"b,c=d","\"]"`, "", func(l *lamp) { l.Names = []string{"", "a", "b,c=d", `"]`} }},
		{"lamp:label=Ünter/x_1", "", func(l *lamp) { l.Label = "Ünter/x_1" }},
		{`lamp:label="a:b\n\xff"`, "", func(l *lamp) { l.Label = "a:b\n\xff" }},
		{`lamp:raw="{\"a\":[1,2]}"`, "", func(l *lamp) { l.Raw = json.RawMessage(`{"a":[1,2]}`) }},
		{"lamp:power=5e-324,bulbs=99", "", func(l *lamp) { l.Power, l.Bulbs = 5e-324, 99 }},
		{"lamp:levels=", "lamp", func(l *lamp) { l.Levels = []float64{} }},
		{"lamp:file=/etc/x", "", func(l *lamp) { l.File = "/etc/x" }},
	} {
		got, w := parsed(t, c.word).(*lamp), want
		c.set(&w)
		if !reflect.DeepEqual(*got, w) {
			t.Errorf("%s is %+v, not %+v", c.word, *got, w)
		}
		if c.canonical == "" {
			c.canonical = c.word
		}
		if word, err := things.Word(got); err != nil || word != c.canonical {
			t.Errorf("%s has the word %s, not %s (%v)", c.word, word, c.canonical, err)
		}
	}
	if v := parsed(t, "candle:height=0").(candle); v.Height != 0 {
		t.Errorf("%+v", v)
	}
	if def.Power = 1; parsed(t, "lamp").(*lamp).Power != 20 {
		t.Error("two lamps share a configuration")
	}
}

func TestWordRefusals(t *testing.T) {
	all := "It has " + strings.ReplaceAll("power=above 0, dim=0…1, near=above 0 below 1, reach=above 0, bulbs=1…99, "+
		"serial=N, colour=white|red|deep-red, label=TEXT, shade=none|paper|glass, "+
		"lit=off|on, is-warm=true|false, wait=TIME, temp=TEXT, levels=X,…, names=TEXT,…, ranks=N,…, seeds=N,…, "+
		"grid=[X,…],…, raw=JSON, file=TEXT", "|", "|")
	for word, want := range map[string]string{
		"lmap":                      `unknown thing "lmap"; did you mean "lamp"? There are lamp, candle, torch, holder`,
		"":                          `unknown thing ""; choose one of lamp, candle, torch, holder`,
		"lamp:powr=3":               `thing lamp has no setting "powr=3" (column 6); did you mean "power"? ` + all,
		"lamp:":                     `thing lamp has no setting "" (column 6); it` + all[2:],
		"lamp:power=1,":             `thing lamp has no setting "" (column 14); it` + all[2:],
		"lamp:0.5":                  `thing lamp has no setting "0.5" (column 6); it` + all[2:],
		"lamp:power":                `thing lamp has no setting "power" (column 6); it` + all[2:],
		"lamp:power=1,bulbs":        `thing lamp has no setting "bulbs" (column 14); it` + all[2:],
		"lamp:fixed=1":              `thing lamp has no setting "fixed=1" (column 6); did you mean "file"? ` + all,
		"lamp:power=0":              `thing lamp takes no power of "0" (column 12); give power=above 0; the nearest that works is power=20`,
		"lamp:power=inf":            `thing lamp takes no power of "inf" (column 12); give power=above 0; the nearest that works is power=20`,
		"lamp:power=nan":            `thing lamp takes no power of "nan" (column 12); give power=above 0; the nearest that works is power=20`,
		"lamp:power=":               `thing lamp takes no power of "" (column 12); give power=above 0; the nearest that works is power=20`,
		"lamp:dim=0.2,dim=0.3":      `dim is set twice in "lamp:dim=0.2,dim=0.3", again in column 14; set it once`,
		"lamp:label=ä,dim=1.5":      `thing lamp takes no dim of "1.5" (column 18); give dim=0…1; the nearest that works is dim=1`,
		"lamp:dim=-2":               `thing lamp takes no dim of "-2" (column 10); give dim=0…1; the nearest that works is dim=0`,
		"lamp:near=1":               `thing lamp takes no near of "1" (column 11); give near=above 0 below 1; the nearest that works is near=0.25`,
		"lamp:bulbs=2.6":            `thing lamp takes no bulbs of "2.6" (column 12); give bulbs=1…99; the nearest that works is bulbs=3`,
		"lamp:bulbs=1e999":          `thing lamp takes no bulbs of "1e999" (column 12); give bulbs=1…99; the nearest that works is bulbs=3`,
		"lamp:colour=rd":            `thing lamp takes no colour of "rd" (column 13); give colour=white|red|deep-red; the nearest that works is colour=red`,
		"lamp:shade=2":              `thing lamp takes no shade of "2" (column 12); give shade=none|paper|glass; the nearest that works is shade=paper`,
		"lamp:lit=true":             `thing lamp takes no lit of "true" (column 10); give lit=off|on; the nearest that works is lit=off`,
		"lamp:temp=3":               `thing lamp takes no temp of "3" (column 11); give temp=TEXT; the nearest that works is temp=0C`,
		"lamp:levels=1,x":           `thing lamp takes no levels of "1,x" (column 13); give levels=X,…`,
		"lamp:levels=1,inf":         `thing lamp takes no levels of "1,inf" (column 13); give levels=X,…`,
		"lamp:grid=1,2":             `thing lamp takes no grid of "1,2" (column 11); give grid=[X,…],…`,
		"lamp:raw=x":                `thing lamp takes no raw of "x" (column 10); give raw=JSON`,
		`lamp:label="a`:             `thing "lamp:label=\"a" has a quote without end in column 12`,
		`lamp:label=a"b"`:           `thing lamp takes no label of "a\"b\"" (column 12); give label=TEXT`,
		"lamp:grid=[1":              `thing "lamp:grid=[1" has a [ without ]`,
		"lamp:grid=1]":              `thing "lamp:grid=1]" has a ] without [ in column 12`,
		"torch:x=1":                 `thing torch has no settings, and "x=1" is given; give its name alone`,
		"holder:thing=lmap":         `unknown thing "lmap"; did you mean "lamp"? There are auto, lamp, candle, torch, holder`,
		`holder:thing="lamp:dim=2"`: `thing lamp takes no dim of "2" (column 10); give dim=0…1; the nearest that works is dim=1`,
	} {
		v, err := things.Parse(word)
		if !errors.Is(err, ito.ErrInput) || v != nil || err.Error() != want {
			t.Errorf("%s: %v\n%v\nwant\n%s", word, v, err, want)
		}
	}
	// What holds more than its word can say has none.
	for _, c := range []struct {
		v    thing
		want string
	}{
		{nil, "there is no thing"},
		{&lamp{Fixed: 8}, "thing lamp has no word: its Fixed is no setting"},
		{candle{f: func() {}}, "thing candle has no word: its state is no setting"},
		{named("moon"), `unknown thing "moon"`},
		{named("lamp"), "thing lamp has no word: it is a spec.named"},
	} {
		if word, err := things.Word(c.v); !errors.Is(err, ito.ErrInput) || word != "" || !strings.HasPrefix(err.Error(),
			c.want) {
			t.Errorf("%v: %q, %v", c.v, word, err)
		}
	}
}

type named string

func (n named) Kind() string { return string(n) }

// anyLamp draws a lamp with every field anything that is legal.
func anyLamp(t *rapid.T) *lamp {
	floats := rapid.SliceOf(rapid.Float64Range(-1e300, 1e300))
	l := &lamp{Fixed: 7,
		Power:  rapid.Float64Range(5e-324, math.MaxFloat64).Draw(t, "power"),
		Dim:    rapid.Float64Range(0, 1).Draw(t, "dim"),
		Near:   rapid.Float64Range(math.Nextafter(0, 1), math.Nextafter(1, 0)).Draw(t, "near"),
		Reach:  rapid.SampledFrom([]float64{1, math.Pi, math.Inf(1)}).Draw(t, "reach"),
		Bulbs:  rapid.IntRange(1, 99).Draw(t, "bulbs"),
		Serial: rapid.Uint64().Draw(t, "serial"),
		Colour: rapid.SampledFrom([]string{"white", "red", "deep-red"}).Draw(t, "colour"),
		Label: rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()),
			func(b []byte) string { return string(b) })).Draw(t, "label"),
		Shade:  shade(rapid.IntRange(0, 2).Draw(t, "shade")),
		Lit:    rapid.Bool().Draw(t, "lit"),
		Warm:   rapid.Bool().Draw(t, "warm"),
		Wait:   time.Duration(rapid.Int64().Draw(t, "wait")),
		Temp:   celsius(rapid.Float64Range(-1e9, 1e9).Draw(t, "temp")),
		Levels: floats.Draw(t, "levels"),
		Names:  rapid.SliceOf(rapid.String()).Draw(t, "names"),
		Ranks:  rapid.SliceOf(rapid.Int()).Draw(t, "ranks"),
		Seeds:  rapid.SliceOf(rapid.Uint64()).Draw(t, "seeds"),
		Grid:   rapid.SliceOf(floats).Draw(t, "grid"),
		File:   rapid.String().Draw(t, "file")}
	if rapid.Bool().Draw(t, "raw") {
		l.Raw, _ = json.Marshal(l.Names)
	}
	return l
}

// same compares configurations: an empty list is no list.
func same(a, b any) bool {
	return settingsOf(a, new(lamp)) == settingsOf(b, new(lamp)) && hiddenFrom(a, b) == ""
}

// Parse∘Word is the identity, and so is Unmarshal∘Marshal; the canonical word is canonical, and its settings may
// stand in any order.
func TestWordRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := anyLamp(t)
		word, err := things.Word(l)
		if err != nil {
			t.Fatal(err)
		}
		back, err := things.Parse(word)
		if err != nil || !same(back, l) {
			t.Fatalf("%s: %v\n%+v\n%+v", word, err, back, l)
		}
		if again, err := things.Word(back); err != nil || again != word {
			t.Fatalf("%s becomes %s", word, again)
		}
		_, settings, err := split(word, false)
		if err != nil {
			t.Fatal(err)
		}
		var shuffled []string
		for _, s := range rapid.Permutation(settings).Draw(t, "order") {
			shuffled = append(shuffled, written(s))
		}
		if len(shuffled) > 0 {
			if back, err = things.Parse("lamp:" + strings.Join(shuffled, ",")); err != nil || !same(back, l) {
				t.Fatalf("in another order: %v", err)
			}
		}
		l.Label, l.File = strings.ToValidUTF8(l.Label, ""), strings.ToValidUTF8(l.File, "") // JSON has no bytes
		n, err := things.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		if back, err = things.Unmarshal(n); err != nil || !same(back, l) {
			t.Fatalf("%s: %v", n.Config, err)
		}
	})
}

func FuzzWord(f *testing.F) {
	for _, w := range []string{"lamp", "lamp:power=3,dim=0.5", `lamp:names="a,b",c,grid=[1,2],[3]`, "holder:thing=lamp",
		`lamp:raw="{}"`, "candle:height=1,,", "lamp:label=ä:b=1"} {
		f.Add(w)
	}
	f.Fuzz(func(t *testing.T, word string) {
		v, err := things.Parse(word)
		if err != nil {
			if !errors.Is(err, ito.ErrInput) || v != nil {
				t.Fatal(err)
			}
			return
		}
		canonical, err := things.Word(v)
		if err != nil {
			t.Fatal(err)
		}
		back, err := things.Parse(canonical)
		if err != nil {
			t.Fatalf("%s: %v", canonical, err)
		}
		if again, err := things.Word(back); err != nil || again != canonical {
			t.Fatalf("%s becomes %s, %v", canonical, again, err)
		}
	})
}

func TestSplitList(t *testing.T) {
	for text, want := range map[string][]string{
		"heun":                                {"heun"},
		"heun,ddim":                           {"heun", "ddim"},
		"pc:predictor=em,corrector=none,heun": {"pc:predictor=em,corrector=none", "heun"},
		"vp:mean=1,2,beta-max=3, ve":          {"vp:mean=1,2,beta-max=3", "ve"},
		`a:b="x,y",c`:                         {`a:b="x,y"`, "c"},
		"":                                    {""},
	} {
		if got := SplitList(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q", text, got)
		}
	}
}

func TestColons(t *testing.T) {
	r := &Registry[thing]{what: "light", name: thing.Kind, Colons: true}
	r.Register("", func() thing { return &lamp{} })
	v, err := r.Parse("lamp:dim=0.5:power=3,bulbs=1:levels=1,2")
	if err != nil {
		t.Fatal(err)
	}
	if word, _ := r.Word(v); word != "lamp:power=3,dim=0.5,bulbs=1,levels=1,2" {
		t.Error(word)
	}
}

func TestRegistrationPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"twice":      func() { things.Register("", func() thing { return torch{} }) },
		"two of one": func() { NewRegistry("thing", thing.Kind) },
		"no struct": func() {
			(&Registry[thing]{name: thing.Kind}).Register("",
				func() thing { return named("moon") })
		},
		"a name": func() {
			(&Registry[thing]{name: thing.Kind}).Register("",
				func() thing { return named("a:b") })
		},
		"a type": func() {
			r := &Registry[any]{name: func(any) string { return "x" }}
			r.Add(Kind[any]{Name: "x", New: func() any { return &struct{ F func() }{} }})
			_, _ = r.Parse("x")
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

// bulb has zeros that stand for defaults.
type bulb struct {
	Watts  float64 `zero:"default" default:"60" above:"0"`
	Life   float64 `zero:"default" default:"inf" above:"0"`
	Socket string  `zero:"default" default:"none" enum:"none,e14,e27" alias:"small=e14"`
	Glass  shade   `enum:"clear,matt" alias:"dull=matt"`
}

func (bulb) Kind() string { return "bulb" }

func TestZerosThatAreDefaults(t *testing.T) {
	r := &Registry[thing]{what: "bulb", name: thing.Kind}
	r.Register("", func() thing { return bulb{} })
	for word, want := range map[string]bulb{
		"bulb": {}, "bulb:watts=60.0,life=inf,socket=none": {}, "bulb:watts=40,life=3,socket=e27": {40, 3, "e27", 0},
		"bulb:glass=dull": {Glass: 1},
	} {
		if v, err := r.Parse(word); err != nil || v != thing(want) {
			t.Errorf("%s is %+v, %v", word, v, err)
		}
	}
	for v, want := range map[bulb]string{{}: "bulb", {Watts: 60}: "bulb", {Life: math.Inf(1), Socket: "none"}: "bulb",
		{Watts: 40, Socket: "e14", Glass: 1}: "bulb:watts=40,socket=e14,glass=matt"} {
		if word, err := r.Word(v); err != nil || word != want {
			t.Errorf("%+v is %s, %v", v, word, err)
		}
		if word := r.NameOf("bulb", v); word != want {
			t.Errorf("%+v is called %s", v, word)
		}
	}
	if _, err := r.Unmarshal(Named{Kind: "bulb", Config: []byte(`{"watts":0}`)}); err == nil {
		t.Error("no light is taken for the default")
	}
	n, err := r.Marshal(bulb{})
	if err != nil || string(n.Config) != `{"watts":60,"life":"inf","socket":"none","glass":"clear"}` {
		t.Errorf("%s, %v", n.Config, err)
	}
	if v, err := r.Unmarshal(n); err != nil || r.NameOf("bulb", v) != "bulb" {
		t.Errorf("%+v, %v", v, err)
	}
	for word, want := range map[string]string{"bulb:watts=0": "the nearest that works is watts=60",
		"bulb:watts=inf": "watts=60", "bulb:socket=": "socket=none"} {
		if _, err := r.Parse(word); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v", word, err)
		}
	}
}

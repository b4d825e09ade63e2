package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"
)

// thing is what the registry of the tests holds.
type thing interface{ Kind() string }

type shade uint8

// celsius is a value with a text of its own.
type celsius float64

func (c celsius) MarshalText() ([]byte, error) { return []byte(numeral(float64(c)) + "C"), nil }

func (c *celsius) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "%gC", (*float64)(c))
	if err == nil && string(b) != numeral(float64(*c))+"C" {
		err = errors.New("not a temperature")
	}
	return err
}

// lamp has a field of every class.
type lamp struct {
	Power  float64         `json:"power" default:"20" above:"0" help:"Watt."`
	Dim    float64         `default:"1" min:"0" max:"1"`
	Near   float64         `above:"0" below:"1" default:"0.5"`
	Reach  float64         `default:"inf" above:"0"`
	Bulbs  int             `default:"3" min:"1" max:"99"`
	Serial uint64          //
	Colour string          `default:"white" enum:"white,red,deep-red"`
	Label  string          //
	Shade  shade           `enum:"none,paper,glass" default:"paper"`
	Lit    bool            `default:"off" enum:"off,on"`
	Warm   bool            `name:"is-warm"`
	Wait   time.Duration   `default:"2s"`
	Temp   celsius         //
	Levels []float64       `json:"levels"`
	Names  []string        //
	Ranks  []int           //
	Seeds  []uint64        //
	Grid   [][]float64     //
	Raw    json.RawMessage //
	File   string          `where:"local"`
	Fixed  int             `config:"-"`
}

func (*lamp) Kind() string { return "lamp" }

// candle is a value, not a pointer.
type candle struct {
	Height float64 `min:"0"`
	f      func()
}

func (candle) Kind() string { return "candle" }

type torch struct{}

func (torch) Kind() string { return "torch" }

// holder has a word in it.
type holder struct {
	Thing string `word:"thing" also:"auto" default:"auto"`
	N     int    `default:"1" min:"1"`
	Out   string `config:"-" where:"local"`
}

func (holder) Kind() string { return "holder" }

var things = func() *Registry[thing] {
	r := NewRegistry("thing", thing.Kind)
	r.Register("A lamp.", func() thing { return &lamp{Fixed: 7, Near: .25} })
	r.Register("A candle.", func() thing { return candle{Height: 10} })
	r.Register("A torch.", func() thing { return torch{} })
	r.Register("A holder of another.", func() thing { return holder{} })
	return r
}()

func parsed(t *testing.T, word string) thing {
	t.Helper()
	v, err := things.Parse(word)
	if err != nil {
		t.Fatalf("%s: %v", word, err)
	}
	return v
}

//go:build unix

package speed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain plays a program whose speed is known where ITO_SPEED_PLAYER says which.
func TestMain(m *testing.M) {
	speed := 0.
	if _, err := fmt.Sscan(os.Getenv("ITO_SPEED_PLAYER"), &speed); err != nil {
		os.Exit(m.Run())
	}
	if len(os.Args) > 1 && os.Args[1] == "info" {
		return
	}
	var line string
	for {
		var words [3]string
		if _, err := fmt.Scan(&line); err != nil {
			return
		}
		switch line {
		case "begin":
			fmt.Scan(&words[0], &words[1])
			var name string
			fmt.Scanln(&words[2], &name)
			if speed == 7 && words[2] == "nuts" {
				fmt.Println(`{"error": "there is no measure \"nuts\""}`)
				continue
			}
			fmt.Println(`{"n": 3, "slices": 10}`)
		case "turn":
			fmt.Scanln(&words[0], &words[1])
			if words[0] != "3" || words[1] != "2" { // ten slices in five bursts
				fmt.Println(`{"error": "another turn than was begun"}`)
				continue
			}
			fmt.Printf("{\"turn\": {\"rates\": [%g, %g]}}\n", speed, 1.5*speed)
		}
	}
}

// player writes a program of that speed.
func playerOf(t *testing.T, speed float64) string {
	t.Helper()
	this, err := os.Executable()
	must(t, err)
	path := filepath.Join(t.TempDir(), "ito")
	must(t, os.WriteFile(path, fmt.Appendf(nil, "#!/bin/sh\nITO_SPEED_PLAYER=%g exec '%s' \"$@\"\n", speed, this),
		0o700))
	return path
}

// Two programs that take turns have the ratio of their speeds, in that direction, and what one of them lacks is said.
func TestCompare(t *testing.T) {
	cfg := Config{Turns: 3, start: func(string) (float64, error) { return .01, nil }}
	for _, c := range []struct {
		other, this float64
		slower      bool
	}{{100, 200, false}, {100, 98, false}, {100, 96, true}, {7, 7, false}} {
		got, err := Compare(t.Context(), playerOf(t, c.other), playerOf(t, c.this), cfg)
		must(t, err)
		seen := 0
		for _, p := range got.Pairs {
			switch p.Name {
			case "start", "size":
				if p.Name == "start" && p.Ratio.Median != 1 {
					t.Errorf("starts that take as long have the ratio %g", p.Ratio.Median)
				}
				continue
			case "nuts":
				if (p.Absent != "") != (c.other == 7) {
					t.Errorf("nuts, which one of them lacks, is %q", p.Absent)
				}
				if p.Absent != "" {
					continue
				}
			}
			seen++
			want := c.this / c.other
			if p.Ratio.Median != want || p.Best != want || p.Other.Median != 1.25*c.other || p.Slower(.03) != c.slower {
				t.Errorf("%g over %g: %+v", c.this, c.other, p)
			}
		}
		if want := 7; seen != want && c.other != 7 {
			t.Errorf("%d measures, want %d", seen, want)
		}
	}
}

func TestCompareRefuses(t *testing.T) {
	for _, other := range []string{"/no/such/program", "/dev/null", "/bin/cat"} {
		if _, err := Compare(t.Context(), other, playerOf(t, 1), Config{Turns: 1}); !Unfit(err) {
			t.Errorf("%s: %v", other, err)
		}
	}
}

// A program that takes turns answers every line, whatever it says.
func TestServe(t *testing.T) {
	var out bytes.Buffer
	in := "turn 1 1\nbegin 0.001 1 product 64×64×64\nturn 5 4\n\nturn 0 1\nbegin 1 1 nonsense\nbegin x 1 nuts\nbegin " +
		"1 0 nuts\nbegin\njump\nbegin 0.001 1 compiling a step\nturn 1 2\n"
	must(t, Serve(t.Context(), strings.NewReader(in), &out))
	var got []answer
	for line := range strings.Lines(out.String()) {
		var a answer
		must(t, json.Unmarshal([]byte(line), &a))
		got = append(got, a)
	}
	if len(got) != 11 {
		t.Fatalf("%d answers:\n%s", len(got), &out)
	}
	for i, a := range got {
		if fails := i == 0 || i >= 3 && i <= 8; (a.Error != "") != fails {
			t.Errorf("answer %d is %+v", i, a)
		}
	}
	if got[1].N < 1 || got[1].Slices < 1 || len(got[2].Turn.Rates) != 4 || len(got[10].Turn.Rates) != 2 {
		t.Fatalf("%+v", got)
	}
	for _, r := range append(got[2].Turn.Rates, got[10].Turn.Rates...) {
		if !(r > 0) {
			t.Errorf("a rate of %g", r)
		}
	}
}

// Every measure runs with one worker and with two, and is summed up.
func TestRun(t *testing.T) {
	r, err := Run(t.Context(), Config{Turns: 2, Length: time.Millisecond, Workers: []int{1, 2}, Program: "ito",
		start: func(string) (float64, error) { return .5, nil },
		Only:  func(name string) bool { return !strings.Contains(name, "4096") }})
	if !errors.Is(err, os.ErrNotExist) { // the size of a program that is not there
		t.Fatal(err)
	}
	if len(r.Results) != 4+2*(3+2+4) {
		t.Errorf("%d results", len(r.Results))
	}
	for _, m := range r.Results {
		if !(m.Rate.Median > 0 && m.Rate.Lower <= m.Rate.Median && m.Rate.Median <= m.Rate.Upper &&
			m.Best >= m.Rate.Upper) || m.Turns != 2 {
			t.Errorf("%+v", m)
		}
	}
}

func TestSpread(t *testing.T) {
	if got := spread([]float64{4, 1, 3, 2, 5}); got != (Spread{3, 2, 4}) {
		t.Errorf("%+v", got)
	}
	if got := spread([]float64{2, 1}); got != (Spread{1.5, 1.25, 1.75}) {
		t.Errorf("%+v", got)
	}
	if got := spread([]float64{7}); got != (Spread{7, 7, 7}) {
		t.Errorf("%+v", got)
	}
}

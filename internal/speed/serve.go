package speed

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// answer is what a program that takes turns says to a line.
type answer struct {
	Error  string `json:"error,omitempty"`
	N      int    `json:"n,omitempty"`      // to begin: how often it fits into a slice
	Slices int    `json:"slices,omitempty"` // and how many of these into a turn
	Turn   *Turn  `json:"turn,omitempty"`
}

// Serve takes turns with other programs: it answers every line of in with a line of JSON.
//
//	begin LENGTH WORKERS NAME   makes a measure ready for turns of so many seconds; answers {"n": repetitions
//	                            in a slice, "slices": in a turn}
//	turn N SLICES               times so many slices of N; answers {"turn": a [Turn]}
//
// What cannot be done is {"error": …}. It ends with in.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	var now *begun
	stop := func() {
		if now != nil {
			now.end()
			now = nil
		}
	}
	defer stop()
	begin := func(words []string) (answer, error) {
		stop()
		if len(words) < 3 {
			return answer{}, fmt.Errorf("begin takes a length, workers and a name")
		}
		length, err := strconv.ParseFloat(words[0], 64)
		if err != nil {
			return answer{}, err
		}
		workers, err := strconv.Atoi(words[1])
		if err != nil || workers < 1 {
			return answer{}, fmt.Errorf("%q workers", words[1])
		}
		name := strings.Join(words[2:], " ")
		for _, m := range measures() {
			if m.name == name {
				now, err = m.start(ctx, workers, time.Duration(length*float64(time.Second)))
				if err != nil {
					return answer{}, err
				}
				return answer{N: now.n, Slices: now.slices}, nil
			}
		}
		return answer{}, fmt.Errorf("there is no measure %q", name)
	}
	turn := func(words []string) (answer, error) {
		if now == nil || len(words) != 2 {
			return answer{}, fmt.Errorf("turn takes two numbers, after begin")
		}
		for i, into := range []*int{&now.n, &now.slices} {
			n, err := strconv.Atoi(words[i])
			if err != nil || n < 1 {
				return answer{}, fmt.Errorf("a turn of %q", words)
			}
			*into = n
		}
		t, err := now.turn(ctx)
		return answer{Turn: &t}, err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		a, err := answer{}, error(nil)
		switch {
		case len(words) == 0:
			continue
		case words[0] == "begin":
			a, err = begin(words[1:])
		case words[0] == "turn":
			a, err = turn(words[1:])
		default:
			err = fmt.Errorf("%q is not begin or turn", words[0])
		}
		if err != nil {
			a = answer{Error: err.Error()}
		}
		b, err := json.Marshal(a)
		if err != nil {
			return err
		}
		if _, err := out.Write(append(b, '\n')); err != nil {
			return err
		}
	}
	return lines.Err()
}

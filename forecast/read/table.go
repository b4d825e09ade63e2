package read

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/lines"
)

// sampled rows are looked at to find out what the columns are.
const sampled = 500

var errEnough = errors.New("enough")

// table reads a long or wide table, or the rows of the M4 competition.
func (r *reader) table(name string, stdin io.Reader, format string) error {
	in, err := frame.Open(name, frame.ReadOptions{Stdin: stdin})
	if err != nil {
		return err
	}
	defer in.Close()
	if !r.appending {
		r.name = in.Name
	}
	var sample [][]string
	var at []int
	err = in.Lines(func(line int, cells []string) error {
		if len(sample) == sampled {
			return errEnough
		}
		sample, at = append(sample, slices.Clone(cells)), append(at, line)
		return nil
	})
	if err != nil && err != errEnough {
		return err
	}
	if len(sample) == 0 {
		return r.bad("give rows", "there is no row in it")
	}
	c, err := r.roles(in, sample, format)
	if err != nil {
		return err
	}
	if r.format == M4 {
		return r.m4(in)
	}
	if c.clock, err = r.newClock(in.Columns[c.time], column(sample, c.time), at); err != nil {
		return err
	}
	for {
		err := r.rows(in, c)
		if err == errNextLayout {
			for _, b := range r.order {
				b.t, b.line, b.x = b.t[:b.parts], b.line[:b.parts], b.x[:b.parts]
				for k := range b.cov {
					b.cov[k] = b.cov[k][:min(len(b.cov[k]), b.parts)]
				}
			}
			continue
		}
		return err
	}
}

// rows reads all rows.
func (r *reader) rows(in *frame.Input, c *columns) error {
	number := func(line, k int, cells []string) (float64, error) {
		if k < 0 || in.Missing(cells[k]) {
			return math.NaN(), nil
		}
		v, ok := in.Number(cells[k])
		switch {
		case !ok && (strings.EqualFold(strings.TrimLeft(cells[k], "+-"), "inf") ||
			strings.EqualFold(strings.TrimLeft(cells[k], "+-"), "infinity")):
			r.found.add("infinite", 1, fmt.Sprintf("line %d", line), "infinite value", "taken as missing")
			return math.NaN(), nil
		case !ok:
			return v, r.at(line, in.Columns[k], "mend it, or leave it empty where it is missing", "%s is no number",
				lines.Brief(cells[k]))
		case !(math.Abs(v) <= 1e120):
			return v, r.at(line, in.Columns[k], "mend it, or give the numbers in another unit",
				"%s is beyond ±1e120", cells[k])
		}
		return v, nil
	}
	return in.Lines(func(line int, cells []string) error {
		t, err := c.clock.read(r, line, cells[c.time])
		if err != nil {
			return err
		}
		take := func(id string, value int) error {
			b := r.get(id)
			v, err := number(line, value, cells)
			if err != nil {
				return err
			}
			t := c.clock.later(r, line, t, b)
			at := int32(line)
			if r.appending {
				at = -at
			}
			b.t, b.line, b.x = append(b.t, t), append(b.line, at), append(b.x, v)
			for k, at := range c.cov {
				x, err := number(line, at, cells)
				if err != nil {
					return err
				}
				b.cov[k] = append(b.cov[k], x)
			}
			return nil
		}
		if r.format == Wide {
			for _, k := range c.series {
				if err := take(in.Columns[k], k); err != nil {
					return err
				}
			}
			return nil
		}
		id := "series"
		if c.id >= 0 {
			if id = cells[c.id]; in.Missing(id) {
				return r.at(line, in.Columns[c.id], "give each row the name of its series", "it is empty")
			}
		} else if c.value >= 0 {
			id = in.Columns[c.value]
		} else if len(r.order) > 0 {
			id = r.order[0].id // appended covariates of the one series
		}
		return take(id, c.value)
	})
}

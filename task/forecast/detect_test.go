package forecast

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/task"
)

// TestDetect injects drops of six hours into series with a day's season: each is found within two hours of its start
// and hardly anything else is, where a z-score of the values, at the same number of alarms, misses most, since a drop
// by day is still above the night.
func TestDetect(t *testing.T) {
	const series, n, last = 8, 24 * 40, 24 * 10
	var b strings.Builder
	b.WriteString("id,time,y\n")
	truth := map[string][2]int{}
	hits, zhits := 0, 0
	for i := range series {
		z := make([]float64, n)
		rng.NewKey(9, rng.PurposeTarget, 0, 0).Normals64(z, n, []uint64{uint64(i)})
		at := n - last + 24*(i%8) + 9 + i%4 // by day
		id := fmt.Sprint("s", i)
		truth[id] = [2]int{at, at + 6}
		var x []float64
		for k := range n {
			v := 100 + 60*math.Sin(2*math.Pi*float64(k-6)/24) + 3*z[k]
			if k >= at && k < at+6 {
				v *= .7
			}
			x = append(x, v)
			fmt.Fprintf(&b, "%s,%d,%.3f\n", id, 1767225600+3600*k, v)
		}
		mean, sd := 0., 0.
		for _, v := range x[:n-last] {
			mean += v / float64(n-last)
		}
		for _, v := range x[:n-last] {
			sd += (v - mean) * (v - mean) / float64(n-last)
		}
		for k := at; k < at+6; k++ {
			if math.Abs(x[k]-mean) > 2.58*math.Sqrt(sd) {
				zhits++
				break
			}
		}
	}
	var out bytes.Buffer
	c := DetectConfig{Model: "seasonal-errors", Data: file(t, "a.csv", b.String()), Last: last, Level: .99, Enter: 2,
		Leave: 3, Out: "-", Reading: Reading{Format: "auto"}}
	r, err := Detect(t.Context(), c, task.Env{Stdout: &out})
	if err != nil {
		t.Fatal(err)
	}
	alarms := 0
	for _, a := range r.Anomalies {
		at := int(a.Start.Unix()-1767225600) / 3600
		want := truth[a.Series]
		if at >= want[0] && at <= want[0]+2 {
			hits++
		} else if at < want[0] || at > want[1]+24 { // a day later the season that is repeated has the drop
			alarms++
		}
	}
	if hits != series || alarms > 2 || zhits > series/4 {
		t.Errorf("found %d of %d drops, %d false alarms; a z-score finds %d\n%s", hits, series, alarms, zhits, &out)
	}
	if r.Steps != series*last || !strings.HasPrefix(out.String(), "series,start,end,steps,excess\ns0,2026-") {
		t.Errorf("%d steps\n%s", r.Steps, &out)
	}
	again := c
	again.Workers = 3
	var second bytes.Buffer
	if _, err := Detect(t.Context(), again, task.Env{Stdout: &second}); err != nil || second.String() != out.String() {
		t.Errorf("three workers find others: %v", err)
	}
}
